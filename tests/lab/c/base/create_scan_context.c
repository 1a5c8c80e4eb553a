/* ClfsCreateScanContext: a walk begins, or begins anew. */
#include "fixture.h"

static LOG log_;

TEST(a_new_walk_has_taken_no_step) {
    const CLFS_SCAN_MODE modes[] = {CLFS_SCAN_FORWARD, CLFS_SCAN_BACKWARD};
    for (unsigned at = 0; at < 2; at++) {
        CLFS_SCAN_CONTEXT scan;
        FILL(scan);
        CHECK_STATUS(ClfsCreateScanContext(log_.file, 1, 2, modes[at], &scan), STATUS_SUCCESS);
        CHECK(scan.plfoLog == log_.file && scan.cIndex == 1 && scan.cContainers == 2);
        CHECK(scan.cContainersReturned == 0 && scan.eScanMode == modes[at] && scan.pinfoContainer != NULL);
        CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
    }
}

TEST(bad_parameters_leave_the_context) {
    CLFS_SCAN_CONTEXT scan;
    FILL(scan);
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsCreateScanContext(made_up(at), 0, 1, CLFS_SCAN_FORWARD, &scan), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsCreateScanContext(log_.area, 0, 1, CLFS_SCAN_FORWARD, &scan), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsCreateScanContext(log_.file, 0, 1, CLFS_SCAN_FORWARD, NULL), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsCreateScanContext(log_.file, 0, 0, CLFS_SCAN_FORWARD, &scan), STATUS_INVALID_PARAMETER);
    const CLFS_SCAN_MODE modes[] = {0,
                                    CLFS_SCAN_INIT,
                                    CLFS_SCAN_CLOSE,
                                    CLFS_SCAN_FORWARD | CLFS_SCAN_BACKWARD,
                                    CLFS_SCAN_FORWARD | CLFS_SCAN_CLOSE,
                                    CLFS_SCAN_FORWARD | CLFS_SCAN_INITIALIZED,
                                    CLFS_SCAN_FORWARD | CLFS_SCAN_BUFFERED,
                                    0xFF};
    for (unsigned at = 0; at < sizeof modes / sizeof *modes; at++)
        CHECK_STATUS(ClfsCreateScanContext(log_.file, 0, 1, modes[at], &scan), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsCreateScanContext(log_.file, 0, 1, CLFS_SCAN_INIT | CLFS_SCAN_FORWARD, &scan),
                 STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(scan));
}

TEST(an_open_walk_begins_anew) {
    CLFS_SCAN_CONTEXT scan;
    REQUIRE_STATUS(ClfsCreateScanContext(log_.file, 0, 8, CLFS_SCAN_FORWARD, &scan), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_NO_MORE_ENTRIES);
    CHECK_STATUS(ClfsCreateScanContext(log_.file, 0, 8, CLFS_SCAN_INIT | CLFS_SCAN_FORWARD, &scan), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_SUCCESS);
    CHECK(scan.cContainersReturned == 2);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
    CHECK_STATUS(ClfsCreateScanContext(log_.file, 0, 8, CLFS_SCAN_INIT | CLFS_SCAN_FORWARD, &scan),
                 STATUS_INVALID_PARAMETER);
}

TEST(a_walk_may_want_more_than_there_can_be) {
    CLFS_SCAN_CONTEXT scan;
    REQUIRE_STATUS(ClfsCreateScanContext(log_.file, 0, 0xFFFFFFFF, CLFS_SCAN_FORWARD, &scan), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_SUCCESS);
    CHECK(scan.cContainersReturned == 2);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
    REQUIRE_STATUS(ClfsCreateScanContext(log_.file, 0xFFFFFFFF, 0xFFFFFFFF, CLFS_SCAN_BACKWARD, &scan), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_NO_MORE_ENTRIES);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_BACKWARD), STATUS_NO_MORE_ENTRIES);
    CHECK(scan.cContainersReturned == 0);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
}

TEST(many_walks_are_open_at_once) {
    enum { WALKS = 100 };
    static CLFS_SCAN_CONTEXT scans[WALKS];
    for (unsigned at = 0; at < WALKS; at++)
        CHECK_STATUS(ClfsCreateScanContext(log_.file, at % 2, 1, CLFS_SCAN_FORWARD, &scans[at]), STATUS_SUCCESS);
    for (unsigned at = 0; at < WALKS; at++) {
        CHECK_STATUS(ClfsScanLogContainers(&scans[at], CLFS_SCAN_FORWARD), STATUS_SUCCESS);
        CHECK(scans[at].cIndex == at % 2 && scans[at].pinfoContainer->LogicalContainerId == at % 2);
    }
    for (unsigned at = 0; at < WALKS; at++)
        CHECK_STATUS(ClfsScanLogContainers(&scans[at], CLFS_SCAN_CLOSE), STATUS_SUCCESS);
}

int main(void) {
    log_ = make_log(TEXT("log:walked"));
    RUN(a_new_walk_has_taken_no_step);
    RUN(bad_parameters_leave_the_context);
    RUN(an_open_walk_begins_anew);
    RUN(a_walk_may_want_more_than_there_can_be);
    RUN(many_walks_are_open_at_once);
    drop_log(&log_);
    return check_end();
}
