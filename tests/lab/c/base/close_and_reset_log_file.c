/* ClfsCloseAndResetLogFile: closes, and with the last handle forgets what was written. */
#include "fixture.h"

TEST(what_is_no_open_log_is_an_invalid_parameter) {
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsCloseAndResetLogFile(made_up(at)), STATUS_INVALID_PARAMETER);
}

TEST(a_reset_log_is_as_if_nothing_had_been_written) {
    LOG log = make_log(TEXT("log:reset"));
    CLFS_LSN old = put(log.area, "old");
    RECORD record;
    CHECK_STATUS(ClfsWriteRestartArea(log.area, "restart", 7, NULL, 0, NULL, NULL), STATUS_SUCCESS);
    CHECK_STATUS(ClfsDeleteMarshallingArea(log.area), STATUS_SUCCESS);
    CHECK_STATUS(ClfsCloseAndResetLogFile(log.file), STATUS_SUCCESS);
    CHECK_STATUS(ClfsCloseLogFileObject(log.file), STATUS_INVALID_PARAMETER);
    log = make_log(TEXT("log:reset"));
    CLFS_INFORMATION found = information(log.file);
    CHECK(found.TotalContainers == 2 && ClfsLsnInvalid(&found.RestartLsn));
    CHECK(ClfsLsnEqual(&found.BaseLsn, &found.LastLsn));
    CHECK(!NT_SUCCESS(read_first(&record, log.area, old, ClfsContextForward)));
    CHECK_STATUS(ClfsReadRestartArea(log.area, &record.bytes, &record.length, &record.lsn, &record.context),
                 STATUS_LOG_NO_RESTART);
    CLFS_LSN lsn = put(log.area, "new");
    expect_at(log.area, lsn, "new");
    drop_log(&log);
}

TEST(the_last_handle_resets_not_the_first) {
    LOG log = make_log(TEXT("log:last"));
    PLOG_FILE_OBJECT second = open_log(TEXT("log:last"));
    CLFS_LSN lsn = put(log.area, "still here");
    CHECK_STATUS(ClfsCloseAndResetLogFile(second), STATUS_SUCCESS);
    expect_at(log.area, lsn, "still here");
    put(log.area, "more");
    drop_log(&log);
    log = make_log(TEXT("log:last"));
    CLFS_INFORMATION found = information(log.file);
    CHECK(ClfsLsnEqual(&found.BaseLsn, &found.LastLsn));
    drop_log(&log);
}

TEST(a_full_log_is_empty_after_its_reset) {
    LOG log = make_log(TEXT("log:full"));
    unsigned first = fill(log.area);
    CHECK_STATUS(ClfsDeleteMarshallingArea(log.area), STATUS_SUCCESS);
    CHECK_STATUS(ClfsCloseAndResetLogFile(log.file), STATUS_SUCCESS);
    log = make_log(TEXT("log:full"));
    CHECK(first > 20 && fill(log.area) >= first / 2);
    drop_log(&log);
}

TEST(a_stream_is_reset_alone) {
    PLOG_FILE_OBJECT whole = open_log(TEXT("log:multi::"));
    for (unsigned count = 0; count < 3; count++)
        add_container(whole, 1024 * 1024);
    LOG kept = make_log(TEXT("log:multi::kept")), reset = make_log(TEXT("log:multi::reset"));
    CLFS_LSN lsn = put(kept.area, "kept");
    put(reset.area, "gone");
    CHECK_STATUS(ClfsCloseAndResetLogFile(whole), STATUS_LOG_MULTIPLEXED);
    CHECK_STATUS(ClfsDeleteMarshallingArea(reset.area), STATUS_SUCCESS);
    CHECK_STATUS(ClfsCloseAndResetLogFile(reset.file), STATUS_SUCCESS);
    reset = make_log(TEXT("log:multi::reset"));
    CLFS_INFORMATION found = information(reset.file);
    CHECK(ClfsLsnEqual(&found.BaseLsn, &found.LastLsn));
    expect_at(kept.area, lsn, "kept");
    drop_log(&reset);
    drop_log(&kept);
    close_log(whole);
}

int main(void) {
    RUN(what_is_no_open_log_is_an_invalid_parameter);
    RUN(a_reset_log_is_as_if_nothing_had_been_written);
    RUN(the_last_handle_resets_not_the_first);
    RUN(a_full_log_is_empty_after_its_reset);
    RUN(a_stream_is_reset_alone);
    return check_end();
}
