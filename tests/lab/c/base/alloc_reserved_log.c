/* ClfsAllocReservedLog: room is promised, or there is none. */
#include "fixture.h"

static LOG log_;

static LONGLONG reserved(void) { return information(log_.file).TotalReservation; }

static LONGLONG room_of(LONGLONG size) {
    LONGLONG bytes = 0;
    CHECK_STATUS(ClfsAlignReservedLog(log_.area, 1, &size, &bytes), STATUS_SUCCESS);
    return bytes;
}

static void give_back(ULONG count, LONGLONG bytes) {
    bytes = -bytes;
    CHECK_STATUS(ClfsFreeReservedLog(log_.area, count, &bytes), STATUS_SUCCESS);
    CHECK(reserved() == 0);
}

TEST(promised_room_is_there_when_the_log_is_full) {
    LONGLONG bytes = room_of(20000);
    UCHAR record[20000] = {0};
    CLFS_LSN lsn;
    REQUIRE_STATUS(ClfsAllocReservedLog(log_.area, 1, &bytes), STATUS_SUCCESS);
    CHECK(reserved() == bytes);
    fill(log_.area);
    CHECK_STATUS(append(log_.area, record, sizeof record, 0, NULL), STATUS_LOG_FULL);
    CHECK_STATUS(append(log_.area, record, sizeof record, CLFS_FLAG_USE_RESERVATION | CLFS_FLAG_FORCE_FLUSH, &lsn),
                 STATUS_SUCCESS);
    CHECK(reserved() == 0);
    CLFS_LSN end = information(log_.file).LastLsn;
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &end, 0), STATUS_SUCCESS);
}

TEST(room_for_many_records_is_promised_at_once) {
    LONGLONG bytes = 10 * room_of(3000);
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, 10, &bytes), STATUS_SUCCESS);
    CHECK(reserved() == bytes);
    give_back(10, bytes);
}

TEST(what_does_not_fit_is_refused_whole) {
    LONGLONG one = room_of(60000), all = 1000 * one;
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, 1000, &all), STATUS_LOG_FULL);
    CHECK(reserved() == 0 && all == 1000 * one);
}

TEST(bad_parameters_reserve_nothing) {
    LONGLONG good = room_of(100), zero = 0, odd = good + 1, negative = -good, least = -0x7FFFFFFFFFFFFFFF - 1,
             most = 0x7FFFFFFFFFFFFFFF, sector = SECTOR_BYTES;
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsAllocReservedLog(made_up(at), 1, &good), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, 1, NULL), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, 0, &good), STATUS_LOG_RECORDS_RESERVED_INVALID);
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, 1, &zero), STATUS_LOG_SPACE_RESERVED_INVALID);
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, 1, &negative), STATUS_LOG_SPACE_RESERVED_INVALID);
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, 1, &least), STATUS_LOG_SPACE_RESERVED_INVALID);
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, 1, &odd), STATUS_LOG_SPACE_RESERVED_INVALID);
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, 2, &sector), STATUS_LOG_SPACE_RESERVED_INVALID);
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, 0xFFFFFFFF, &good), STATUS_LOG_SPACE_RESERVED_INVALID);
    CHECK(NT_ERROR(ClfsAllocReservedLog(log_.area, 1, &most)));
    CHECK(NT_ERROR(ClfsAllocReservedLog(log_.area, 0xFFFFFFFF, &most)));
    CHECK(reserved() == 0);
}

TEST(a_log_that_lost_a_container_promises_nothing) {
    LOG log = {open_log(TEXT("log:lost")), NULL};
    ULONGLONG size = CONTAINER_BYTES;
    UNICODE_STRING names[] = {*TEXT("%BLF%\\lost-1"), *TEXT("%BLF%\\lost-2")};
    CHECK_STATUS(ClfsAddLogContainerSet(log.file, 2, &size, names), STATUS_SUCCESS);
    log.area = make_area(log.file);
    CHECK_STATUS(ClfsRemoveLogContainer(log.file, &names[1], TRUE), STATUS_SUCCESS);
    LONGLONG bytes = room_of(100);
    CHECK_STATUS(ClfsAllocReservedLog(log.area, 1, &bytes), STATUS_LOG_NOT_ENOUGH_CONTAINERS);
    drop_log(&log);
}

TEST(promises_do_not_outlive_the_log) {
    LONGLONG bytes = room_of(5000);
    CHECK_STATUS(ClfsAllocReservedLog(log_.area, 1, &bytes), STATUS_SUCCESS);
    drop_log(&log_);
    log_ = make_log(TEXT("log:alloc"));
    CHECK(reserved() == 0);
}

int main(void) {
    log_ = make_log(TEXT("log:alloc"));
    RUN(promised_room_is_there_when_the_log_is_full);
    RUN(room_for_many_records_is_promised_at_once);
    RUN(what_does_not_fit_is_refused_whole);
    RUN(bad_parameters_reserve_nothing);
    RUN(a_log_that_lost_a_container_promises_nothing);
    RUN(promises_do_not_outlive_the_log);
    drop_log(&log_);
    return check_end();
}
