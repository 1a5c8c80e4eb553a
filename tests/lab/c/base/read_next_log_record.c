/* ClfsReadNextLogRecord: forward, along both chains, by type, and where the caller says. */
#include "fixture.h"

static LOG log_;

static CLFS_LSN chained(const char *text, CLFS_LSN *undo_next, CLFS_LSN *previous) {
    CLFS_WRITE_ENTRY entry = {(PVOID)text, (ULONG)strlen(text)};
    CLFS_LSN lsn = CLFS_LSN_INVALID;
    CHECK_STATUS(ClfsReserveAndAppendLog(log_.area, &entry, 1, undo_next, previous, 0, NULL, 0, &lsn), STATUS_SUCCESS);
    return lsn;
}

static NTSTATUS read_at(RECORD *record, CLFS_RECORD_TYPE wanted, CLFS_LSN lsn) {
    record->type = wanted;
    return ClfsReadNextLogRecord(record->context, &record->bytes, &record->length, &record->type, &lsn,
                                 &record->undo_next, &record->previous, &record->lsn);
}

static void end(RECORD *record) { CHECK_STATUS(ClfsTerminateReadLog(record->context), STATUS_SUCCESS); }

TEST(forward_goes_through_blocks_and_containers_to_the_end) {
    enum { RECORDS = 40 };
    static UCHAR bytes[20000];
    LOG log = make_log(TEXT("log:long"));
    CLFS_LSN lsns[RECORDS];
    RECORD record;
    for (unsigned at = 0; at < RECORDS; at++) {
        memset(bytes, (int)at, sizeof bytes);
        REQUIRE_STATUS(append(log.area, bytes, sizeof bytes - at, 0, &lsns[at]), STATUS_SUCCESS);
    }
    CHECK(ClfsLsnContainer(&lsns[RECORDS - 1]) > ClfsLsnContainer(&lsns[0]));
    REQUIRE_STATUS(read_first(&record, log.area, lsns[0], ClfsContextForward), STATUS_SUCCESS);
    for (unsigned at = 1; at < RECORDS; at++) {
        REQUIRE_STATUS(read_next(&record, ClfsDataRecord), STATUS_SUCCESS);
        CHECK(ClfsLsnEqual(&record.lsn, &lsns[at]) && record.length == sizeof bytes - at);
        CHECK(*(UCHAR *)record.bytes == at && ((UCHAR *)record.bytes)[record.length - 1] == at);
    }
    for (unsigned count = 0; count < 3; count++)
        CHECK_STATUS(read_next(&record, ClfsClientRecord), STATUS_END_OF_FILE);
    CHECK(((UCHAR *)record.bytes)[0] == RECORDS - 1);
    put(log.area, "came later");
    CHECK_STATUS(read_next(&record, ClfsClientRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "came later"));
    end(&record);
    drop_log(&log);
}

TEST(both_chains_are_followed_to_their_ends) {
    CLFS_LSN one = put(log_.area, "one"), two = chained("two", NULL, &one), three = chained("three", &one, &two);
    RECORD record;
    REQUIRE_STATUS(read_first(&record, log_.area, three, ClfsContextPrevious), STATUS_SUCCESS);
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "two"));
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "one"));
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_END_OF_FILE);
    CHECK(holds(&record, "one"));
    end(&record);
    REQUIRE_STATUS(read_first(&record, log_.area, three, ClfsContextUndoNext), STATUS_SUCCESS);
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "one"));
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_END_OF_FILE);
    end(&record);
}

TEST(a_chain_that_points_to_itself_or_forward_ends) {
    CLFS_LSN end_of_log = information(log_.file).LastLsn, wild = {0x12345}, far = ClfsLsnCreate(0xFFFFFFFE, 0, 0);
    CLFS_LSN itself = chained("itself", &end_of_log, &end_of_log), forward = chained("forward", &far, &far),
             below = chained("wild", &wild, &wild);
    const CLFS_LSN lsns[] = {itself, forward, below};
    for (unsigned at = 0; at < 6; at++) {
        RECORD record;
        REQUIRE_STATUS(read_first(&record, log_.area, lsns[at / 2],
                                  at % 2 == 0 ? ClfsContextPrevious : ClfsContextUndoNext),
                       STATUS_SUCCESS);
        CHECK(NT_ERROR(read_next(&record, ClfsDataRecord)));
        end(&record);
    }
}

TEST(a_chain_below_the_base_is_told) {
    CLFS_LSN below = put(log_.area, "below"), top = chained("top", &below, &below);
    RECORD record;
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &top, 0), STATUS_SUCCESS);
    REQUIRE_STATUS(read_first(&record, log_.area, top, ClfsContextPrevious), STATUS_SUCCESS);
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_LOG_START_OF_LOG);
    CHECK(holds(&record, "top"));
    end(&record);
}

TEST(only_the_wanted_type_is_read) {
    CLFS_LSN first = put(log_.area, "first");
    RECORD record;
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, "restart", 7, NULL, 0, NULL, NULL), STATUS_SUCCESS);
    put(log_.area, "second");
    REQUIRE_STATUS(read_first(&record, log_.area, first, ClfsContextForward), STATUS_SUCCESS);
    CHECK_STATUS(read_next(&record, ClfsRestartRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "restart") && record.type == ClfsRestartRecord);
    CHECK_STATUS(read_next(&record, ClfsRestartRecord), STATUS_END_OF_FILE);
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "second") && record.type == ClfsDataRecord);
    CHECK_STATUS(read_at(&record, ClfsClientRecord, first), STATUS_SUCCESS);
    CHECK(holds(&record, "first"));
    CHECK_STATUS(read_next(&record, ClfsClientRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "restart"));
    end(&record);
}

TEST(the_callers_lsn_replaces_the_step) {
    CLFS_LSN one = put(log_.area, "one"), two = put(log_.area, "two"), three = put(log_.area, "three");
    RECORD record;
    REQUIRE_STATUS(read_first(&record, log_.area, two, ClfsContextForward), STATUS_SUCCESS);
    CHECK_STATUS(read_at(&record, ClfsDataRecord, three), STATUS_SUCCESS);
    CHECK(holds(&record, "three"));
    CHECK_STATUS(read_at(&record, ClfsDataRecord, one), STATUS_SUCCESS);
    CHECK(holds(&record, "one"));
    CHECK(NT_ERROR(read_at(&record, ClfsDataRecord, CLFS_LSN_INVALID)));
    CHECK_STATUS(read_at(&record, ClfsDataRecord, (CLFS_LSN){0}), STATUS_LOG_START_OF_LOG);
    CHECK_STATUS(read_at(&record, ClfsDataRecord, ClfsLsnCreate(0xFFFFFFFE, 0, 0)), STATUS_END_OF_FILE);
    CHECK(holds(&record, "one"));
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "two"));
    end(&record);
    REQUIRE_STATUS(read_first(&record, log_.area, two, ClfsContextPrevious), STATUS_SUCCESS);
    CHECK_STATUS(read_at(&record, ClfsDataRecord, three), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(read_at(&record, ClfsDataRecord, two), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(read_at(&record, ClfsDataRecord, one), STATUS_SUCCESS);
    CHECK(holds(&record, "one"));
    end(&record);
}

TEST(bad_parameters_leave_the_outputs) {
    CLFS_LSN lsn = put(log_.area, "x");
    RECORD r, good;
    REQUIRE_STATUS(read_first(&good, log_.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    put(log_.area, "y");
    FILL(r);
    r.type = ClfsDataRecord;
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsReadNextLogRecord(made_up(at), &r.bytes, &r.length, &r.type, NULL, &r.undo_next, &r.previous,
                                           &r.lsn),
                     STATUS_LOG_READ_CONTEXT_INVALID);
    CHECK_STATUS(ClfsReadNextLogRecord(log_.area, &r.bytes, &r.length, &r.type, NULL, &r.undo_next, &r.previous,
                                       &r.lsn),
                 STATUS_LOG_READ_CONTEXT_INVALID);
    for (unsigned missing = 0; missing < 6; missing++)
        CHECK_STATUS(ClfsReadNextLogRecord(good.context, missing == 0 ? NULL : &r.bytes, missing == 1 ? NULL : &r.length,
                                           missing == 2 ? NULL : &r.type, NULL, missing == 3 ? NULL : &r.undo_next,
                                           missing == 4 ? NULL : &r.previous, missing == 5 ? NULL : &r.lsn),
                     STATUS_INVALID_PARAMETER);
    const CLFS_RECORD_TYPE types[] = {ClfsNullRecord, 4, 5, 0x80, 0xFF};
    for (unsigned at = 0; at < 5; at++) {
        r.type = types[at];
        CHECK_STATUS(ClfsReadNextLogRecord(good.context, &r.bytes, &r.length, &r.type, NULL, &r.undo_next, &r.previous,
                                           &r.lsn),
                     STATUS_INVALID_PARAMETER);
        CHECK(r.type == types[at]);
    }
    r.type = MARK;
    CHECK(IS_MARKED(r) && holds(&good, "x"));
    CHECK_STATUS(read_next(&good, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&good, "y"));
    end(&good);
}

int main(void) {
    log_ = make_log(TEXT("log:next"));
    RUN(forward_goes_through_blocks_and_containers_to_the_end);
    RUN(both_chains_are_followed_to_their_ends);
    RUN(a_chain_that_points_to_itself_or_forward_ends);
    RUN(a_chain_below_the_base_is_told);
    RUN(only_the_wanted_type_is_read);
    RUN(the_callers_lsn_replaces_the_step);
    RUN(bad_parameters_leave_the_outputs);
    drop_log(&log_);
    return check_end();
}
