/* ClfsReadRestartArea and ClfsReadPreviousRestartArea: the newest, and one by one those before it. */
#include "fixture.h"

static LOG log_;

static NTSTATUS newest(RECORD *record) {
    return ClfsReadRestartArea(log_.area, &record->bytes, &record->length, &record->lsn, &record->context);
}

static NTSTATUS before(RECORD *record) {
    return ClfsReadPreviousRestartArea(record->context, &record->bytes, &record->length, &record->lsn);
}

static CLFS_LSN restart(const char *text) {
    CLFS_LSN lsn = CLFS_LSN_INVALID;
    CHECK_STATUS(ClfsWriteRestartArea(log_.area, (PVOID)text, (ULONG)strlen(text), NULL, 0, NULL, &lsn), STATUS_SUCCESS);
    return lsn;
}

TEST(without_a_restart_area_the_outputs_say_so) {
    RECORD record;
    FILL(record);
    put(log_.area, "no restart area");
    CHECK_STATUS(newest(&record), STATUS_LOG_NO_RESTART);
    CHECK(NT_SUCCESS(STATUS_LOG_NO_RESTART));
    CHECK(record.bytes == NULL && record.length == 0 && ClfsLsnInvalid(&record.lsn) && record.context == NULL);
}

TEST(restart_areas_are_read_from_the_newest_to_the_oldest) {
    RECORD record;
    CLFS_LSN one = restart("one"), two, three;
    memset(&record, 0, sizeof record);
    put(log_.area, "between");
    two = restart("two"), three = restart("three");
    REQUIRE_STATUS(newest(&record), STATUS_SUCCESS);
    CHECK(holds(&record, "three") && ClfsLsnEqual(&record.lsn, &three));
    CHECK_STATUS(before(&record), STATUS_SUCCESS);
    CHECK(holds(&record, "two") && ClfsLsnEqual(&record.lsn, &two));
    CHECK_STATUS(before(&record), STATUS_SUCCESS);
    CHECK(holds(&record, "one") && ClfsLsnEqual(&record.lsn, &one));
    RECORD kept = record;
    for (unsigned count = 0; count < 2; count++)
        CHECK_STATUS(before(&record), STATUS_LOG_START_OF_LOG);
    CHECK(memcmp(&kept, &record, sizeof record) == 0 && holds(&record, "one"));
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "between"));
    CHECK_STATUS(read_next(&record, ClfsRestartRecord), STATUS_SUCCESS);
    CHECK(holds(&record, "two") && record.type == ClfsRestartRecord);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    CHECK_STATUS(before(&record), STATUS_LOG_READ_CONTEXT_INVALID);
}

TEST(a_context_that_read_no_restart_area_has_none_before) {
    RECORD record;
    CLFS_LSN lsn = put(log_.area, "data");
    REQUIRE_STATUS(read_first(&record, log_.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK_STATUS(before(&record), STATUS_LOG_READ_CONTEXT_INVALID);
    CHECK(holds(&record, "data"));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
}

TEST(null_pointers_and_unknown_contexts_leave_the_outputs) {
    RECORD record, good;
    REQUIRE_STATUS(newest(&good), STATUS_SUCCESS);
    FILL(record);
    for (unsigned at = 0; at < MADE_UP; at++) {
        CHECK_STATUS(ClfsReadRestartArea(made_up(at), &record.bytes, &record.length, &record.lsn, &record.context),
                     STATUS_INVALID_PARAMETER);
        CHECK_STATUS(ClfsReadPreviousRestartArea(made_up(at), &record.bytes, &record.length, &record.lsn),
                     STATUS_LOG_READ_CONTEXT_INVALID);
    }
    CHECK_STATUS(ClfsReadPreviousRestartArea(log_.area, &record.bytes, &record.length, &record.lsn),
                 STATUS_LOG_READ_CONTEXT_INVALID);
    CHECK_STATUS(ClfsReadRestartArea(log_.area, NULL, &record.length, &record.lsn, &record.context),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsReadRestartArea(log_.area, &record.bytes, NULL, &record.lsn, &record.context),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsReadRestartArea(log_.area, &record.bytes, &record.length, NULL, &record.context),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsReadRestartArea(log_.area, &record.bytes, &record.length, &record.lsn, NULL),
                 STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsReadPreviousRestartArea(good.context, NULL, &record.length, &record.lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsReadPreviousRestartArea(good.context, &record.bytes, NULL, &record.lsn), STATUS_INVALID_PARAMETER);
    CHECK_STATUS(ClfsReadPreviousRestartArea(good.context, &record.bytes, &record.length, NULL),
                 STATUS_INVALID_PARAMETER);
    CHECK(IS_MARKED(record) && holds(&good, "three"));
    CHECK_STATUS(ClfsTerminateReadLog(good.context), STATUS_SUCCESS);
}

TEST(the_newest_is_there_after_reopening_and_goes_with_a_base_beyond_it) {
    RECORD record;
    drop_log(&log_);
    log_ = make_log(TEXT("log:restart"));
    REQUIRE_STATUS(newest(&record), STATUS_SUCCESS);
    CHECK(holds(&record, "three"));
    CLFS_LSN end = information(log_.file).LastLsn;
    CHECK_STATUS(ClfsAdvanceLogBase(log_.area, &end, 0), STATUS_SUCCESS);
    CHECK(NT_ERROR(before(&record)));
    CHECK(holds(&record, "three"));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    CHECK_STATUS(newest(&record), STATUS_LOG_NO_RESTART);
}

int main(void) {
    log_ = make_log(TEXT("log:restart"));
    RUN(without_a_restart_area_the_outputs_say_so);
    RUN(restart_areas_are_read_from_the_newest_to_the_oldest);
    RUN(a_context_that_read_no_restart_area_has_none_before);
    RUN(null_pointers_and_unknown_contexts_leave_the_outputs);
    RUN(the_newest_is_there_after_reopening_and_goes_with_a_base_beyond_it);
    drop_log(&log_);
    return check_end();
}
