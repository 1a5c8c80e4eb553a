/* ClfsFlushBuffers: every record of the stream is durable. */
#include "fixture.h"

TEST(what_is_no_area_is_an_invalid_parameter) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:none"));
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsFlushBuffers(made_up(at)), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsFlushBuffers(file), STATUS_INVALID_PARAMETER);
    close_log(file);
}

TEST(records_of_all_areas_of_the_stream_are_durable) {
    LOG log = make_log(TEXT("log:flush"));
    PVOID other = make_area(log.file);
    CLFS_LSN one = put(log.area, "one"), two = put(other, "two");
    CHECK_STATUS(ClfsFlushBuffers(other), STATUS_SUCCESS);
    CLFS_INFORMATION found = information(log.file);
    CHECK(ClfsLsnEqual(&found.LastFlushedLsn, &found.LastLsn) && ClfsLsnGreater(&found.LastLsn, &two));
    CHECK_STATUS(ClfsFlushBuffers(other), STATUS_SUCCESS);
    CHECK_STATUS(ClfsFlushBuffers(log.area), STATUS_SUCCESS);
    CLFS_LSN end = information(log.file).LastLsn;
    CHECK(ClfsLsnEqual(&end, &found.LastLsn));
    CHECK_STATUS(ClfsDeleteMarshallingArea(other), STATUS_SUCCESS);
    drop_log(&log);
    log = make_log(TEXT("log:flush"));
    expect_at(log.area, one, "one");
    expect_at(log.area, two, "two");
    drop_log(&log);
}

TEST(an_empty_log_is_flushed_without_effect) {
    LOG log = make_log(TEXT("log:empty"));
    CLFS_LSN before = information(log.file).LastLsn;
    CHECK_STATUS(ClfsFlushBuffers(log.area), STATUS_SUCCESS);
    CLFS_LSN after = information(log.file).LastLsn;
    CHECK(ClfsLsnEqual(&before, &after));
    drop_log(&log);
}

int main(void) {
    RUN(what_is_no_area_is_an_invalid_parameter);
    RUN(records_of_all_areas_of_the_stream_are_durable);
    RUN(an_empty_log_is_flushed_without_effect);
    return check_end();
}
