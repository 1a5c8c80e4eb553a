/* ClfsTerminateReadLog: once, whatever ended before it. */
#include "fixture.h"

TEST(what_is_no_read_context_is_told) {
    LOG log = make_log(TEXT("log:none"));
    for (unsigned at = 0; at < MADE_UP; at++)
        CHECK_STATUS(ClfsTerminateReadLog(made_up(at)), STATUS_LOG_READ_CONTEXT_INVALID);
    CHECK_STATUS(ClfsTerminateReadLog(log.file), STATUS_LOG_READ_CONTEXT_INVALID);
    CHECK_STATUS(ClfsTerminateReadLog(log.area), STATUS_LOG_READ_CONTEXT_INVALID);
    drop_log(&log);
}

TEST(a_context_ends_once_and_reads_nothing_then) {
    LOG log = make_log(TEXT("log:once"));
    CLFS_LSN lsn = put(log.area, "x");
    RECORD record;
    REQUIRE_STATUS(read_first(&record, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_LOG_READ_CONTEXT_INVALID);
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_LOG_READ_CONTEXT_INVALID);
    RECORD second;
    REQUIRE_STATUS(read_first(&second, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    CHECK(second.context != record.context);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_LOG_READ_CONTEXT_INVALID);
    CHECK_STATUS(ClfsTerminateReadLog(second.context), STATUS_SUCCESS);
    drop_log(&log);
}

TEST(the_last_context_closes_the_log_behind_it) {
    LOG log = make_log(TEXT("log:last"));
    CLFS_LSN lsn = put(log.area, "kept");
    RECORD record;
    REQUIRE_STATUS(read_first(&record, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    drop_log(&log);
    CHECK(holds(&record, "kept"));
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    CHECK_STATUS(ClfsDeleteLogFile(TEXT("log:last"), NULL, 0, NULL, 0), STATUS_SUCCESS);
}

TEST(many_contexts_are_open_at_once) {
    enum { CONTEXTS = 200 };
    static RECORD records[CONTEXTS];
    LOG log = make_log(TEXT("log:many"));
    CLFS_LSN lsn = put(log.area, "read often");
    for (unsigned at = 0; at < CONTEXTS; at++)
        CHECK_STATUS(read_first(&records[at], log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
    for (unsigned at = 0; at < CONTEXTS; at++) {
        CHECK(holds(&records[at], "read often"));
        CHECK_STATUS(ClfsTerminateReadLog(records[at].context), STATUS_SUCCESS);
    }
    drop_log(&log);
}

int main(void) {
    RUN(what_is_no_read_context_is_told);
    RUN(a_context_ends_once_and_reads_nothing_then);
    RUN(the_last_context_closes_the_log_behind_it);
    RUN(many_contexts_are_open_at_once);
    return check_end();
}
