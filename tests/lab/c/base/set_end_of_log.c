/* ClfsSetEndOfLog: documented as not implemented. */
#include "fixture.h"

TEST(it_is_never_supported_and_changes_nothing) {
    LOG log = make_log(TEXT("log:end"));
    CLFS_LSN lsn = put(log.area, "last"), end = information(log.file).LastLsn;
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsSetEndOfLog(made_up(at), &lsn), STATUS_NOT_SUPPORTED);
    CHECK_STATUS(ClfsSetEndOfLog(log.file, NULL), STATUS_NOT_SUPPORTED);
    CHECK_STATUS(ClfsSetEndOfLog(log.file, &lsn), STATUS_NOT_SUPPORTED);
    CLFS_LSN after = information(log.file).LastLsn;
    CHECK(ClfsLsnEqual(&end, &after));
    expect_at(log.area, lsn, "last");
    drop_log(&log);
}

int main(void) {
    RUN(it_is_never_supported_and_changes_nothing);
    return check_end();
}
