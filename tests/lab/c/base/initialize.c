/* ClfsInitialize and ClfsFinalize: nobody needs them, in any order. */
#include "fixture.h"

TEST(a_log_opens_without_initialising) {
    close_log(open_log(TEXT("log:before")));
}

TEST(initialising_may_happen_often) {
    for (unsigned count = 0; count < 3; count++)
        CHECK_STATUS(ClfsInitialize(), STATUS_SUCCESS);
}

TEST(finalising_ends_no_log_that_is_open) {
    LOG log = make_log(TEXT("log:goes-on"));
    ClfsFinalize();
    ClfsFinalize();
    CLFS_LSN lsn = put(log.area, "after the end");
    expect_at(log.area, lsn, "after the end");
    drop_log(&log);
    CHECK_STATUS(ClfsInitialize(), STATUS_SUCCESS);
    ClfsFinalize();
    close_log(open_log(TEXT("log:after")));
}

int main(void) {
    RUN(a_log_opens_without_initialising);
    RUN(initialising_may_happen_often);
    RUN(finalising_ends_no_log_that_is_open);
    return check_end();
}
