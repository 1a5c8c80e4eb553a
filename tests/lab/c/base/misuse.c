/* Orders in which nobody should call: each gives a status, and what is left works. */
#include "fixture.h"

TEST(everything_is_ended_in_the_wrong_order) {
    LOG log = make_log(TEXT("log:order"));
    CLFS_LSN lsn = put(log.area, "x"), out;
    RECORD record;
    CLFS_SCAN_CONTEXT scan;
    REQUIRE_STATUS(read_first(&record, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    REQUIRE_STATUS(ClfsCreateScanContext(log.file, 0, 2, CLFS_SCAN_FORWARD, &scan), STATUS_SUCCESS);
    CHECK_STATUS(ClfsDeleteLogByPointer(log.file), STATUS_SUCCESS);
    CHECK_STATUS(ClfsCloseAndResetLogFile(log.file), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_INVALID_PARAMETER);
    out = put(log.area, "into a doomed log");
    CHECK_STATUS(ClfsDeleteMarshallingArea(log.area), STATUS_SUCCESS);
    CHECK_STATUS(ClfsDeleteMarshallingArea(log.area), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "into a doomed log") && ClfsLsnEqual(&record.lsn, &out));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_LOG_READ_CONTEXT_INVALID);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
    log = make_log(TEXT("log:order"));
    put(log.area, "new");
    drop_log(&log);
}

TEST(the_log_of_a_closed_handle_is_opened_again_beside_its_area) {
    LOG old = make_log(TEXT("log:beside"));
    CLFS_LSN lsn = put(old.area, "through the old area");
    close_log(old.file);
    LOG new = make_log(TEXT("log:beside"));
    expect_at(new.area, lsn, "through the old area");
    lsn = put(old.area, "still");
    expect_at(new.area, lsn, "still");
    CHECK_STATUS(ClfsDeleteMarshallingArea(old.area), STATUS_SUCCESS);
    drop_log(&new);
}

TEST(a_read_buffer_may_be_appended_again) {
    LOG log = make_log(TEXT("log:own"));
    CLFS_LSN lsn = put(log.area, "copy of itself");
    RECORD record;
    REQUIRE_STATUS(read_first(&record, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK_STATUS(append(log.area, record.bytes, record.length, 0, &lsn), STATUS_SUCCESS);
    expect_at(log.area, lsn, "copy of itself");
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    drop_log(&log);
}

TEST(outputs_may_lie_on_inputs) {
    LOG log = make_log(TEXT("log:alias"));
    CLFS_LSN lsn = put(log.area, "x"), old = lsn;
    CLFS_WRITE_ENTRY entry = {&lsn, sizeof lsn};
    RECORD record;
    CHECK_STATUS(ClfsReserveAndAppendLog(log.area, &entry, 1, &lsn, &lsn, 0, NULL, 0, &lsn), STATUS_SUCCESS);
    REQUIRE_STATUS(read_first(&record, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK(record.length == sizeof old && memcmp(record.bytes, &old, sizeof old) == 0);
    CHECK(ClfsLsnEqual(&record.undo_next, &old) && ClfsLsnEqual(&record.previous, &old));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    CHECK_STATUS(ClfsFlushToLsn(log.area, &lsn, &lsn), STATUS_SUCCESS);
    LONGLONG size = 100;
    CHECK_STATUS(ClfsAlignReservedLog(log.area, 1, &size, &size), STATUS_SUCCESS);
    CHECK(size == SECTOR_BYTES);
    drop_log(&log);
}

TEST(readers_under_which_the_tail_moves_and_containers_are_written_again) {
    LOG log = make_log(TEXT("log:recycled"));
    CLFS_LSN lsn = put(log.area, "overwritten");
    RECORD record;
    REQUIRE_STATUS(read_first(&record, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    for (unsigned round = 0; round < 4; round++) {
        fill(log.area);
        CLFS_LSN end = information(log.file).LastLsn;
        CHECK_STATUS(ClfsAdvanceLogBase(log.area, &end, 0), STATUS_SUCCESS);
    }
    CHECK(holds(&record, "overwritten"));
    CHECK(NT_ERROR(read_next(&record, ClfsDataRecord)));
    CHECK(holds(&record, "overwritten"));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    drop_log(&log);
}

TEST(a_log_whose_files_are_taken_away_gives_statuses) {
    LOG log = make_log(TEXT("log:taken"));
    CLFS_LSN lsn = put(log.area, "x");
    RECORD record;
    CHECK_STATUS(ClfsDeleteMarshallingArea(log.area), STATUS_SUCCESS);
    close_log(log.file);
    CHECK(remove("taken.blf") == 0);
    CHECK_STATUS(open_with(&log.file, TEXT("log:taken"), GENERIC_READ, SHARE_ALL, OPEN_EXISTING, 0),
                 STATUS_OBJECT_NAME_NOT_FOUND);
    log.file = open_log(TEXT("log:taken"));
    CHECK(information(log.file).TotalContainers == 0);
    CHECK(!NT_SUCCESS(read_first(&record, log.area, lsn, ClfsContextForward)));
    close_log(log.file);
}

TEST(what_is_left_open_at_the_end_is_no_harm) {
    LOG log = make_log(TEXT("log:left"));
    RECORD record;
    CLFS_LSN lsn = put(log.area, "never closed");
    CHECK_STATUS(read_first(&record, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
}

int main(void) {
    RUN(everything_is_ended_in_the_wrong_order);
    RUN(the_log_of_a_closed_handle_is_opened_again_beside_its_area);
    RUN(a_read_buffer_may_be_appended_again);
    RUN(outputs_may_lie_on_inputs);
    RUN(readers_under_which_the_tail_moves_and_containers_are_written_again);
    RUN(a_log_whose_files_are_taken_away_gives_statuses);
    RUN(what_is_left_open_at_the_end_is_no_harm);
    return check_end();
}
