/* ClfsMgmtxReadLogRecordFrom: the first record at or above any LSN. */
#include "fixture.h"

static LOG log_;
static CLFS_LSN lsns_[9];

static NTSTATUS read_from(RECORD *record, CLFS_LSN from) {
    memset(record, 0, sizeof *record);
    record->lsn = from;
    return ClfsMgmtxReadLogRecordFrom(log_.area, &record->lsn, ClfsContextForward, &record->bytes, &record->length,
                                      &record->type, &record->undo_next, &record->previous, &record->context);
}

/* The record that must be found is number at, or none. */
static void expect_from(CLFS_LSN from, unsigned at) {
    RECORD record;
    if (at == 9) {
        CHECK_STATUS(read_from(&record, from), STATUS_END_OF_FILE);
        CHECK(record.context == NULL && record.lsn.Internal == from.Internal);
        return;
    }
    REQUIRE_STATUS(read_from(&record, from), STATUS_SUCCESS);
    CHECK(ClfsLsnEqual(&record.lsn, &lsns_[at]) && record.length == 700 && ((UCHAR *)record.bytes)[699] == at);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
}

/* Blocks of several sectors with one record or three, the last of them in memory. */
static void put_blocks(void) {
    for (unsigned at = 0; at < 9; at++) {
        UCHAR bytes[700];
        memset(bytes, (int)at, sizeof bytes);
        REQUIRE_STATUS(append(log_.area, bytes, sizeof bytes, 0, &lsns_[at]), STATUS_SUCCESS);
        if (at < 3 || at == 5)
            REQUIRE_STATUS(ClfsFlushBuffers(log_.area), STATUS_SUCCESS);
    }
}

TEST(every_lsn_finds_the_first_record_at_or_above_it) {
    unsigned next = 0;
    CLFS_LSN end = information(log_.file).LastLsn;
    for (ULONG offset = 0; offset < ClfsLsnBlockOffset(&end) + 1024; offset += 512) {
        for (ULONG number = 0; number < 5; number++) {
            CLFS_LSN from = ClfsLsnCreate(0, offset, number);
            while (next < 9 && lsns_[next].Internal < from.Internal)
                next++;
            expect_from(from, next);
        }
    }
    expect_from(ClfsLsnCreate(7, 0, 0), 9);
}

TEST(it_refuses_what_reading_a_record_refuses) {
    RECORD r;
    CLFS_LSN lsn = lsns_[0];
    CHECK_STATUS(read_from(&r, CLFS_LSN_INVALID), STATUS_INVALID_PARAMETER);
    FILL(r);
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsMgmtxReadLogRecordFrom(made_up(at), &lsn, ClfsContextForward, &r.bytes, &r.length, &r.type,
                                                &r.undo_next, &r.previous, &r.context),
                     STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsMgmtxReadLogRecordFrom(log_.area, &lsn, (CLFS_CONTEXT_MODE)9, &r.bytes, &r.length, &r.type,
                                            &r.undo_next, &r.previous, &r.context),
                 STATUS_LOG_READ_MODE_INVALID);
    CHECK_STATUS(ClfsMgmtxReadLogRecordFrom(log_.area, NULL, ClfsContextForward, &r.bytes, &r.length, &r.type,
                                            &r.undo_next, &r.previous, &r.context),
                 STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(r));
}

TEST(a_base_that_is_no_records_lsn_is_no_hindrance) {
    RECORD record;
    CLFS_LSN base = ClfsLsnCreate(0, ClfsLsnBlockOffset(&lsns_[1]) + 512, 0);
    REQUIRE_STATUS(ClfsAdvanceLogBase(log_.area, &base, 0), STATUS_SUCCESS);
    CHECK(information(log_.file).BaseLsn.Internal == base.Internal);
    CHECK_STATUS(read_first(&record, log_.area, base, ClfsContextForward), STATUS_LOG_RECORD_NONEXISTENT);
    expect_from(base, 2);
    expect_from(CLFS_LSN_NULL, 2);
    /* The walk goes on from there. */
    REQUIRE_STATUS(read_from(&record, base), STATUS_SUCCESS);
    for (unsigned at = 3; at < 9; at++) {
        CLFS_RECORD_TYPE type = ClfsDataRecord;
        CHECK_STATUS(ClfsReadNextLogRecord(record.context, &record.bytes, &record.length, &type, NULL, &record.undo_next,
                                           &record.previous, &record.lsn),
                     STATUS_SUCCESS);
        CHECK(ClfsLsnEqual(&record.lsn, &lsns_[at]));
    }
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
}

int main(void) {
    log_ = make_log(TEXT("log:from"));
    put_blocks();
    RUN(every_lsn_finds_the_first_record_at_or_above_it);
    RUN(it_refuses_what_reading_a_record_refuses);
    RUN(a_base_that_is_no_records_lsn_is_no_hindrance);
    drop_log(&log_);
    return check_end();
}
