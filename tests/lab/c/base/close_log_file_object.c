/* ClfsCloseLogFileObject: what ends, what goes on, and what was flushed is there again. */
#include "fixture.h"

TEST(what_is_no_open_log_is_an_invalid_parameter) {
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsCloseLogFileObject(made_up(at)), STATUS_INVALID_PARAMETER);
}

TEST(a_handle_is_closed_once) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:once"));
    CHECK_STATUS(ClfsCloseLogFileObject(file), STATUS_SUCCESS);
    CHECK_STATUS(ClfsCloseLogFileObject(file), STATUS_INVALID_PARAMETER);
    PLOG_FILE_OBJECT next = open_log(TEXT("log:once"));
    CHECK(next != file);
    CHECK_STATUS(ClfsCloseLogFileObject(file), STATUS_INVALID_PARAMETER);
    close_log(next);
}

TEST(a_handle_of_another_kind_closes_nothing) {
    LOG log = make_log(TEXT("log:kinds"));
    RECORD record;
    CLFS_LSN lsn = put(log.area, "there");
    REQUIRE_STATUS(read_first(&record, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK_STATUS(ClfsCloseLogFileObject(log.area), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsCloseLogFileObject(record.context), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsDeleteMarshallingArea(log.file), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsDeleteMarshallingArea(record.context), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsTerminateReadLog(log.file), STATUS_LOG_READ_CONTEXT_INVALID);
    CHECK_STATUS(ClfsTerminateReadLog(log.area), STATUS_LOG_READ_CONTEXT_INVALID);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    drop_log(&log);
}

TEST(a_closed_handle_is_good_for_nothing) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:closed"));
    CLFS_INFORMATION found;
    CLFS_SCAN_CONTEXT scan;
    CLFS_LSN lsn = CLFS_LSN_NULL;
    UNICODE_STRING name = {0, 0, NULL};
    ULONG length = sizeof found;
    ULONGLONG size = CONTAINER_BYTES;
    PVOID area;
    close_log(file);
    FILL(found), FILL(area), FILL(scan);
    CHECK_STATUS(ClfsGetLogFileInformation(file, &found, &length), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsQueryLogFileInformation(file, ClfsLogBasicInformation, NULL, 0, &found, &length),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsSetLogFileInformation(file, ClfsLogBasicInformation, &found, length), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsGetIoStatistics(file, &found, sizeof found, ClfsIoStatsDefault, NULL), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAddLogContainer(file, &size, TEXT("%BLF%\\x")), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsRemoveLogContainer(file, TEXT("%BLF%\\x"), TRUE), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsGetContainerName(file, 0, &name, NULL), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsCreateScanContext(file, 0, 1, CLFS_SCAN_FORWARD, &scan), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsSetArchiveTail(file, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsCreateMarshallingArea(file, PagedPool, NULL, NULL, BLOCK_BYTES, 1, 1, &area),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsCloseAndResetLogFile(file), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsDeleteLogByPointer(file), STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(found) && IS_MARKED(area) && IS_MARKED(scan) && length == sizeof found);
}

TEST(an_area_and_a_reader_go_on_behind_a_closed_handle) {
    LOG log = make_log(TEXT("log:behind"));
    CLFS_LSN first = put(log.area, "first");
    RECORD record;
    REQUIRE_STATUS(read_first(&record, log.area, first, ClfsContextForward), STATUS_SUCCESS);
    close_log(log.file);
    put(log.area, "second");
    CHECK_STATUS(ClfsFlushBuffers(log.area), STATUS_SUCCESS);
    CHECK_STATUS(ClfsDeleteMarshallingArea(log.area), STATUS_SUCCESS);
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "second"));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    log = make_log(TEXT("log:behind"));
    expect_at(log.area, first, "first");
    drop_log(&log);
}

TEST(what_was_written_is_there_after_reopening) {
    LOG log = make_log(TEXT("log:kept"));
    CLFS_LSN flushed = put(log.area, "flushed"), closed;
    CHECK_STATUS(ClfsFlushBuffers(log.area), STATUS_SUCCESS);
    closed = put(log.area, "written by closing");
    CLFS_INFORMATION before = information(log.file);
    drop_log(&log);
    log = make_log(TEXT("log:kept"));
    CLFS_INFORMATION after = information(log.file);
    CHECK(memcmp(&before.Identity, &after.Identity, sizeof after.Identity) == 0);
    CHECK(after.TotalContainers == 2 && after.BaseLsn.Internal == before.BaseLsn.Internal);
    CHECK(!ClfsLsnLess(&after.LastLsn, &before.LastLsn));
    expect_at(log.area, flushed, "flushed");
    expect_at(log.area, closed, "written by closing");
    CLFS_LSN later = put(log.area, "later");
    CHECK(ClfsLsnGreater(&later, &closed));
    drop_log(&log);
}

TEST(a_log_closes_with_its_last_handle_and_opens_at_once_again) {
    for (unsigned round = 0; round < 20; round++) {
        PLOG_FILE_OBJECT one = open_log(TEXT("log:rounds")), two = open_log(TEXT("log:rounds"));
        close_log(one);
        CHECK(information(two).TotalContainers == 0);
        close_log(two);
    }
}

int main(void) {
    RUN(what_is_no_open_log_is_an_invalid_parameter);
    RUN(a_handle_is_closed_once);
    RUN(a_handle_of_another_kind_closes_nothing);
    RUN(a_closed_handle_is_good_for_nothing);
    RUN(an_area_and_a_reader_go_on_behind_a_closed_handle);
    RUN(what_was_written_is_there_after_reopening);
    RUN(a_log_closes_with_its_last_handle_and_opens_at_once_again);
    return check_end();
}
