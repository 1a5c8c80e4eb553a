/* ClfsDeleteLogByPointer: marked now, gone with the last handle, with all its files. */
#include "fixture.h"

static int exists(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file != NULL)
        fclose(file);
    return file != NULL;
}

static NTSTATUS try_open(PUNICODE_STRING name) {
    PLOG_FILE_OBJECT file;
    NTSTATUS status = open_with(&file, name, READ_WRITE_DELETE, SHARE_ALL, OPEN_EXISTING, 0);
    if (status == STATUS_SUCCESS)
        close_log(file);
    return status;
}

TEST(what_is_no_open_log_is_an_invalid_parameter) {
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsDeleteLogByPointer(made_up(at)), STATUS_INVALID_PARAMETER);
}

TEST(a_handle_without_the_right_deletes_nothing) {
    PLOG_FILE_OBJECT file;
    REQUIRE_STATUS(open_with(&file, TEXT("log:right"), GENERIC_READ | GENERIC_WRITE, SHARE_ALL, OPEN_ALWAYS, 0),
                   STATUS_SUCCESS);
    CHECK_STATUS(ClfsDeleteLogByPointer(file), STATUS_ACCESS_DENIED);
    close_log(file);
    CHECK_STATUS(try_open(TEXT("log:right")), STATUS_SUCCESS);
}

TEST(a_marked_log_cannot_be_opened_and_goes_with_its_last_user) {
    LOG log = make_log(TEXT("log:marked"));
    PLOG_FILE_OBJECT second = open_log(TEXT("log:marked"));
    RECORD record;
    CLFS_LSN lsn = put(log.area, "doomed");
    REQUIRE_STATUS(read_first(&record, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK_STATUS(ClfsDeleteLogByPointer(log.file), STATUS_SUCCESS);
    CHECK_STATUS(try_open(TEXT("log:marked")), STATUS_DELETE_PENDING);
    expect_at(log.area, lsn, "doomed");
    put(log.area, "still written");
    NTSTATUS again = ClfsDeleteLogByPointer(second);
    CHECK(again == STATUS_SUCCESS || again == STATUS_DELETE_PENDING);
    close_log(second);
    drop_log(&log);
    CHECK(exists("marked.blf"));
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "still written"));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    CHECK(!exists("marked.blf") && !exists("container-00") && !exists("container-01"));
    CHECK_STATUS(try_open(TEXT("log:marked")), STATUS_OBJECT_NAME_NOT_FOUND);
}

TEST(a_log_of_the_same_name_is_new) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:again"));
    GUID old = information(file).Identity;
    CHECK_STATUS(ClfsDeleteLogByPointer(file), STATUS_SUCCESS);
    close_log(file);
    file = open_log(TEXT("log:again"));
    GUID new = information(file).Identity;
    CHECK(memcmp(&old, &new, sizeof new) != 0);
    CHECK_STATUS(ClfsDeleteLogByPointer(file), STATUS_SUCCESS);
    close_log(file);
}

TEST(a_stream_goes_alone_and_the_whole_log_with_all_of_them) {
    PLOG_FILE_OBJECT whole = open_log(TEXT("log:multi::")), one = open_log(TEXT("log:multi::one")),
                     two = open_log(TEXT("log:multi::two"));
    CHECK(information(whole).TotalClients == 1 + 2);
    CHECK_STATUS(ClfsDeleteLogByPointer(one), STATUS_SUCCESS);
    CHECK_STATUS(try_open(TEXT("log:multi::one")), STATUS_DELETE_PENDING);
    close_log(one);
    CHECK(information(whole).TotalClients == 1 + 1);
    CHECK_STATUS(try_open(TEXT("log:multi::one")), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(try_open(TEXT("log:multi::two")), STATUS_SUCCESS);
    CHECK_STATUS(ClfsDeleteLogByPointer(whole), STATUS_SUCCESS);
    CHECK_STATUS(try_open(TEXT("log:multi::two")), STATUS_DELETE_PENDING);
    close_log(whole);
    CHECK(exists("multi.blf"));
    close_log(two);
    CHECK(!exists("multi.blf"));
}

int main(void) {
    RUN(what_is_no_open_log_is_an_invalid_parameter);
    RUN(a_handle_without_the_right_deletes_nothing);
    RUN(a_marked_log_cannot_be_opened_and_goes_with_its_last_user);
    RUN(a_log_of_the_same_name_is_new);
    RUN(a_stream_goes_alone_and_the_whole_log_with_all_of_them);
    return check_end();
}
