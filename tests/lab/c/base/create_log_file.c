/* ClfsCreateLogFile: names, dispositions, access, sharing, kinds of logs, and everything that it refuses. */
#include "fixture.h"

static NTSTATUS open_as(PUNICODE_STRING name, ULONG disposition) {
    PLOG_FILE_OBJECT file;
    FILL(file);
    NTSTATUS status = open_with(&file, name, READ_WRITE_DELETE, SHARE_ALL, disposition, FILE_ATTRIBUTE_NORMAL);
    if (status == STATUS_SUCCESS)
        close_log(file);
    else
        CHECK(IS_MARKED(file));
    return status;
}

TEST(null_pointers_are_invalid_parameters) {
    PLOG_FILE_OBJECT file;
    UNICODE_STRING nowhere = {8, 8, NULL};
    FILL(file);
    CHECK_STATUS(open_with(NULL, TEXT("log:null"), READ_WRITE_DELETE, SHARE_ALL, OPEN_ALWAYS, 0),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(open_with(&file, NULL, READ_WRITE_DELETE, SHARE_ALL, OPEN_ALWAYS, 0), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(open_with(&file, &nowhere, READ_WRITE_DELETE, SHARE_ALL, OPEN_ALWAYS, 0), STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(file));
    CHECK_STATUS(open_as(TEXT("log:null"), OPEN_EXISTING), STATUS_OBJECT_NAME_NOT_FOUND);
}

TEST(a_name_of_half_a_unit_is_an_invalid_parameter) {
    UNICODE_STRING odd = *TEXT("log:odd");
    odd.Length--;
    CHECK_STATUS(open_as(&odd, OPEN_ALWAYS), STATUS_INVALID_PARAMETER);
}

TEST(a_context_needs_a_size) {
    PLOG_FILE_OBJECT file;
    UCHAR context[8] = {0};
    FILL(file);
    CHECK_STATUS(ClfsCreateLogFile(&file, TEXT("log:context"), READ_WRITE_DELETE, SHARE_ALL, NULL, OPEN_ALWAYS, 0,
                                   FILE_ATTRIBUTE_NORMAL, 0, context, 0),
                 STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(file));
    CHECK_STATUS(ClfsCreateLogFile(&file, TEXT("log:context"), READ_WRITE_DELETE, SHARE_ALL, NULL, OPEN_ALWAYS, 0,
                                   FILE_ATTRIBUTE_NORMAL, 0, context, sizeof context),
                 STATUS_SUCCESS);
    close_log(file);
}

TEST(what_is_no_name_of_a_log_is_refused) {
    const PUNICODE_STRING names[] = {TEXT(""),         TEXT("l"),           TEXT("log"),     TEXT("log:"),
                                     TEXT("log:::"),   TEXT("log:::x"),     TEXT("plain"),   TEXT("file:a"),
                                     TEXT(":log"),     TEXT("log:a.blf"),   TEXT("log:a.blf::s")};
    for (unsigned at = 0; at < sizeof names / sizeof *names; at++)
        CHECK_STATUS(open_as(names[at], OPEN_ALWAYS), STATUS_OBJECT_NAME_INVALID);
}

TEST(a_nul_in_a_name_opens_nothing) {
    WCHAR units[] = CLFSMGMT_TEXT("log:a?b");
    UNICODE_STRING name = {sizeof units - 2, sizeof units, units};
    units[5] = 0;
    CHECK(!NT_SUCCESS(open_as(&name, OPEN_ALWAYS)));
}

TEST(a_name_may_be_as_long_as_a_string_and_still_gives_a_status) {
    static WCHAR units[32767];
    UNICODE_STRING name = {65534, 65534, units};
    for (unsigned at = 0; at < 32767; at++)
        units[at] = 'x';
    memcpy(units, CLFSMGMT_TEXT("log:"), 8);
    CHECK(!NT_SUCCESS(open_as(&name, OPEN_ALWAYS)));
    CHECK(!NT_SUCCESS(open_as(&name, OPEN_EXISTING)));
    /* Surrogates without their halves. */
    units[5] = 0xD800;
    units[6] = 0xDC00;
    units[7] = 0xDC00;
    name.Length = 18;
    NTSTATUS status = open_as(&name, CREATE_NEW);
    CHECK(status == STATUS_SUCCESS || status == STATUS_OBJECT_NAME_INVALID);
}

TEST(a_name_need_not_end_with_nul_nor_be_aligned) {
    UCHAR *bytes = malloc(1 + 14);
    memcpy(bytes + 1, CLFSMGMT_TEXT("log:raw"), 14);
    UNICODE_STRING name = {14, 14, (PWSTR)(void *)(bytes + 1)};
    CHECK_STATUS(open_as(&name, CREATE_NEW), STATUS_SUCCESS);
    free(bytes);
    CHECK_STATUS(open_as(TEXT("log:raw"), OPEN_EXISTING), STATUS_SUCCESS);
}

TEST(dispositions_say_what_must_exist) {
    CHECK_STATUS(open_as(TEXT("log:kinds"), OPEN_EXISTING), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(open_as(TEXT("log:kinds"), CREATE_NEW), STATUS_SUCCESS);
    CHECK_STATUS(open_as(TEXT("log:kinds"), CREATE_NEW), STATUS_OBJECT_NAME_COLLISION);
    CHECK_STATUS(open_as(TEXT("log:kinds"), OPEN_EXISTING), STATUS_SUCCESS);
    CHECK_STATUS(open_as(TEXT("log:kinds"), OPEN_ALWAYS), STATUS_SUCCESS);
    const ULONG others[] = {0, 2, 5, 6, 0x80000000, 0xFFFFFFFF};
    for (unsigned at = 0; at < sizeof others / sizeof *others; at++)
        CHECK_STATUS(open_as(TEXT("log:kinds"), others[at]), STATUS_INVALID_PARAMETER);
}

TEST(a_folder_that_does_not_exist_is_a_path_not_found) {
    CHECK_STATUS(open_as(TEXT("log:nowhere/log"), OPEN_ALWAYS), STATUS_OBJECT_PATH_NOT_FOUND);
    CHECK_STATUS(open_as(TEXT("log:nowhere/log"), CREATE_NEW), STATUS_OBJECT_PATH_NOT_FOUND);
    CHECK_STATUS(open_as(TEXT("log:nowhere/log"), OPEN_EXISTING), STATUS_OBJECT_PATH_NOT_FOUND);
}

TEST(unknown_bits_of_sharing_and_attributes_are_invalid_parameters) {
    PLOG_FILE_OBJECT file;
    FILL(file);
    for (unsigned bit = 3; bit < 32; bit++)
        CHECK_STATUS(open_with(&file, TEXT("log:bits"), READ_WRITE_DELETE, (ULONG)1 << bit, OPEN_ALWAYS,
                               FILE_ATTRIBUTE_NORMAL),
                     STATUS_INVALID_PARAMETER);
    CHECK_STATUS(open_with(&file, TEXT("log:bits"), READ_WRITE_DELETE, SHARE_ALL, OPEN_ALWAYS, 0x80000000),
                 STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(file));
}

/* Opens with these options and flags, and closes what was opened. */
static NTSTATUS open_flagged(ULONG options, ULONG flags) {
    PLOG_FILE_OBJECT file;
    FILL(file);
    NTSTATUS status = ClfsCreateLogFile(&file, TEXT("log:flags"), READ_WRITE_DELETE, SHARE_ALL, NULL, OPEN_ALWAYS,
                                        options, FILE_ATTRIBUTE_NORMAL, flags, NULL, 0);
    if (status == STATUS_SUCCESS)
        close_log(file);
    else
        CHECK(IS_MARKED(file));
    return status;
}

TEST(flags_that_ask_for_a_target_below_a_filter_are_not_supported) {
    const ULONG below[] = {CLFS_FLAG_FILTER_INTERMEDIATE_LEVEL, CLFS_FLAG_MINIFILTER_LEVEL};
    for (unsigned at = 0; at < 2; at++) {
        CHECK_STATUS(open_flagged(0, below[at]), STATUS_NOT_SUPPORTED);
        CHECK_STATUS(open_flagged(0, below[at] | CLFS_FLAG_IGNORE_SHARE_ACCESS), STATUS_NOT_SUPPORTED);
        CHECK_STATUS(ClfsDeleteLogFile(TEXT("log:flags"), NULL, below[at], NULL, 0), STATUS_NOT_SUPPORTED);
    }
    CHECK_STATUS(open_as(TEXT("log:flags"), OPEN_EXISTING), STATUS_OBJECT_NAME_NOT_FOUND);
}

TEST(flags_of_the_callers_place_that_change_nothing_are_taken) {
    CHECK_STATUS(open_flagged(0, CLFS_FLAG_NO_FLAGS), STATUS_SUCCESS);
    CHECK_STATUS(open_flagged(0, CLFS_FLAG_REENTRANT_FILE_SYSTEM | CLFS_FLAG_IGNORE_SHARE_ACCESS), STATUS_SUCCESS);
    CHECK_STATUS(open_flagged(0, CLFS_FLAG_FILTER_TOP_LEVEL | CLFS_FLAG_HIDDEN_SYSTEM_LOG), STATUS_SUCCESS);
}

TEST(unknown_flags_are_invalid_parameters) {
    const ULONG known = CLFS_FLAG_REENTRANT_FILE_SYSTEM | CLFS_FLAG_NON_REENTRANT_FILTER | CLFS_FLAG_REENTRANT_FILTER |
                        CLFS_FLAG_IGNORE_SHARE_ACCESS | CLFS_FLAG_MINIFILTER_LEVEL | CLFS_FLAG_HIDDEN_SYSTEM_LOG;
    for (unsigned bit = 0; bit < 32; bit++)
        if (((ULONG)1 << bit & known) == 0) {
            CHECK_STATUS(open_flagged(0, (ULONG)1 << bit), STATUS_INVALID_PARAMETER);
            CHECK_STATUS(open_flagged(0, (ULONG)1 << bit | CLFS_FLAG_MINIFILTER_LEVEL), STATUS_INVALID_PARAMETER);
            CHECK_STATUS(ClfsDeleteLogFile(TEXT("log:flags"), NULL, (ULONG)1 << bit, NULL, 0), STATUS_INVALID_PARAMETER);
        }
}

TEST(work_is_synchronous_in_one_way_or_the_other_and_not_in_both) {
    const ULONG either = FILE_SYNCHRONOUS_IO_ALERT, other = FILE_SYNCHRONOUS_IO_NONALERT;
    CHECK_STATUS(open_flagged(either | other, 0), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(open_flagged(either | other | FILE_NO_INTERMEDIATE_BUFFERING, 0), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(open_flagged(either, 0), STATUS_SUCCESS);
    CHECK_STATUS(open_flagged(other | FILE_NO_INTERMEDIATE_BUFFERING, 0), STATUS_SUCCESS);
}

TEST(sharing_decides_who_may_join) {
    PLOG_FILE_OBJECT alone, other;
    REQUIRE_STATUS(open_with(&alone, TEXT("log:shared"), GENERIC_READ | GENERIC_WRITE, 0, CREATE_NEW, 0),
                   STATUS_SUCCESS);
    FILL(other);
    CHECK_STATUS(open_with(&other, TEXT("log:shared"), GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0),
                 STATUS_SHARING_VIOLATION);
    CHECK(IS_MARKED(other));
    CHECK_STATUS(ClfsCreateLogFile(&other, TEXT("log:shared"), GENERIC_READ, SHARE_ALL, NULL, OPEN_EXISTING, 0, 0,
                                   CLFS_FLAG_IGNORE_SHARE_ACCESS, NULL, 0),
                 STATUS_SUCCESS);
    close_log(other);
    close_log(alone);
    REQUIRE_STATUS(open_with(&alone, TEXT("log:shared"), GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0),
                   STATUS_SUCCESS);
    CHECK_STATUS(open_with(&other, TEXT("log:shared"), GENERIC_WRITE, SHARE_ALL, OPEN_EXISTING, 0),
                 STATUS_SHARING_VIOLATION);
    CHECK_STATUS(open_with(&other, TEXT("log:shared"), GENERIC_READ, 0, OPEN_EXISTING, 0), STATUS_SHARING_VIOLATION);
    CHECK_STATUS(open_with(&other, TEXT("log:shared"), GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0), STATUS_SUCCESS);
    close_log(other);
    close_log(alone);
}

TEST(without_write_access_nothing_is_written) {
    PLOG_FILE_OBJECT reader;
    LOG log = make_log(TEXT("log:rights"));
    CLFS_LSN lsn = put(log.area, "kept"), end = information(log.file).LastLsn, out;
    FILL(out);
    REQUIRE_STATUS(open_with(&reader, TEXT("log:rights"), GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0), STATUS_SUCCESS);
    PVOID area = make_area(reader);
    LONGLONG bytes = 512;
    CHECK_STATUS(append(area, "x", 1, 0, &out), STATUS_ACCESS_DENIED);
    CHECK(IS_MARKED(out));
    CHECK_STATUS(ClfsFlushBuffers(area), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsFlushToLsn(area, &lsn, &out), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsAdvanceLogBase(area, &end, 0), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsWriteRestartArea(area, "x", 1, NULL, 0, NULL, &out), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsAllocReservedLog(area, 1, &bytes), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsAlignReservedLog(area, 1, &bytes, &bytes), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsFreeReservedLog(area, 1, &bytes), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsAddLogContainer(reader, NULL, TEXT("%BLF%\\never")), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsRemoveLogContainer(reader, TEXT("%BLF%\\never"), TRUE), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsSetArchiveTail(reader, &end), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsSetLogFileInformation(reader, ClfsLogBasicInformation, &end, 8), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsCloseAndResetLogFile(reader), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsDeleteLogByPointer(reader), STATUS_ACCESS_DENIED);
    expect_at(area, lsn, "kept");
    CHECK_STATUS(ClfsDeleteMarshallingArea(area), STATUS_SUCCESS);
    close_log(reader);
    drop_log(&log);
}

TEST(without_read_access_no_record_is_read) {
    PLOG_FILE_OBJECT writer;
    RECORD record;
    LOG log = make_log(TEXT("log:write-only"));
    CLFS_LSN lsn = put(log.area, "secret");
    REQUIRE_STATUS(open_with(&writer, TEXT("log:write-only"), GENERIC_WRITE, SHARE_ALL, OPEN_EXISTING, 0),
                   STATUS_SUCCESS);
    PVOID area = make_area(writer);
    CHECK_STATUS(read_first(&record, area, lsn, ClfsContextForward), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsReadRestartArea(area, &record.bytes, &record.length, &record.lsn, &record.context),
                 STATUS_ACCESS_DENIED);
    put(area, "more");
    CHECK_STATUS(ClfsDeleteMarshallingArea(area), STATUS_SUCCESS);
    close_log(writer);
    drop_log(&log);
}

TEST(the_read_only_attribute_takes_the_right_to_write) {
    PLOG_FILE_OBJECT file;
    close_log(open_log(TEXT("log:read-only")));
    REQUIRE_STATUS(open_with(&file, TEXT("log:read-only"), READ_WRITE_DELETE, SHARE_ALL, OPEN_EXISTING,
                             FILE_ATTRIBUTE_READONLY),
                   STATUS_SUCCESS);
    ULONGLONG size = CONTAINER_BYTES;
    CHECK_STATUS(ClfsAddLogContainer(file, &size, TEXT("%BLF%\\never")), STATUS_ACCESS_DENIED);
    CHECK_STATUS(ClfsDeleteLogByPointer(file), STATUS_ACCESS_DENIED);
    close_log(file);
}

TEST(a_log_is_dedicated_or_multiplexed_for_life) {
    CHECK_STATUS(open_as(TEXT("log:one"), CREATE_NEW), STATUS_SUCCESS);
    CHECK_STATUS(open_as(TEXT("log:one::s"), OPEN_ALWAYS), STATUS_LOG_DEDICATED);
    CHECK_STATUS(open_as(TEXT("log:one::"), OPEN_ALWAYS), STATUS_LOG_DEDICATED);
    CHECK_STATUS(open_as(TEXT("log:many::s"), CREATE_NEW), STATUS_SUCCESS);
    CHECK_STATUS(open_as(TEXT("log:many"), OPEN_ALWAYS), STATUS_LOG_MULTIPLEXED);
    CHECK_STATUS(open_as(TEXT("log:many::"), OPEN_EXISTING), STATUS_SUCCESS);
    CHECK_STATUS(open_as(TEXT("log:many::s"), CREATE_NEW), STATUS_OBJECT_NAME_COLLISION);
    CHECK_STATUS(open_as(TEXT("log:many::t"), OPEN_EXISTING), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(open_as(TEXT("log:many::t"), CREATE_NEW), STATUS_SUCCESS);
}

TEST(a_dedicated_attribute_contradicts_the_name_of_a_stream) {
    PLOG_FILE_OBJECT file;
    FILL(file);
    CHECK_STATUS(open_with(&file, TEXT("log:both::s"), READ_WRITE_DELETE, SHARE_ALL, OPEN_ALWAYS,
                           FILE_ATTRIBUTE_DEDICATED),
                 STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(file));
}

TEST(an_archived_multiplexed_log_is_not_supported) {
    PLOG_FILE_OBJECT file;
    FILL(file);
    CHECK_STATUS(open_with(&file, TEXT("log:archived::s"), READ_WRITE_DELETE, SHARE_ALL, OPEN_ALWAYS,
                           FILE_ATTRIBUTE_ARCHIVE),
                 STATUS_NOT_SUPPORTED);
    CHECK(IS_MARKED(file));
}

TEST(a_damaged_base_log_file_opens_no_log) {
    LOG log = make_log(TEXT("log:damaged"));
    put(log.area, "lost");
    drop_log(&log);
    FILE *base = fopen("damaged.blf", "r+b");
    REQUIRE(base != NULL && fseek(base, 0, SEEK_END) == 0);
    long length = ftell(base);
    CHECK(length > 0 && fseek(base, 0, SEEK_SET) == 0);
    for (long at = 0; at < length; at++)
        fputc(0x5A, base);
    fclose(base);
    CHECK(NT_ERROR(open_as(TEXT("log:damaged"), OPEN_EXISTING)));
    CHECK(NT_ERROR(open_as(TEXT("log:damaged"), OPEN_ALWAYS)));
    base = fopen("damaged.blf", "wb");
    REQUIRE(base != NULL);
    fclose(base);
    CHECK(NT_ERROR(open_as(TEXT("log:damaged"), OPEN_EXISTING)));
}

TEST(many_handles_of_one_log_and_of_many_streams_are_open_at_once) {
    enum { HANDLES = 200 };
    PLOG_FILE_OBJECT files[HANDLES];
    for (unsigned at = 0; at < HANDLES; at++)
        files[at] = open_log(TEXT("log:crowd"));
    for (unsigned at = 1; at < HANDLES; at++)
        CHECK(files[at] != files[at - 1] && files[at] != NULL);
    for (unsigned at = 0; at < HANDLES; at++)
        close_log(files[at]);
}

TEST(a_log_has_only_so_many_streams) {
    WCHAR units[] = CLFSMGMT_TEXT("log:streams::s000");
    UNICODE_STRING name = {sizeof units - 2, sizeof units, units};
    NTSTATUS status = STATUS_SUCCESS;
    unsigned count = 0;
    PLOG_FILE_OBJECT whole = open_log(TEXT("log:streams::"));
    while (count < 300 && status == STATUS_SUCCESS) {
        units[14] = (WCHAR)('0' + count / 100);
        units[15] = (WCHAR)('0' + count / 10 % 10);
        units[16] = (WCHAR)('0' + count % 10);
        status = open_as(&name, CREATE_NEW);
        count += status == STATUS_SUCCESS;
    }
    CHECK(count >= 64 && count <= 124 && NT_ERROR(status));
    /* The log itself is one. */
    CHECK(information(whole).TotalClients == count + 1);
    close_log(whole);
}

int main(void) {
    RUN(null_pointers_are_invalid_parameters);
    RUN(a_name_of_half_a_unit_is_an_invalid_parameter);
    RUN(a_context_needs_a_size);
    RUN(what_is_no_name_of_a_log_is_refused);
    RUN(a_nul_in_a_name_opens_nothing);
    RUN(a_name_may_be_as_long_as_a_string_and_still_gives_a_status);
    RUN(a_name_need_not_end_with_nul_nor_be_aligned);
    RUN(dispositions_say_what_must_exist);
    RUN(a_folder_that_does_not_exist_is_a_path_not_found);
    RUN(unknown_bits_of_sharing_and_attributes_are_invalid_parameters);
    RUN(flags_that_ask_for_a_target_below_a_filter_are_not_supported);
    RUN(flags_of_the_callers_place_that_change_nothing_are_taken);
    RUN(unknown_flags_are_invalid_parameters);
    RUN(work_is_synchronous_in_one_way_or_the_other_and_not_in_both);
    RUN(sharing_decides_who_may_join);
    RUN(without_write_access_nothing_is_written);
    RUN(without_read_access_no_record_is_read);
    RUN(the_read_only_attribute_takes_the_right_to_write);
    RUN(a_log_is_dedicated_or_multiplexed_for_life);
    RUN(a_dedicated_attribute_contradicts_the_name_of_a_stream);
    RUN(an_archived_multiplexed_log_is_not_supported);
    RUN(a_damaged_base_log_file_opens_no_log);
    RUN(many_handles_of_one_log_and_of_many_streams_are_open_at_once);
    RUN(a_log_has_only_so_many_streams);
    return check_end();
}
