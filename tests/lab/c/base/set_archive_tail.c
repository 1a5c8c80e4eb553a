/* ClfsSetArchiveTail: what is archived may be recycled; never back, never behind the end. */
#include "fixture.h"

static LOG archived_log(PUNICODE_STRING name) {
    LOG log = {NULL, NULL};
    CHECK_STATUS(open_with(&log.file, name, READ_WRITE_DELETE, SHARE_ALL, OPEN_ALWAYS, FILE_ATTRIBUTE_ARCHIVE),
                 STATUS_SUCCESS);
    for (ULONG count = information(log.file).TotalContainers; count < 2; count++)
        add_container(log.file, CONTAINER_BYTES);
    log.area = make_area(log.file);
    return log;
}

TEST(a_log_that_is_not_archived_has_no_archive_tail) {
    LOG log = make_log(TEXT("log:ephemeral"));
    CLFS_LSN lsn = put(log.area, "x");
    CHECK_STATUS(ClfsSetArchiveTail(log.file, &lsn), STATUS_LOG_EPHEMERAL);
    drop_log(&log);
}

TEST(bad_parameters_move_nothing) {
    LOG log = archived_log(TEXT("log:bad"));
    CLFS_LSN lsn = put(log.area, "x"), invalid = CLFS_LSN_INVALID, all_ones = {~0ULL},
             before = information(log.file).MinArchiveTailLsn;
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsSetArchiveTail(made_up(at), &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsSetArchiveTail(log.file, NULL), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsSetArchiveTail(log.file, &invalid), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsSetArchiveTail(log.file, &all_ones), STATUS_INVALID_PARAMETER);
    CLFS_LSN after = information(log.file).MinArchiveTailLsn;
    CHECK(ClfsLsnEqual(&before, &after));
    drop_log(&log);
}

TEST(the_archive_tail_moves_forward_and_is_kept) {
    LOG log = archived_log(TEXT("log:moves"));
    CLFS_LSN first = put(log.area, "one"), second = put(log.area, "two"), end = information(log.file).LastLsn;
    CHECK_STATUS(ClfsSetArchiveTail(log.file, &second), STATUS_SUCCESS);
    CLFS_LSN tail = information(log.file).MinArchiveTailLsn;
    CHECK(ClfsLsnEqual(&tail, &second));
    CHECK_STATUS(ClfsSetArchiveTail(log.file, &first), STATUS_LOG_TAIL_INVALID);
    CLFS_LSN beyond = ClfsLsnCreate(ClfsLsnContainer(&end) + 1, 0, 0);
    CHECK_STATUS(ClfsSetArchiveTail(log.file, &beyond), STATUS_LOG_TAIL_INVALID);
    drop_log(&log);
    log = archived_log(TEXT("log:moves"));
    tail = information(log.file).MinArchiveTailLsn;
    CHECK(ClfsLsnEqual(&tail, &second));
    end = information(log.file).LastLsn;
    CHECK_STATUS(ClfsSetArchiveTail(log.file, &end), STATUS_SUCCESS);
    drop_log(&log);
}

TEST(records_that_are_not_archived_hold_the_log) {
    LOG log = archived_log(TEXT("log:holds"));
    unsigned count = fill(log.area);
    CLFS_LSN end = information(log.file).LastLsn;
    CHECK(count > 10);
    CHECK_STATUS(ClfsAdvanceLogBase(log.area, &end, 0), STATUS_SUCCESS);
    CHECK_STATUS(append(log.area, (UCHAR[24 * 1024]){0}, 24 * 1024, 0, NULL), STATUS_LOG_FULL);
    CHECK_STATUS(ClfsSetArchiveTail(log.file, &end), STATUS_SUCCESS);
    CHECK_STATUS(append(log.area, (UCHAR[24 * 1024]){0}, 24 * 1024, 0, NULL), STATUS_SUCCESS);
    drop_log(&log);
}

int main(void) {
    RUN(a_log_that_is_not_archived_has_no_archive_tail);
    RUN(bad_parameters_move_nothing);
    RUN(the_archive_tail_moves_forward_and_is_kept);
    RUN(records_that_are_not_archived_hold_the_log);
    return check_end();
}
