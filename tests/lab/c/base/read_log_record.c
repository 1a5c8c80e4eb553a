/* ClfsReadLogRecord: the record at an LSN, or why there is none. */
#include "fixture.h"

static LOG log_;

TEST(a_record_is_read_before_and_after_it_is_flushed) {
    CLFS_LSN lsn = put(log_.area, "in memory");
    expect_at(log_.area, lsn, "in memory");
    CHECK_STATUS(ClfsFlushBuffers(log_.area), STATUS_SUCCESS);
    expect_at(log_.area, lsn, "in memory");
}

TEST(a_buffer_stays_while_the_log_goes_on) {
    RECORD record;
    UCHAR other[20000];
    CLFS_LSN lsn = put(log_.area, "stays");
    REQUIRE_STATUS(read_first(&record, log_.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    memset(other, 'o', sizeof other);
    for (unsigned count = 0; count < 8; count++)
        CHECK_STATUS(append(log_.area, other, sizeof other, CLFS_FLAG_FORCE_APPEND, NULL), STATUS_SUCCESS);
    CHECK(holds(&record, "stays"));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
}

TEST(records_of_all_lengths_are_read_back) {
    static UCHAR bytes[60000];
    const ULONG lengths[] = {1, 2, 7, 8, 9, 471, 472, 473, 511, 512, 513, 4095, 20001, 60000};
    CLFS_LSN lsns[14];
    for (unsigned at = 0; at < sizeof bytes; at++)
        bytes[at] = (UCHAR)(at * 31 + at / 251);
    for (unsigned at = 0; at < 14; at++)
        REQUIRE_STATUS(append(log_.area, bytes, lengths[at], 0, &lsns[at]), STATUS_SUCCESS);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned at = 0; at < 14; at++) {
            RECORD record;
            REQUIRE_STATUS(read_first(&record, log_.area, lsns[at], ClfsContextPrevious), STATUS_SUCCESS);
            CHECK(record.length == lengths[at] && memcmp(record.bytes, bytes, lengths[at]) == 0);
            CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
        }
        drop_log(&log_);
        log_ = make_log(TEXT("log:read"));
    }
}

TEST(the_type_tells_data_from_restart_areas) {
    RECORD record;
    CLFS_LSN lsn;
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, "restart", 7, NULL, 0, NULL, &lsn), STATUS_SUCCESS);
    REQUIRE_STATUS(read_first(&record, log_.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK(record.type == ClfsRestartRecord && holds(&record, "restart"));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
}

TEST(an_lsn_without_a_record_is_told_why) {
    RECORD record;
    CLFS_LSN lsn = put(log_.area, "x"), end = information(log_.file).LastLsn;
    CLFS_LSN beyond = ClfsLsnCreate(ClfsLsnContainer(&end) + 1, 0, 0), far = ClfsLsnCreate(0xFFFFFFFE, 512, 1);
    CHECK_STATUS(read_first(&record, log_.area, end, ClfsContextForward), STATUS_END_OF_FILE);
    CHECK_STATUS(read_first(&record, log_.area, beyond, ClfsContextForward), STATUS_END_OF_FILE);
    CHECK_STATUS(read_first(&record, log_.area, far, ClfsContextForward), STATUS_END_OF_FILE);
    CHECK(record.context == NULL && record.bytes == NULL && record.lsn.Internal == far.Internal);
    put(log_.area, "y");
    CHECK_STATUS(ClfsFlushBuffers(log_.area), STATUS_SUCCESS);
    CLFS_LSN missing = ClfsLsnCreate(ClfsLsnContainer(&lsn), ClfsLsnBlockOffset(&lsn), 400);
    CHECK_STATUS(read_first(&record, log_.area, missing, ClfsContextForward), STATUS_LOG_RECORD_NONEXISTENT);
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &lsn, 0), STATUS_SUCCESS);
    CHECK_STATUS(read_first(&record, log_.area, (CLFS_LSN){0}, ClfsContextForward), STATUS_LOG_START_OF_LOG);
    CHECK_STATUS(read_first(&record, log_.area, CLFS_LSN_INVALID, ClfsContextForward), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(read_first(&record, log_.area, (CLFS_LSN){~0ULL}, ClfsContextForward), STATUS_INVALID_PARAMETER);
}

TEST(every_lsn_near_a_record_gives_a_status) {
    RECORD record;
    CLFS_LSN lsn = put(log_.area, "middle");
    CHECK_STATUS(ClfsFlushBuffers(log_.area), STATUS_SUCCESS);
    for (unsigned at = 0; at < 600; at++) {
        CLFS_LSN near = {lsn.Internal - 300 + at};
        NTSTATUS status = read_first(&record, log_.area, near, (CLFS_CONTEXT_MODE)(1 + at % 3));
        if (status == STATUS_SUCCESS)
            CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
        else
            CHECK(status == STATUS_LOG_RECORD_NONEXISTENT || status == STATUS_END_OF_FILE ||
                  status == STATUS_LOG_START_OF_LOG);
    }
}

TEST(a_mode_that_is_none_is_invalid) {
    RECORD record;
    CLFS_LSN lsn = put(log_.area, "x");
    const int modes[] = {ClfsContextNone, 4, -1, 0x7FFFFFFF};
    for (unsigned at = 0; at < 4; at++)
        CHECK_STATUS(read_first(&record, log_.area, lsn, (CLFS_CONTEXT_MODE)modes[at]), STATUS_LOG_READ_MODE_INVALID);
}

TEST(bad_parameters_leave_the_outputs) {
    RECORD r;
    CLFS_LSN lsn = put(log_.area, "x"), asked = lsn;
    FILL(r);
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsReadLogRecord(made_up(at), &lsn, ClfsContextForward, &r.bytes, &r.length, &r.type,
                                       &r.undo_next, &r.previous, &r.context),
                     STATUS_INVALID_PARAMETER);
    for (unsigned missing = 0; missing < 7; missing++)
        CHECK_STATUS(ClfsReadLogRecord(log_.area, missing == 0 ? NULL : &lsn, ClfsContextForward,
                                       missing == 1 ? NULL : &r.bytes, missing == 2 ? NULL : &r.length,
                                       missing == 3 ? NULL : &r.type, missing == 4 ? NULL : &r.undo_next,
                                       missing == 5 ? NULL : &r.previous, missing == 6 ? NULL : &r.context),
                     STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(r) && ClfsLsnEqual(&lsn, &asked));
}

TEST(a_damaged_container_is_told_and_the_log_goes_on) {
    RECORD record;
    LOG log = make_log(TEXT("log:damaged"));
    CLFS_LSN lsn = put(log.area, "to be damaged");
    CHECK_STATUS(ClfsFlushBuffers(log.area), STATUS_SUCCESS);
    CLFS_LSN next = put(log.area, "next");
    CHECK_STATUS(ClfsFlushBuffers(log.area), STATUS_SUCCESS);
    FILE *container = fopen("container-02", "r+b");
    REQUIRE(container != NULL);
    CHECK(fseek(container, (long)ClfsLsnBlockOffset(&lsn) + 40, SEEK_SET) == 0);
    for (unsigned at = 0; at < 400; at++)
        fputc(0x5A, container);
    fclose(container);
    NTSTATUS status = read_first(&record, log.area, lsn, ClfsContextForward);
    CHECK(NT_ERROR(status) && record.context == NULL);
    expect_at(log.area, next, "next");
    drop_log(&log);
}

int main(void) {
    log_ = make_log(TEXT("log:read"));
    RUN(a_record_is_read_before_and_after_it_is_flushed);
    RUN(a_buffer_stays_while_the_log_goes_on);
    RUN(records_of_all_lengths_are_read_back);
    RUN(the_type_tells_data_from_restart_areas);
    RUN(an_lsn_without_a_record_is_told_why);
    RUN(every_lsn_near_a_record_gives_a_status);
    RUN(a_mode_that_is_none_is_invalid);
    RUN(bad_parameters_leave_the_outputs);
    RUN(a_damaged_container_is_told_and_the_log_goes_on);
    drop_log(&log_);
    return check_end();
}
