/* ClfsWriteRestartArea: durable with all records before it, and the base with it: all or nothing. */
#include "fixture.h"

static LOG log_;

static NTSTATUS newest(RECORD *record) {
    memset(record, 0, sizeof *record);
    return ClfsReadRestartArea(log_.area, &record->bytes, &record->length, &record->lsn, &record->context);
}

static void expect_newest(const char *text, CLFS_LSN lsn) {
    RECORD record;
    if (CHECK_STATUS(newest(&record), STATUS_SUCCESS)) {
        CHECK(holds(&record, text) && ClfsLsnEqual(&record.lsn, &lsn));
        CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    }
}

TEST(a_restart_area_is_durable_and_told_of) {
    CLFS_LSN before = put(log_.area, "before"), lsn, found;
    ULONG written = 0;
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, "state", 5, NULL, 0, &written, &lsn), STATUS_SUCCESS);
    CHECK(written >= SECTOR_BYTES && written % SECTOR_BYTES == 0 && ClfsLsnGreater(&lsn, &before));
    found = information(log_.file).RestartLsn;
    CHECK(ClfsLsnEqual(&found, &lsn));
    found = information(log_.file).LastFlushedLsn;
    CHECK(ClfsLsnGreater(&found, &lsn));
    expect_newest("state", lsn);
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, "outputs are optional", 20, NULL, 0, NULL, NULL), STATUS_SUCCESS);
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, "", 0, NULL, 0, NULL, &lsn), STATUS_SUCCESS);
    expect_newest("", lsn);
}

TEST(the_base_moves_with_it_and_both_are_kept) {
    CLFS_LSN kept = put(log_.area, "kept"), lsn, found;
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, "with base", 9, &kept, 0, NULL, &lsn), STATUS_SUCCESS);
    found = information(log_.file).BaseLsn;
    CHECK(ClfsLsnEqual(&found, &kept));
    drop_log(&log_);
    log_ = make_log(TEXT("log:restart"));
    found = information(log_.file).BaseLsn;
    CHECK(ClfsLsnEqual(&found, &kept));
    expect_newest("with base", lsn);
    expect_at(log_.area, kept, "kept");
}

TEST(bad_parameters_write_nothing) {
    CLFS_LSN base = information(log_.file).BaseLsn, end = information(log_.file).LastLsn, lsn, low = {0},
             invalid = CLFS_LSN_INVALID, beyond = ClfsLsnCreate(ClfsLsnContainer(&end) + 1, 0, 0), found;
    ULONG written;
    FILL(lsn), FILL(written);
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsWriteRestartArea(made_up(at), "x", 1, NULL, 0, &written, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, NULL, 1, NULL, 0, &written, &lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, NULL, 0, NULL, 0, &written, &lsn), STATUS_INVALID_PARAMETER);
    for (unsigned bit = 0; bit < 32; bit++)
        if (bit != 2)
            CHECK_STATUS(ClfsWriteRestartArea(log_.area, "x", 1, NULL, (ULONG)1 << bit, &written, &lsn),
                         STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, "x", 1, &low, 0, &written, &lsn), STATUS_LOG_START_OF_LOG);
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, "x", 1, &beyond, 0, &written, &lsn), STATUS_LOG_TAIL_INVALID);
    CHECK(NT_ERROR(ClfsWriteRestartArea(log_.area, "x", 1, &invalid, 0, &written, &lsn)));
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, "x", 1, NULL, CLFS_FLAG_USE_RESERVATION, &written, &lsn),
                 STATUS_LOG_SPACE_RESERVED_INVALID);
    UCHAR *large = calloc(1, BLOCK_BYTES);
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, large, BLOCK_BYTES, NULL, 0, &written, &lsn),
                 STATUS_LOG_BLOCKS_EXHAUSTED);
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, large, 0xFFFFFFFF, NULL, 0, &written, &lsn),
                 STATUS_LOG_BLOCKS_EXHAUSTED);
    free(large);
    CHECK(IS_MARKED(lsn) && IS_MARKED(written));
    found = information(log_.file).LastLsn;
    CHECK(ClfsLsnEqual(&found, &end));
    found = information(log_.file).BaseLsn;
    CHECK(ClfsLsnEqual(&found, &base));
}

TEST(a_full_log_has_room_for_one_small_restart_area) {
    CLFS_LSN lsn, end;
    UCHAR large[24 * 1024] = {0};
    fill(log_.area);
    FILL(lsn);
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, large, sizeof large, NULL, 0, NULL, &lsn), STATUS_LOG_FULL);
    CHECK(IS_MARKED(lsn));
    end = information(log_.file).LastLsn;
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, "small", 5, &end, 0, NULL, &lsn), STATUS_SUCCESS);
    expect_newest("small", lsn);
    CHECK_STATUS(append(log_.area, large, sizeof large, 0, NULL), STATUS_SUCCESS);
}

TEST(a_reservation_is_used) {
    LONGLONG size = 2000;
    UCHAR bytes[2000] = {0};
    REQUIRE_STATUS(ClfsReserveAndAppendLog(log_.area, NULL, 0, NULL, NULL, 1, &size, 0, NULL), STATUS_SUCCESS);
    CHECK(information(log_.file).TotalReservation == size);
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, bytes, sizeof bytes, NULL, CLFS_FLAG_USE_RESERVATION, NULL, NULL),
                 STATUS_SUCCESS);
    CHECK(information(log_.file).TotalReservation == 0);
}

int main(void) {
    log_ = make_log(TEXT("log:restart"));
    RUN(a_restart_area_is_durable_and_told_of);
    RUN(the_base_moves_with_it_and_both_are_kept);
    RUN(bad_parameters_write_nothing);
    RUN(a_full_log_has_room_for_one_small_restart_area);
    RUN(a_reservation_is_used);
    drop_log(&log_);
    return check_end();
}
