/* ClfsScanLogContainers: what each step finds, both ways, and how a walk ends. */
#include "fixture.h"

static LOG log_;

TEST(what_is_no_open_walk_is_an_invalid_parameter) {
    CLFS_SCAN_CONTEXT scan;
    CHECK_STATUS(ClfsScanLogContainers(NULL, CLFS_SCAN_FORWARD), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsScanLogContainers(NULL, CLFS_SCAN_CLOSE), STATUS_INVALID_PARAMETER);
    FILL(scan);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(scan));
    memset(&scan, 0, sizeof scan);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_INVALID_PARAMETER);
}

TEST(a_mode_that_is_no_step_is_an_invalid_parameter) {
    CLFS_SCAN_CONTEXT scan, before;
    REQUIRE_STATUS(ClfsCreateScanContext(log_.file, 0, 1, CLFS_SCAN_FORWARD, &scan), STATUS_SUCCESS);
    const CLFS_SCAN_MODE modes[] = {0, CLFS_SCAN_INIT, CLFS_SCAN_INITIALIZED, CLFS_SCAN_FORWARD | CLFS_SCAN_BACKWARD,
                                    CLFS_SCAN_FORWARD | CLFS_SCAN_CLOSE, 0xFF};
    before = scan;
    for (unsigned at = 0; at < sizeof modes / sizeof *modes; at++)
        CHECK_STATUS(ClfsScanLogContainers(&scan, modes[at]), STATUS_INVALID_PARAMETER);
    CHECK(memcmp(&before, &scan, sizeof scan) == 0);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
}

TEST(containers_are_described_in_their_order) {
    CLFS_SCAN_CONTEXT scan;
    REQUIRE_STATUS(ClfsCreateScanContext(log_.file, 0, 2, CLFS_SCAN_FORWARD, &scan), STATUS_SUCCESS);
    for (ULONG at = 0; at < 5; at += 2) {
        CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_SUCCESS);
        ULONG wanted = at == 4 ? 1 : 2;
        CHECK(scan.cIndex == at && scan.cContainersReturned == wanted);
        for (ULONG one = 0; one < wanted; one++) {
            CLFS_CONTAINER_INFORMATION *found = &scan.pinfoContainer[one];
            CHECK(found->LogicalContainerId == at + one && found->ContainerSize == CONTAINER_BYTES);
            CHECK(found->FileNameLength == 18 && found->FileNameActualLength == 18);
            CHECK(memcmp(found->FileName, CLFSMGMT_TEXT("%BLF%\\container-0"), 34) == 0);
            CHECK(found->FileName[17] == '0' + at + one);
            CHECK(found->State == (at + one == 0 ? ClfsContainerActive : ClfsContainerInactive));
        }
    }
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_NO_MORE_ENTRIES);
    CHECK(scan.cContainersReturned == 0);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
    CHECK(scan.pinfoContainer == NULL);
}

TEST(a_walk_turns_round) {
    CLFS_SCAN_CONTEXT scan;
    REQUIRE_STATUS(ClfsCreateScanContext(log_.file, 3, 1, CLFS_SCAN_BACKWARD, &scan), STATUS_SUCCESS);
    const CLFS_SCAN_MODE modes[] = {CLFS_SCAN_BACKWARD, CLFS_SCAN_BACKWARD, CLFS_SCAN_FORWARD, CLFS_SCAN_BACKWARD,
                                    CLFS_SCAN_BACKWARD};
    const ULONG wanted[] = {3, 2, 3, 2, 1};
    for (unsigned at = 0; at < 5; at++) {
        CHECK_STATUS(ClfsScanLogContainers(&scan, modes[at]), STATUS_SUCCESS);
        CHECK(scan.cContainersReturned == 1 && scan.pinfoContainer->LogicalContainerId == wanted[at]);
    }
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_BACKWARD), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_BACKWARD), STATUS_NO_MORE_ENTRIES);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
}

TEST(a_walk_is_closed_once_and_takes_no_step_then) {
    CLFS_SCAN_CONTEXT scan, copy;
    REQUIRE_STATUS(ClfsCreateScanContext(log_.file, 0, 1, CLFS_SCAN_FORWARD, &scan), STATUS_SUCCESS);
    copy = scan;
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsScanLogContainers(&copy, CLFS_SCAN_FORWARD), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsScanLogContainers(&copy, CLFS_SCAN_CLOSE), STATUS_INVALID_PARAMETER);
}

TEST(a_walk_ends_after_its_log_was_closed) {
    PLOG_FILE_OBJECT second = open_log(TEXT("log:scanned"));
    CLFS_SCAN_CONTEXT scan;
    REQUIRE_STATUS(ClfsCreateScanContext(second, 0, 1, CLFS_SCAN_FORWARD, &scan), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_SUCCESS);
    close_log(second);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_INVALID_PARAMETER);
    CHECK(scan.pinfoContainer->LogicalContainerId == 0);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
}

TEST(containers_come_and_go_under_a_walk) {
    CLFS_SCAN_CONTEXT scan;
    REQUIRE_STATUS(ClfsCreateScanContext(log_.file, 0, 5, CLFS_SCAN_FORWARD, &scan), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_SUCCESS);
    CHECK_STATUS(ClfsAddLogContainer(log_.file, NULL, TEXT("%BLF%\\under")), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_SUCCESS);
    CHECK(scan.cContainersReturned == 1 && scan.pinfoContainer->FileNameLength == 11);
    CHECK_STATUS(ClfsRemoveLogContainer(log_.file, TEXT("%BLF%\\under"), TRUE), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_NO_MORE_ENTRIES);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_BACKWARD), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
}

TEST(a_log_without_containers_has_no_entries) {
    PLOG_FILE_OBJECT file = open_log(TEXT("log:empty"));
    CLFS_SCAN_CONTEXT scan;
    REQUIRE_STATUS(ClfsCreateScanContext(file, 0, 1, CLFS_SCAN_FORWARD, &scan), STATUS_SUCCESS);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_FORWARD), STATUS_NO_MORE_ENTRIES);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_BACKWARD), STATUS_NO_MORE_ENTRIES);
    CHECK_STATUS(ClfsScanLogContainers(&scan, CLFS_SCAN_CLOSE), STATUS_SUCCESS);
    close_log(file);
}

int main(void) {
    log_ = make_log(TEXT("log:scanned"));
    for (unsigned count = 0; count < 3; count++)
        add_container(log_.file, CONTAINER_BYTES);
    put(log_.area, "in the first");
    RUN(what_is_no_open_walk_is_an_invalid_parameter);
    RUN(a_mode_that_is_no_step_is_an_invalid_parameter);
    RUN(containers_are_described_in_their_order);
    RUN(a_walk_turns_round);
    RUN(a_walk_is_closed_once_and_takes_no_step_then);
    RUN(a_walk_ends_after_its_log_was_closed);
    RUN(containers_come_and_go_under_a_walk);
    RUN(a_log_without_containers_has_no_entries);
    drop_log(&log_);
    return check_end();
}
