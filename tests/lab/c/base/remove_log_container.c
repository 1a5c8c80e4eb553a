/* ClfsRemoveLogContainer and ClfsRemoveLogContainerSet: free ones now, active ones when the tail has passed them. */
#include "fixture.h"

static int exists(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file != NULL)
        fclose(file);
    return file != NULL;
}

/* A log of four containers with known names. */
static LOG named_log(PUNICODE_STRING name, UNICODE_STRING names[4]) {
    LOG log = {open_log(name), NULL};
    ULONGLONG size = CONTAINER_BYTES;
    CHECK_STATUS(ClfsAddLogContainerSet(log.file, 4, &size, names), STATUS_SUCCESS);
    log.area = make_area(log.file);
    return log;
}

TEST(what_is_no_open_log_or_no_path_is_an_invalid_parameter) {
    LOG log = make_log(TEXT("log:null"));
    UNICODE_STRING odd = *TEXT("%BLF%\\x"), nowhere = {8, 8, NULL};
    odd.Length--;
    for (unsigned at = 0; at < MADE_UP; at++) {
        CHECK_STATUS(ClfsRemoveLogContainer(made_up(at), TEXT("%BLF%\\x"), TRUE), STATUS_INVALID_PARAMETER);
        CHECK_STATUS(ClfsRemoveLogContainerSet(made_up(at), 1, TEXT("%BLF%\\x"), TRUE), STATUS_INVALID_PARAMETER);
    }
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, NULL, TRUE), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, &odd, TRUE), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, &nowhere, TRUE), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsRemoveLogContainerSet(log.file, 0, TEXT("%BLF%\\x"), TRUE), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsRemoveLogContainerSet(log.file, 3, NULL, TRUE), STATUS_INVALID_PARAMETER);
    drop_log(&log);
}

TEST(a_path_that_was_not_added_is_not_found) {
    LOG log = make_log(TEXT("log:other"));
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, TEXT("%BLF%\\never"), TRUE), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, TEXT("%BLF%\\never"), FALSE), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, TEXT("%BLF%\\other.blf"), FALSE), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, TEXT(""), FALSE), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK(information(log.file).TotalContainers == 2 && exists("other.blf"));
    drop_log(&log);
}

TEST(a_free_container_goes_at_once_with_its_file) {
    UNICODE_STRING names[] = {*TEXT("%BLF%\\f1"), *TEXT("%BLF%\\f2"), *TEXT("%BLF%\\f3"), *TEXT("%BLF%\\f4")};
    LOG log = named_log(TEXT("log:free"), names);
    CLFS_LSN lsn = put(log.area, "kept");
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, &names[3], TRUE), STATUS_SUCCESS);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, &names[3], TRUE), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, &names[2], FALSE), STATUS_SUCCESS);
    CHECK(!exists("f4") && !exists("f3") && exists("f1") && exists("f2"));
    CHECK(information(log.file).TotalContainers == 2);
    CHECK_STATUS(ClfsAddLogContainer(log.file, NULL, &names[3]), STATUS_SUCCESS);
    CHECK(information(log.file).TotalContainers == 3);
    drop_log(&log);
    log = make_log(TEXT("log:free"));
    CHECK(information(log.file).TotalContainers == 3);
    expect_at(log.area, lsn, "kept");
    drop_log(&log);
}

TEST(the_container_that_is_written_is_not_removed_by_force) {
    UNICODE_STRING names[] = {*TEXT("%BLF%\\w1"), *TEXT("%BLF%\\w2"), *TEXT("%BLF%\\w3"), *TEXT("%BLF%\\w4")};
    LOG log = named_log(TEXT("log:written"), names);
    CLFS_LSN lsn = put(log.area, "active");
    CHECK_STATUS(ClfsFlushBuffers(log.area), STATUS_SUCCESS);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, &names[0], TRUE), STATUS_LOG_CANT_DELETE);
    CHECK(exists("w1"));
    expect_at(log.area, lsn, "active");
    put(log.area, "goes on");
    drop_log(&log);
}

TEST(an_active_container_goes_when_the_tail_has_passed_it) {
    UNICODE_STRING names[] = {*TEXT("%BLF%\\p1"), *TEXT("%BLF%\\p2"), *TEXT("%BLF%\\p3"), *TEXT("%BLF%\\p4")};
    LOG log = named_log(TEXT("log:passed"), names);
    CLFS_LSN first = put(log.area, "in the first");
    while (ClfsLsnContainer(&(CLFS_LSN){information(log.file).LastLsn.Internal}) == ClfsLsnContainer(&first)) {
        static UCHAR filler[24 * 1024];
        REQUIRE_STATUS(append(log.area, filler, sizeof filler, CLFS_FLAG_FORCE_APPEND, NULL), STATUS_SUCCESS);
    }
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, &names[0], FALSE), STATUS_SUCCESS);
    CHECK(exists("p1"));
    expect_at(log.area, first, "in the first");
    CLFS_LSN end = information(log.file).LastLsn;
    CHECK_STATUS(ClfsAdvanceLogBase(log.area, &end, 0), STATUS_SUCCESS);
    CHECK(!exists("p1"));
    CHECK(information(log.file).TotalContainers == 3);
    put(log.area, "later");
    drop_log(&log);
    log = make_log(TEXT("log:passed"));
    CHECK(information(log.file).TotalContainers == 3);
    drop_log(&log);
}

TEST(promised_room_and_the_last_container_stay) {
    UNICODE_STRING names[] = {*TEXT("%BLF%\\r1"), *TEXT("%BLF%\\r2"), *TEXT("%BLF%\\r3"), *TEXT("%BLF%\\r4")};
    LOG log = named_log(TEXT("log:promised"), names);
    LONGLONG sizes[24], bytes = 0;
    for (unsigned at = 0; at < 24; at++)
        sizes[at] = 48 * 1024;
    REQUIRE_STATUS(ClfsAlignReservedLog(log.area, 24, sizes, &bytes), STATUS_SUCCESS);
    REQUIRE_STATUS(ClfsAllocReservedLog(log.area, 24, &bytes), STATUS_SUCCESS);
    NTSTATUS status = STATUS_SUCCESS;
    for (unsigned at = 4; at > 0 && status == STATUS_SUCCESS; at--)
        status = ClfsRemoveLogContainer(log.file, &names[at - 1], TRUE);
    CHECK_STATUS(status, STATUS_LOG_CANT_DELETE);
    bytes = -bytes;
    CHECK_STATUS(ClfsFreeReservedLog(log.area, 24, &bytes), STATUS_SUCCESS);
    for (unsigned at = 4; at > 0; at--)
        (void)ClfsRemoveLogContainer(log.file, &names[at - 1], TRUE);
    CHECK(information(log.file).TotalContainers >= 1);
    drop_log(&log);
}

TEST(a_set_goes_as_a_whole_or_not_at_all) {
    UNICODE_STRING names[] = {*TEXT("%BLF%\\s1"), *TEXT("%BLF%\\s2"), *TEXT("%BLF%\\s3"), *TEXT("%BLF%\\s4")};
    LOG log = named_log(TEXT("log:set"), names);
    put(log.area, "active");
    UNICODE_STRING wanted[] = {names[3], *TEXT("%BLF%\\none"), names[2]}, twice[] = {names[3], names[3]};
    UNICODE_STRING active[] = {names[3], names[0]};
    CHECK_STATUS(ClfsRemoveLogContainerSet(log.file, 3, wanted, TRUE), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(ClfsRemoveLogContainerSet(log.file, 3, wanted, FALSE), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(ClfsRemoveLogContainerSet(log.file, 2, twice, TRUE), STATUS_OBJECT_NAME_NOT_FOUND);
    CHECK_STATUS(ClfsRemoveLogContainerSet(log.file, 2, active, TRUE), STATUS_LOG_CANT_DELETE);
    CHECK(exists("s4") && exists("s3") && information(log.file).TotalContainers == 4);
    CHECK_STATUS(ClfsRemoveLogContainerSet(log.file, 2, &names[2], TRUE), STATUS_SUCCESS);
    CHECK(!exists("s4") && !exists("s3") && information(log.file).TotalContainers == 2);
    drop_log(&log);
}

TEST(a_set_of_active_and_free_ones_goes_now_and_when_the_tail_has_passed) {
    UNICODE_STRING names[] = {*TEXT("%BLF%\\m1"), *TEXT("%BLF%\\m2"), *TEXT("%BLF%\\m3"), *TEXT("%BLF%\\m4")};
    LOG log = named_log(TEXT("log:mixed"), names);
    CLFS_LSN first = put(log.area, "in the first");
    while (ClfsLsnContainer(&(CLFS_LSN){information(log.file).LastLsn.Internal}) == ClfsLsnContainer(&first)) {
        static UCHAR filler[24 * 1024];
        REQUIRE_STATUS(append(log.area, filler, sizeof filler, CLFS_FLAG_FORCE_APPEND, NULL), STATUS_SUCCESS);
    }
    UNICODE_STRING both[] = {names[0], names[3]};
    CHECK_STATUS(ClfsRemoveLogContainerSet(log.file, 2, both, FALSE), STATUS_SUCCESS);
    CHECK(exists("m1") && !exists("m4"));
    expect_at(log.area, first, "in the first");
    CLFS_LSN end = information(log.file).LastLsn;
    CHECK_STATUS(ClfsAdvanceLogBase(log.area, &end, 0), STATUS_SUCCESS);
    CHECK(!exists("m1") && information(log.file).TotalContainers == 2);
    drop_log(&log);
}

TEST(a_set_that_promised_room_or_the_last_container_needs_stays_whole) {
    UNICODE_STRING names[] = {*TEXT("%BLF%\\q1"), *TEXT("%BLF%\\q2"), *TEXT("%BLF%\\q3"), *TEXT("%BLF%\\q4")};
    LOG log = named_log(TEXT("log:whole"), names);
    CHECK_STATUS(ClfsRemoveLogContainerSet(log.file, 4, names, TRUE), STATUS_LOG_CANT_DELETE);
    LONGLONG sizes[24], bytes = 0;
    for (unsigned at = 0; at < 24; at++)
        sizes[at] = 48 * 1024;
    REQUIRE_STATUS(ClfsAlignReservedLog(log.area, 24, sizes, &bytes), STATUS_SUCCESS);
    REQUIRE_STATUS(ClfsAllocReservedLog(log.area, 24, &bytes), STATUS_SUCCESS);
    CHECK_STATUS(ClfsRemoveLogContainerSet(log.file, 3, &names[1], TRUE), STATUS_LOG_CANT_DELETE);
    CHECK(information(log.file).TotalContainers == 4 && exists("q2") && exists("q4"));
    CHECK_STATUS(ClfsFreeReservedLog(log.area, 24, &bytes), STATUS_SUCCESS);
    drop_log(&log);
}

int main(void) {
    RUN(what_is_no_open_log_or_no_path_is_an_invalid_parameter);
    RUN(a_path_that_was_not_added_is_not_found);
    RUN(a_free_container_goes_at_once_with_its_file);
    RUN(the_container_that_is_written_is_not_removed_by_force);
    RUN(an_active_container_goes_when_the_tail_has_passed_it);
    RUN(promised_room_and_the_last_container_stay);
    RUN(a_set_goes_as_a_whole_or_not_at_all);
    RUN(a_set_of_active_and_free_ones_goes_now_and_when_the_tail_has_passed);
    RUN(a_set_that_promised_room_or_the_last_container_needs_stays_whole);
    return check_end();
}
