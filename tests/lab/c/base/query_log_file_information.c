/* ClfsQueryLogFileInformation: each class, its size, and what it says. */
#include "fixture.h"

static LOG log_;

static NTSTATUS query(PLOG_FILE_OBJECT file, CLFS_LOG_INFORMATION_CLASS class, PVOID buffer, PULONG length) {
    return ClfsQueryLogFileInformation(file, class, NULL, 0, buffer, length);
}

TEST(basic_information_says_what_the_log_is_like) {
    CLFS_INFORMATION basic, physical;
    ULONG length = sizeof basic;
    CLFS_LSN first = put(log_.area, "first"), next;
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, "restart", 7, NULL, 0, NULL, &next), STATUS_SUCCESS);
    CHECK_STATUS(query(log_.file, ClfsLogBasicInformation, &basic, &length), STATUS_SUCCESS);
    CHECK(length == sizeof basic && sizeof basic == 120);
    CHECK(basic.TotalAvailable == 2 * CONTAINER_BYTES && basic.ContainerSize == CONTAINER_BYTES);
    CHECK(basic.CurrentAvailable > 0 && basic.CurrentAvailable < basic.TotalAvailable);
    CHECK(basic.TotalReservation == 0 && basic.TotalContainers == 2 && basic.FreeContainers == 1);
    CHECK(basic.SectorSize > 0 && basic.SectorSize % 512 == 0 && basic.TotalClients == 1);
    CHECK(ClfsLsnEqual(&basic.RestartLsn, &next) && !ClfsLsnGreater(&basic.BaseLsn, &first));
    CHECK(ClfsLsnGreater(&basic.LastLsn, &next) && ClfsLsnEqual(&basic.LastFlushedLsn, &basic.LastLsn));
    length = sizeof physical;
    CHECK_STATUS(query(log_.file, ClfsLogBasicInformationPhysical, &physical, &length), STATUS_SUCCESS);
    CHECK(memcmp(&basic, &physical, sizeof basic) == 0);
}

TEST(reservations_are_told_and_take_from_what_is_available) {
    LONGLONG size = 1000, bytes = 0;
    CLFS_INFORMATION before = information(log_.file);
    REQUIRE_STATUS(ClfsAlignReservedLog(log_.area, 1, &size, &bytes), STATUS_SUCCESS);
    REQUIRE_STATUS(ClfsAllocReservedLog(log_.area, 1, &bytes), STATUS_SUCCESS);
    CLFS_INFORMATION after = information(log_.file);
    CHECK(after.TotalReservation == bytes && after.CurrentAvailable <= before.CurrentAvailable - bytes);
    bytes = -bytes;
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 1, &bytes), STATUS_SUCCESS);
    after = information(log_.file);
    CHECK(after.TotalReservation == 0 && after.CurrentAvailable == before.CurrentAvailable);
}

TEST(a_stream_that_holds_nothing_begins_where_the_log_ends) {
    PLOG_FILE_OBJECT whole = open_log(TEXT("log:hollow::"));
    for (unsigned count = 0; count < 2; count++)
        add_container(whole, 1024 * 1024);
    LOG full = make_log(TEXT("log:hollow::full")), hollow = make_log(TEXT("log:hollow::hollow"));
    CLFS_INFORMATION before, after;
    put(hollow.area, "once");
    CHECK_STATUS(ClfsFlushBuffers(hollow.area), STATUS_SUCCESS);
    before = information(hollow.file);
    CHECK(ClfsLsnLess(&before.BaseLsn, &before.LastLsn));
    CHECK_STATUS(ClfsAdvanceLogBase(hollow.area, &before.LastLsn, 0), STATUS_SUCCESS);
    before = information(hollow.file);
    CHECK(ClfsLsnEqual(&before.BaseLsn, &before.LastLsn));
    put(full.area, "on and on");
    CHECK_STATUS(ClfsFlushBuffers(full.area), STATUS_SUCCESS);
    after = information(hollow.file);
    CHECK(ClfsLsnGreater(&after.LastLsn, &before.LastLsn) && ClfsLsnEqual(&after.BaseLsn, &after.LastLsn));
    CHECK_STATUS(ClfsAdvanceLogBase(hollow.area, &after.BaseLsn, 0), STATUS_SUCCESS);
    drop_log(&hollow);
    drop_log(&full);
    close_log(whole);
}

TEST(what_is_not_flushed_is_not_below_the_last_flushed_lsn) {
    CLFS_LSN lsn = put(log_.area, "in memory");
    CLFS_INFORMATION found = information(log_.file);
    CHECK(!ClfsLsnGreater(&found.LastFlushedLsn, &lsn) && ClfsLsnGreater(&found.LastLsn, &lsn));
    CHECK_STATUS(ClfsFlushBuffers(log_.area), STATUS_SUCCESS);
    found = information(log_.file);
    CHECK(ClfsLsnGreater(&found.LastFlushedLsn, &lsn));
}

TEST(the_physical_name_is_that_of_the_base_log_file) {
    union {
        CLFS_LOG_NAME_INFORMATION name;
        UCHAR bytes[256];
    } buffer;
    ULONG needed = 0, length;
    CHECK_STATUS(query(log_.file, ClfsLogPhysicalNameInformation, NULL, &needed), STATUS_BUFFER_TOO_SMALL);
    REQUIRE(needed > 2 && needed <= sizeof buffer);
    FILL(buffer);
    length = needed;
    CHECK_STATUS(query(log_.file, ClfsLogPhysicalNameInformation, &buffer, &length), STATUS_SUCCESS);
    CHECK(length == needed && buffer.name.NameLengthInBytes + 2u <= needed);
    CHECK(is_marked(buffer.bytes + needed, sizeof buffer - needed));
    const UCHAR *end = buffer.bytes + 2 + buffer.name.NameLengthInBytes;
    CHECK(memcmp(end - 18, CLFSMGMT_TEXT("query.blf"), 18) == 0);
}

TEST(a_stream_has_an_identifier_of_its_own) {
    PLOG_FILE_OBJECT whole = open_log(TEXT("log:multi::")), one = open_log(TEXT("log:multi::one")),
                     two = open_log(TEXT("log:multi::two")), again = open_log(TEXT("log:multi::one"));
    PLOG_FILE_OBJECT files[] = {whole, one, two, again};
    UCHAR ids[4];
    for (unsigned at = 0; at < 4; at++) {
        CLFS_STREAM_ID_INFORMATION id;
        ULONG length = 1;
        CHECK_STATUS(query(files[at], ClfsLogStreamIdentifierInformation, &id, &length), STATUS_SUCCESS);
        CHECK(length == 1);
        ids[at] = id.StreamIdentifier;
    }
    CHECK(ids[0] == 0 && ids[1] != ids[2] && ids[1] != 0 && ids[2] != 0 && ids[1] == ids[3]);
    for (unsigned at = 0; at < 4; at++)
        close_log(files[at]);
}

TEST(too_small_a_buffer_is_left_and_the_size_is_told) {
    const CLFS_LOG_INFORMATION_CLASS classes[] = {ClfsLogBasicInformation, ClfsLogBasicInformationPhysical,
                                                  ClfsLogPhysicalNameInformation, ClfsLogStreamIdentifierInformation};
    for (unsigned at = 0; at < 4; at++) {
        ULONG needed = 0;
        CHECK_STATUS(query(log_.file, classes[at], NULL, &needed), STATUS_BUFFER_TOO_SMALL);
        CHECK(needed > 0);
        for (ULONG room = 0; room < needed; room++) {
            UCHAR *bytes = malloc(room + 1);
            ULONG length = room;
            memset(bytes, MARK, room + 1);
            CHECK_STATUS(query(log_.file, classes[at], bytes, &length), STATUS_BUFFER_TOO_SMALL);
            CHECK(length == needed && is_marked(bytes, room + 1));
            free(bytes);
        }
        UCHAR *bytes = malloc(needed + 1);
        ULONG length = needed;
        CHECK_STATUS(query(log_.file, classes[at], bytes + 1, &length), STATUS_SUCCESS);
        CHECK(length == needed);
        length = 0xFFFFFFFF;
        CHECK_STATUS(query(log_.file, classes[at], bytes, &length), STATUS_SUCCESS);
        CHECK(length == needed);
        free(bytes);
    }
}

TEST(bad_parameters_leave_the_outputs) {
    CLFS_INFORMATION found;
    ULONG length = sizeof found;
    FILL(found);
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(query(made_up(at), ClfsLogBasicInformation, &found, &length), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(query(log_.area, ClfsLogBasicInformation, &found, &length), STATUS_INVALID_PARAMETER);
    const int classes[] = {-1, 6, 7, 0x7FFFFFFF, -0x7FFFFFFF};
    for (unsigned at = 0; at < 5; at++)
        CHECK_STATUS(query(log_.file, (CLFS_LOG_INFORMATION_CLASS)classes[at], &found, &length),
                     STATUS_INVALID_PARAMETER);
    CHECK_STATUS(query(log_.file, ClfsLogBasicInformation, &found, NULL), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(query(log_.file, ClfsLogBasicInformation, NULL, &length), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(query(log_.file, ClfsLogSystemMarkingInformation, &found, &length), STATUS_NOT_SUPPORTED);
    CHECK(IS_MARKED(found) && length == sizeof found);
}

static NTSTATUS physical_of(PLOG_FILE_OBJECT file, UCHAR stream, CLFS_LSN lsn, CLFS_PHYSICAL_LSN_INFORMATION *found) {
    CLFS_PHYSICAL_LSN_INFORMATION input;
    ULONG length = sizeof *found;
    memset(&input, 0, sizeof input);
    input.StreamIdentifier = stream;
    input.VirtualLsn = lsn;
    return ClfsQueryLogFileInformation(file, ClfsLogPhysicalLsnInformation, &input, sizeof input, found, &length);
}

TEST(physical_lsns_are_told_of_records_that_are_there) {
    CLFS_PHYSICAL_LSN_INFORMATION found, input = {0};
    PLOG_FILE_OBJECT whole = open_log(TEXT("log:places::"));
    for (unsigned count = 0; count < 3; count++)
        add_container(whole, 1024 * 1024);
    LOG one = {open_log(TEXT("log:places::one")), NULL}, two = {open_log(TEXT("log:places::two")), NULL};
    one.area = make_area(one.file), two.area = make_area(two.file);
    CLFS_LSN first = put(one.area, "one"), second = put(two.area, "two"), end;
    CHECK_STATUS(ClfsFlushBuffers(one.area), STATUS_SUCCESS);
    CHECK_STATUS(ClfsFlushBuffers(two.area), STATUS_SUCCESS);
    UCHAR stream;
    ULONG length = 1;
    CHECK_STATUS(query(one.file, ClfsLogStreamIdentifierInformation, &stream, &length), STATUS_SUCCESS);
    CHECK_STATUS(physical_of(whole, stream, first, &found), STATUS_SUCCESS);
    CHECK(found.StreamIdentifier == stream && ClfsLsnEqual(&found.VirtualLsn, &first));
    CHECK(!ClfsLsnInvalid(&found.PhysicalLsn));
    FILL(found);
    end = information(one.file).LastLsn;
    CHECK_STATUS(physical_of(whole, stream, end, &found), STATUS_END_OF_FILE);
    CHECK_STATUS(physical_of(whole, stream, ClfsLaterLsn(&first), &found), STATUS_LOG_RECORD_NONEXISTENT);
    CHECK_STATUS(ClfsAdvanceLogBase(one.area, &end, 0), STATUS_SUCCESS);
    CHECK_STATUS(physical_of(whole, stream, first, &found), STATUS_LOG_START_OF_LOG);
    CHECK(NT_ERROR(physical_of(whole, 77, first, &found)));
    CHECK(NT_ERROR(physical_of(whole, stream, CLFS_LSN_INVALID, &found)));
    CHECK_STATUS(physical_of(one.file, stream, second, &found), STATUS_NOT_SUPPORTED);
    length = sizeof found;
    CHECK_STATUS(ClfsQueryLogFileInformation(whole, ClfsLogPhysicalLsnInformation, NULL, 0, &found, &length),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsQueryLogFileInformation(whole, ClfsLogPhysicalLsnInformation, NULL, 24, &found, &length),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsQueryLogFileInformation(whole, ClfsLogPhysicalLsnInformation, &input, 23, &found, &length),
                 STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(found));
    drop_log(&two);
    drop_log(&one);
    close_log(whole);
}

int main(void) {
    log_ = make_log(TEXT("log:query"));
    RUN(basic_information_says_what_the_log_is_like);
    RUN(reservations_are_told_and_take_from_what_is_available);
    RUN(a_stream_that_holds_nothing_begins_where_the_log_ends);
    RUN(what_is_not_flushed_is_not_below_the_last_flushed_lsn);
    RUN(the_physical_name_is_that_of_the_base_log_file);
    RUN(a_stream_has_an_identifier_of_its_own);
    RUN(too_small_a_buffer_is_left_and_the_size_is_told);
    RUN(bad_parameters_leave_the_outputs);
    RUN(physical_lsns_are_told_of_records_that_are_there);
    drop_log(&log_);
    return check_end();
}
