/* ClfsFreeReservedLog: gives back what the area holds, and no more. */
#include "fixture.h"

static LOG log_;

static LONGLONG reserved(void) { return information(log_.file).TotalReservation; }

/* Reserves for so many records of 3,000 bytes; the room of one. */
static LONGLONG reserve(ULONG count) {
    LONGLONG size = 3000, one = 0, all;
    CHECK_STATUS(ClfsAlignReservedLog(log_.area, 1, &size, &one), STATUS_SUCCESS);
    all = count * one;
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, count, &all), STATUS_SUCCESS);
    return one;
}

TEST(a_negative_adjustment_is_freed) {
    LONGLONG one = reserve(3), back = -one;
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 1, &back), STATUS_SUCCESS);
    CHECK(reserved() == 2 * one && back == -one);
    back = -2 * one;
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 2, &back), STATUS_SUCCESS);
    CHECK(reserved() == 0);
}

TEST(a_positive_adjustment_stays) {
    LONGLONG one = reserve(3), stays = one;
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 1, &stays), STATUS_SUCCESS);
    CHECK(reserved() == one);
    stays = -one;
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 1, &stays), STATUS_SUCCESS);
    CHECK(reserved() == 0);
}

TEST(all_room_goes_back_with_the_last_record) {
    LONGLONG one = reserve(2), back = -one;
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 2, &back), STATUS_SUCCESS);
    CHECK(reserved() == 0);
}

TEST(more_than_is_held_is_refused_whole) {
    LONGLONG one = reserve(2), most = -3 * one, least = -0x7FFFFFFFFFFFFFFF - 1, stays = 3 * one,
             everything = 0x7FFFFFFFFFFFFFFF;
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 3, &most), STATUS_LOG_RECORDS_RESERVED_INVALID);
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 0xFFFFFFFF, &most), STATUS_LOG_RECORDS_RESERVED_INVALID);
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 1, &most), STATUS_LOG_SPACE_RESERVED_INVALID);
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 1, &least), STATUS_LOG_SPACE_RESERVED_INVALID);
    CHECK(NT_ERROR(ClfsFreeReservedLog(log_.area, 2, &stays)));
    CHECK(NT_ERROR(ClfsFreeReservedLog(log_.area, 1, &everything)));
    CHECK(reserved() == 2 * one);
    PVOID other = make_area(log_.file);
    LONGLONG back = -one;
    CHECK(NT_ERROR(ClfsFreeReservedLog(other, 1, &back)));
    CHECK_STATUS(ClfsDeleteMarshallingArea(other), STATUS_SUCCESS);
    CHECK(reserved() == 2 * one);
    back = -2 * one;
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 2, &back), STATUS_SUCCESS);
    CHECK(reserved() == 0);
    CHECK(NT_ERROR(ClfsFreeReservedLog(log_.area, 1, &back)));
}

TEST(bad_parameters_free_nothing) {
    LONGLONG one = reserve(1), back = -one;
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsFreeReservedLog(made_up(at), 1, &back), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 1, NULL), STATUS_INVALID_PARAMETER);
    CHECK(reserved() == one);
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, 1, &back), STATUS_SUCCESS);
}

int main(void) {
    log_ = make_log(TEXT("log:free"));
    RUN(a_negative_adjustment_is_freed);
    RUN(a_positive_adjustment_stays);
    RUN(all_room_goes_back_with_the_last_record);
    RUN(more_than_is_held_is_refused_whole);
    RUN(bad_parameters_free_nothing);
    drop_log(&log_);
    return check_end();
}
