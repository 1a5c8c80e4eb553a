/* ClfsDeleteMarshallingArea: flushes, gives back, and is good for nothing afterwards. */
#include "fixture.h"

TEST(what_is_no_area_is_an_invalid_parameter) {
    LOG log = make_log(TEXT("log:none"));
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsDeleteMarshallingArea(made_up(at)), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsDeleteMarshallingArea(log.file), STATUS_INVALID_PARAMETER);
    PVOID area = log.area;
    drop_log(&log);
    CHECK_STATUS(ClfsDeleteMarshallingArea(area), STATUS_INVALID_PARAMETER);
}

TEST(a_deleted_area_is_good_for_nothing) {
    LOG log = make_log(TEXT("log:gone"));
    PVOID area = make_area(log.file);
    CLFS_LSN lsn = put(area, "left behind"), out;
    LONGLONG size = 100, bytes;
    RECORD record;
    FILL(out), FILL(bytes);
    CHECK_STATUS(ClfsDeleteMarshallingArea(area), STATUS_SUCCESS);
    CHECK_STATUS(append(area, "x", 1, 0, &out), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsReserveAndAppendLogAligned(area, NULL, 0, 8, NULL, NULL, 1, &size, 0, &out),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsFlushBuffers(area), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsFlushToLsn(area, &lsn, &out), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAdvanceLogBase(area, &lsn, 0), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsWriteRestartArea(area, "x", 1, NULL, 0, NULL, &out), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAlignReservedLog(area, 1, &size, &bytes), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsAllocReservedLog(area, 1, &size), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsFreeReservedLog(area, 1, &size), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(read_first(&record, area, lsn, ClfsContextForward), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsReadRestartArea(area, &record.bytes, &record.length, &record.lsn, &record.context),
                 STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(out) && IS_MARKED(bytes) && size == 100);
    expect_at(log.area, lsn, "left behind");
    drop_log(&log);
}

TEST(records_are_flushed_and_reservations_given_back) {
    LOG log = make_log(TEXT("log:back"));
    PVOID area = make_area(log.file);
    LONGLONG sizes[] = {100, 2000, 30000}, bytes = 0;
    CLFS_LSN lsn = put(area, "flushed by deletion");
    REQUIRE_STATUS(ClfsAlignReservedLog(area, 3, sizes, &bytes), STATUS_SUCCESS);
    REQUIRE_STATUS(ClfsAllocReservedLog(area, 3, &bytes), STATUS_SUCCESS);
    CHECK(information(log.file).TotalReservation == bytes);
    CHECK_STATUS(ClfsDeleteMarshallingArea(area), STATUS_SUCCESS);
    CLFS_INFORMATION found = information(log.file);
    CHECK(found.TotalReservation == 0 && ClfsLsnGreater(&found.LastFlushedLsn, &lsn));
    drop_log(&log);
}

TEST(readers_of_a_deleted_area_go_on) {
    LOG log = make_log(TEXT("log:readers"));
    PVOID area = make_area(log.file);
    CLFS_LSN first = put(area, "first");
    put(area, "second");
    RECORD record;
    CHECK_STATUS(ClfsWriteRestartArea(area, "restart", 7, NULL, 0, NULL, NULL), STATUS_SUCCESS);
    REQUIRE_STATUS(read_first(&record, area, first, ClfsContextForward), STATUS_SUCCESS);
    CHECK_STATUS(ClfsDeleteMarshallingArea(area), STATUS_SUCCESS);
    CHECK(holds(&record, "first"));
    CHECK_STATUS(read_next(&record, ClfsClientRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "second"));
    CHECK_STATUS(read_next(&record, ClfsClientRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "restart") && record.type == ClfsRestartRecord);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    drop_log(&log);
}

int main(void) {
    RUN(what_is_no_area_is_an_invalid_parameter);
    RUN(a_deleted_area_is_good_for_nothing);
    RUN(records_are_flushed_and_reservations_given_back);
    RUN(readers_of_a_deleted_area_go_on);
    return check_end();
}
