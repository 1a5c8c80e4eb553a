/* ClfsAdvanceLogBase: forward only, never behind the end, and for good. */
#include "fixture.h"

static LOG log_;

static CLFS_LSN base(void) { return information(log_.file).BaseLsn; }

TEST(the_base_moves_forward_and_records_below_are_gone) {
    CLFS_LSN first = put(log_.area, "first"), second = put(log_.area, "second"), found;
    RECORD record;
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &second, 0), STATUS_SUCCESS);
    found = base();
    CHECK(ClfsLsnEqual(&found, &second));
    CHECK_STATUS(read_first(&record, log_.area, first, ClfsContextForward), STATUS_LOG_START_OF_LOG);
    expect_at(log_.area, second, "second");
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &second, 0), STATUS_SUCCESS);
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &first, 0), STATUS_LOG_START_OF_LOG);
    found = base();
    CHECK(ClfsLsnEqual(&found, &second));
    drop_log(&log_);
    log_ = make_log(TEXT("log:base"));
    found = base();
    CHECK(ClfsLsnEqual(&found, &second));
    expect_at(log_.area, second, "second");
}

TEST(any_area_of_the_stream_moves_it_up_to_its_end) {
    PVOID other = make_area(log_.file);
    CLFS_LSN lsn = put(log_.area, "x"), end = information(log_.file).LastLsn, found;
    CHECK_STATUS(ClfsAdvanceLogBase(other, &end, 0), STATUS_SUCCESS);
    found = base();
    CHECK(ClfsLsnEqual(&found, &end));
    lsn = put(log_.area, "after");
    expect_at(other, lsn, "after");
    CHECK_STATUS(ClfsDeleteMarshallingArea(other), STATUS_SUCCESS);
}

TEST(bad_parameters_move_nothing) {
    CLFS_LSN lsn = put(log_.area, "x"), before = base(), end = information(log_.file).LastLsn, found;
    CLFS_LSN beyond = ClfsLsnCreate(ClfsLsnContainer(&end) + 1, 0, 0), invalid = CLFS_LSN_INVALID, ones = {~0ULL},
             far = ClfsLsnCreate(0xFFFFFFFE, 0xFFFFFE00, 511);
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsAdvanceLogBase(made_up(at), &lsn, 0), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, NULL, 0), STATUS_INVALID_PARAMETER);
    for (unsigned bit = 0; bit < 32; bit++)
        CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &lsn, (ULONG)1 << bit), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &invalid, 0), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &ones, 0), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &beyond, 0), STATUS_LOG_TAIL_INVALID);
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &far, 0), STATUS_LOG_TAIL_INVALID);
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &(CLFS_LSN){0}, 0), STATUS_LOG_START_OF_LOG);
    found = base();
    CHECK(ClfsLsnEqual(&found, &before));
}

TEST(a_log_is_filled_and_emptied_many_times) {
    unsigned least = 1000;
    for (unsigned round = 0; round < 6; round++) {
        unsigned count = fill(log_.area);
        CLFS_LSN end = information(log_.file).LastLsn;
        CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &end, 0), STATUS_SUCCESS);
        least = round > 0 && count < least ? count : least;
    }
    CHECK(least >= 20);
    CLFS_LSN lsn = put(log_.area, "after six rounds");
    drop_log(&log_);
    log_ = make_log(TEXT("log:base"));
    expect_at(log_.area, lsn, "after six rounds");
}

int main(void) {
    log_ = make_log(TEXT("log:base"));
    RUN(the_base_moves_forward_and_records_below_are_gone);
    RUN(any_area_of_the_stream_moves_it_up_to_its_end);
    RUN(bad_parameters_move_nothing);
    RUN(a_log_is_filled_and_emptied_many_times);
    drop_log(&log_);
    return check_end();
}
