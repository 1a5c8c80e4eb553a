/* ClfsFlushToLsn: durable up to a record, and told how far. */
#include "fixture.h"

static LOG log_;

TEST(records_up_to_the_lsn_are_durable) {
    CLFS_LSN first = put(log_.area, "first"), second = put(log_.area, "second"), durable;
    CHECK_STATUS(ClfsFlushToLsn(log_.area, &first, &durable), STATUS_SUCCESS);
    CHECK(ClfsLsnGreater(&durable, &first));
    CHECK_STATUS(ClfsFlushToLsn(log_.area, &second, &durable), STATUS_SUCCESS);
    CHECK(ClfsLsnGreater(&durable, &second));
    CLFS_LSN told = information(log_.file).LastFlushedLsn;
    CHECK(ClfsLsnEqual(&told, &durable));
    CHECK_STATUS(ClfsFlushToLsn(log_.area, &first, NULL), STATUS_SUCCESS);
}

TEST(the_null_lsn_flushes_all) {
    CLFS_LSN lsn = put(log_.area, "last"), null = CLFS_LSN_NULL, durable;
    CHECK_STATUS(ClfsFlushToLsn(log_.area, &null, &durable), STATUS_SUCCESS);
    CLFS_INFORMATION found = information(log_.file);
    CHECK(ClfsLsnGreater(&durable, &lsn) && ClfsLsnEqual(&found.LastFlushedLsn, &found.LastLsn));
}

TEST(bad_parameters_leave_the_output) {
    CLFS_LSN lsn = put(log_.area, "x"), end, durable, invalid = CLFS_LSN_INVALID, ones = {~0ULL};
    FILL(durable);
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsFlushToLsn(made_up(at), &lsn, &durable), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsFlushToLsn(log_.area, NULL, &durable), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsFlushToLsn(log_.area, &invalid, &durable), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsFlushToLsn(log_.area, &ones, &durable), STATUS_INVALID_PARAMETER);
    end = information(log_.file).LastLsn;
    CLFS_LSN beyond = ClfsLsnCreate(ClfsLsnContainer(&end) + 1, 0, 0);
    CHECK_STATUS(ClfsFlushToLsn(log_.area, &beyond, &durable), STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(durable));
}

TEST(what_was_flushed_is_there_after_reopening) {
    CLFS_LSN lsn = put(log_.area, "durable");
    CHECK_STATUS(ClfsFlushToLsn(log_.area, &lsn, NULL), STATUS_SUCCESS);
    drop_log(&log_);
    log_ = make_log(TEXT("log:flush-to"));
    expect_at(log_.area, lsn, "durable");
}

int main(void) {
    log_ = make_log(TEXT("log:flush-to"));
    RUN(records_up_to_the_lsn_are_durable);
    RUN(the_null_lsn_flushes_all);
    RUN(bad_parameters_leave_the_output);
    RUN(what_was_flushed_is_there_after_reopening);
    drop_log(&log_);
    return check_end();
}
