/* Many threads at once: each record is there once, each call ends, and closing under a caller is a status. */
#include "fixture.h"

#include <threads.h>

enum { WRITERS = 3, EACH = 30 };

typedef struct WORK {
    PLOG_FILE_OBJECT file;
    PVOID area;
    unsigned number, done;
    CLFS_LSN lsns[EACH];
    atomic_int *over;
} WORK;

static int write_records(void *argument) {
    WORK *work = argument;
    while (work->done < EACH) {
        UCHAR bytes[300];
        memset(bytes, (int)(work->number * 16 + work->done % 16), sizeof bytes);
        ULONG flags = work->done % 20 == 0 ? CLFS_FLAG_FORCE_FLUSH : work->done % 7 == 0 ? CLFS_FLAG_FORCE_APPEND : 0;
        if (!CHECK_STATUS(append(work->area, bytes, sizeof bytes, flags, &work->lsns[work->done]), STATUS_SUCCESS))
            break;
        work->done++;
    }
    return 0;
}

static int by_lsn(const void *one, const void *two) {
    const CLFS_LSN *first = one, *second = two;
    return ClfsLsnGreater(first, second) - ClfsLsnLess(first, second);
}

static void expect_all_once(PVOID area, const WORK *works) {
    CLFS_LSN lsns[WRITERS * EACH];
    for (unsigned at = 0; at < WRITERS; at++) {
        CHECK(works[at].done == EACH);
        for (unsigned one = 0; one < EACH; one++) {
            RECORD record;
            lsns[at * EACH + one] = works[at].lsns[one];
            if (!CHECK_STATUS(read_first(&record, area, works[at].lsns[one], ClfsContextForward), STATUS_SUCCESS))
                continue;
            CHECK(record.length == 300 && *(UCHAR *)record.bytes == at * 16 + one % 16);
            CHECK(((UCHAR *)record.bytes)[299] == at * 16 + one % 16);
            CHECK(one == 0 || ClfsLsnGreater(&works[at].lsns[one], &works[at].lsns[one - 1]));
            CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
        }
    }
    qsort(lsns, WRITERS * EACH, sizeof *lsns, by_lsn);
    for (unsigned at = 1; at < WRITERS * EACH; at++)
        CHECK(ClfsLsnLess(&lsns[at - 1], &lsns[at]));
}

static void write_together(LOG *log, PVOID areas[WRITERS]) {
    static WORK works[WRITERS];
    thrd_t threads[WRITERS];
    for (unsigned at = 0; at < WRITERS; at++) {
        works[at] = (WORK){.file = log->file, .area = areas[at], .number = at};
        CHECK(thrd_create(&threads[at], write_records, &works[at]) == thrd_success);
    }
    for (unsigned at = 0; at < WRITERS; at++)
        CHECK(thrd_join(threads[at], NULL) == thrd_success);
    expect_all_once(log->area, works);
}

TEST(threads_append_through_one_area) {
    LOG log = make_log(TEXT("log:one-area"));
    PVOID areas[WRITERS] = {log.area, log.area, log.area};
    write_together(&log, areas);
    drop_log(&log);
}

TEST(threads_append_through_areas_of_their_own) {
    LOG log = make_log(TEXT("log:areas"));
    PVOID areas[WRITERS];
    for (unsigned at = 0; at < WRITERS; at++)
        areas[at] = make_area(log.file);
    write_together(&log, areas);
    for (unsigned at = 0; at < WRITERS; at++)
        CHECK_STATUS(ClfsDeleteMarshallingArea(areas[at]), STATUS_SUCCESS);
    drop_log(&log);
}

TEST(a_reader_follows_two_writers) {
    LOG log = make_log(TEXT("log:reader"));
    static WORK works[2];
    thrd_t threads[2];
    RECORD record;
    CLFS_LSN first = put(log.area, "begin"), last = first;
    for (unsigned at = 0; at < 2; at++) {
        works[at] = (WORK){.file = log.file, .area = log.area, .number = at};
        CHECK(thrd_create(&threads[at], write_records, &works[at]) == thrd_success);
    }
    REQUIRE_STATUS(read_first(&record, log.area, first, ClfsContextForward), STATUS_SUCCESS);
    for (unsigned count = 0; count < 2 * EACH;) {
        NTSTATUS status = read_next(&record, ClfsDataRecord);
        if (status == STATUS_END_OF_FILE) {
            thrd_yield();
            continue;
        }
        REQUIRE_STATUS(status, STATUS_SUCCESS);
        CHECK(record.length == 300 && ClfsLsnGreater(&record.lsn, &last));
        CHECK(*(UCHAR *)record.bytes == ((UCHAR *)record.bytes)[299]);
        last = record.lsn;
        count++;
    }
    for (unsigned at = 0; at < 2; at++)
        CHECK(thrd_join(threads[at], NULL) == thrd_success);
    CHECK_STATUS(read_next(&record, ClfsDataRecord), STATUS_END_OF_FILE);
    CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    drop_log(&log);
}

static int write_until_gone(void *argument) {
    WORK *work = argument;
    NTSTATUS status = STATUS_SUCCESS;
    while (status == STATUS_SUCCESS || status == STATUS_LOG_FULL) {
        status = append(work->area, "until it is gone", 16, work->done++ % 8 == 0 ? CLFS_FLAG_FORCE_APPEND : 0, NULL);
        if (work->over != NULL && atomic_load(work->over))
            break;
    }
    CHECK(status == STATUS_SUCCESS || status == STATUS_LOG_FULL || status == STATUS_INVALID_PARAMETER);
    return 0;
}

TEST(an_area_is_deleted_and_the_log_closed_under_writers) {
    for (unsigned round = 0; round < 4; round++) {
        LOG log = make_log(TEXT("log:under"));
        WORK works[2] = {{.area = log.area}, {.area = log.area, .number = 1}};
        thrd_t threads[2];
        for (unsigned at = 0; at < 2; at++)
            CHECK(thrd_create(&threads[at], write_until_gone, &works[at]) == thrd_success);
        if (round % 2 == 0)
            close_log(log.file);
        NTSTATUS status = append(log.area, "the main thread too", 19, CLFS_FLAG_FORCE_FLUSH, NULL);
        CHECK(status == STATUS_SUCCESS || status == STATUS_LOG_FULL);
        CHECK_STATUS(ClfsDeleteMarshallingArea(log.area), STATUS_SUCCESS);
        if (round % 2 == 1)
            close_log(log.file);
        for (unsigned at = 0; at < 2; at++)
            CHECK(thrd_join(threads[at], NULL) == thrd_success);
    }
    LOG log = make_log(TEXT("log:under"));
    CLFS_LSN end = information(log.file).LastLsn;
    CHECK_STATUS(ClfsAdvanceLogBase(log.area, &end, 0), STATUS_SUCCESS);
    end = put(log.area, "after all");
    expect_at(log.area, end, "after all");
    drop_log(&log);
}

static int open_and_close(void *argument) {
    WORK *work = argument;
    for (work->done = 0; work->done < 6; work->done++) {
        PLOG_FILE_OBJECT file = open_log(TEXT("log:doors"));
        CHECK(information(file).ContainerSize == 0);
        close_log(file);
    }
    return 0;
}

TEST(threads_open_and_close_one_log) {
    WORK works[3] = {{.number = 0}};
    thrd_t threads[3];
    for (unsigned at = 0; at < 3; at++)
        CHECK(thrd_create(&threads[at], open_and_close, &works[at]) == thrd_success);
    for (unsigned at = 0; at < 3; at++)
        CHECK(thrd_join(threads[at], NULL) == thrd_success && works[at].done == 6);
}

static int terminate(void *argument) {
    return ClfsTerminateReadLog(((RECORD *)argument)->context) == STATUS_SUCCESS;
}

TEST(of_two_threads_that_end_one_context_one_does) {
    LOG log = make_log(TEXT("log:ends"));
    CLFS_LSN lsn = put(log.area, "x");
    for (unsigned round = 0; round < 10; round++) {
        RECORD record;
        thrd_t threads[2];
        int ended[2];
        REQUIRE_STATUS(read_first(&record, log.area, lsn, ClfsContextForward), STATUS_SUCCESS);
        for (unsigned at = 0; at < 2; at++)
            CHECK(thrd_create(&threads[at], terminate, &record) == thrd_success);
        for (unsigned at = 0; at < 2; at++)
            CHECK(thrd_join(threads[at], &ended[at]) == thrd_success);
        CHECK(ended[0] + ended[1] == 1);
    }
    drop_log(&log);
}

TEST(containers_come_and_tails_move_under_a_writer) {
    LOG log = make_log(TEXT("log:moving"));
    atomic_int over = 0;
    WORK work = {.area = log.area, .over = &over};
    thrd_t thread;
    CHECK(thrd_create(&thread, write_until_gone, &work) == thrd_success);
    for (unsigned count = 0; count < 5; count++) {
        CLFS_LSN end = information(log.file).LastLsn;
        CHECK_STATUS(ClfsAdvanceLogBase(log.area, &end, 0), STATUS_SUCCESS);
        /* It stays for a while if the writer has come into it. */
        NTSTATUS status = ClfsAddLogContainer(log.file, NULL, TEXT("%BLF%\\passing"));
        CHECK(status == STATUS_SUCCESS || status == STATUS_OBJECT_NAME_COLLISION);
        status = ClfsRemoveLogContainer(log.file, TEXT("%BLF%\\passing"), TRUE);
        CHECK(status == STATUS_SUCCESS || status == STATUS_LOG_CANT_DELETE);
        CHECK_STATUS(ClfsFlushBuffers(log.area), STATUS_SUCCESS);
    }
    atomic_store(&over, 1);
    CHECK(thrd_join(thread, NULL) == thrd_success);
    drop_log(&log);
}

int main(void) {
    RUN(threads_append_through_one_area);
    RUN(threads_append_through_areas_of_their_own);
    RUN(a_reader_follows_two_writers);
    RUN(an_area_is_deleted_and_the_log_closed_under_writers);
    RUN(threads_open_and_close_one_log);
    RUN(of_two_threads_that_end_one_context_one_does);
    RUN(containers_come_and_tails_move_under_a_writer);
    return check_end();
}
