/* ClfsAlignReservedLog: the room that records need; it reserves nothing. */
#include "fixture.h"

static LOG log_;

static LONGLONG aligned(ULONG count, LONGLONG *sizes) {
    LONGLONG bytes = 0;
    CHECK_STATUS(ClfsAlignReservedLog(log_.area, count, sizes, &bytes), STATUS_SUCCESS);
    return bytes;
}

TEST(the_room_is_whole_sectors_that_hold_the_records) {
    LONGLONG sizes[] = {1, 400, 512, 10000, 60000}, sum = 0;
    for (unsigned at = 0; at < 5; at++) {
        LONGLONG one = aligned(1, &sizes[at]);
        CHECK(one > sizes[at] && one % SECTOR_BYTES == 0 && one <= BLOCK_BYTES);
        sum += one;
    }
    CHECK(aligned(5, sizes) == sum);
    CHECK(information(log_.file).TotalReservation == 0);
}

TEST(no_records_need_no_room) {
    LONGLONG bytes = 7;
    NTSTATUS status = ClfsAlignReservedLog(log_.area, 0, NULL, &bytes);
    CHECK(status == STATUS_SUCCESS ? bytes == 0 : status == STATUS_INVALID_PARAMETER && bytes == 7);
}

TEST(bad_parameters_leave_the_output) {
    LONGLONG good = 100, bytes;
    const LONGLONG wrong[] = {0, -1, -512, -0x7FFFFFFFFFFFFFFF - 1};
    FILL(bytes);
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsAlignReservedLog(made_up(at), 1, &good, &bytes), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAlignReservedLog(log_.area, 1, NULL, &bytes), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAlignReservedLog(log_.area, 0xFFFFFFFF, NULL, &bytes), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAlignReservedLog(log_.area, 1, &good, NULL), STATUS_INVALID_PARAMETER);
    for (unsigned at = 0; at < 4; at++) {
        LONGLONG sizes[] = {100, wrong[at]};
        CHECK_STATUS(ClfsAlignReservedLog(log_.area, 2, sizes, &bytes), STATUS_INVALID_PARAMETER);
    }
    CHECK(IS_MARKED(bytes));
}

TEST(a_record_larger_than_a_block_has_no_room) {
    const LONGLONG large[] = {BLOCK_BYTES, 1 << 20, (LONGLONG)1 << 32, 0x7FFFFFFFFFFFFFFF};
    LONGLONG bytes;
    FILL(bytes);
    for (unsigned at = 0; at < 4; at++) {
        LONGLONG sizes[] = {large[at], 100};
        CHECK_STATUS(ClfsAlignReservedLog(log_.area, 2, sizes, &bytes), STATUS_LOG_BLOCKS_EXHAUSTED);
    }
    CHECK(IS_MARKED(bytes));
}

TEST(many_records_add_up) {
    enum { RECORDS = 5000 };
    LONGLONG *sizes = malloc(RECORDS * sizeof *sizes);
    for (unsigned at = 0; at < RECORDS; at++)
        sizes[at] = 60000;
    CHECK(aligned(RECORDS, sizes) == RECORDS * aligned(1, sizes));
    free(sizes);
}

int main(void) {
    log_ = make_log(TEXT("log:align"));
    RUN(the_room_is_whole_sectors_that_hold_the_records);
    RUN(no_records_need_no_room);
    RUN(bad_parameters_leave_the_output);
    RUN(a_record_larger_than_a_block_has_no_room);
    RUN(many_records_add_up);
    drop_log(&log_);
    return check_end();
}
