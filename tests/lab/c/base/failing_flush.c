/*
 * A disk that drops what it could not write, and says so once: the flush that hears it fails, those beside it succeed.
 *
 * `fdatasync` of this program stands before the C library's.
 */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <sys/syscall.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

enum { WRITERS = 16, ROUNDS = 3 };

/* How many calls succeed before the one that fails; below 0: none fails any more. */
static atomic_int calls_before_failure = -1;
/* The failing call has begun: what is written now, or was and is not flushed, will not reach the disk. */
static atomic_int is_dropped;

static void wait_milliseconds(long milliseconds) {
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000}, NULL);
}

int fdatasync(int file) {
    if (atomic_load(&calls_before_failure) >= 0 && atomic_fetch_sub(&calls_before_failure, 1) == 0) {
        atomic_store(&is_dropped, 1);
        /* Time for others to flush the same file, and to be believed. */
        wait_milliseconds(100);
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, file);
}

typedef struct WRITER {
    PVOID area;
    unsigned acknowledged, refused, lost;
} WRITER;

static int write_until_refused(void *argument) {
    WRITER *writer = argument;
    while (writer->refused < 3 && writer->acknowledged < 1000) {
        int was_dropped = atomic_load(&is_dropped);
        NTSTATUS status = append(writer->area, "acknowledged", 12, CLFS_FLAG_FORCE_FLUSH, NULL);
        if (status != STATUS_SUCCESS)
            writer->refused++;
        else if (was_dropped)
            writer->lost++;
        else
            writer->acknowledged++;
    }
    return 0;
}

static void expect_stopped(const LOG *log) {
    CHECK_STATUS(append(log->area, "afterwards", 10, CLFS_FLAG_FORCE_FLUSH, NULL), STATUS_LOG_STATE_INVALID);
    CHECK_STATUS(ClfsFlushBuffers(log->area), STATUS_LOG_STATE_INVALID);
}

TEST(no_thread_is_told_that_a_record_is_durable_once_a_flush_beside_it_has_failed) {
    PUNICODE_STRING names[ROUNDS] = {TEXT("log:first"), TEXT("log:second"), TEXT("log:third")};
    for (int round = 0; round < ROUNDS; round++) {
        LOG log = make_log(names[round]);
        WRITER writers[WRITERS];
        thrd_t threads[WRITERS];
        atomic_store(&is_dropped, 0);
        atomic_store(&calls_before_failure, 10 + 7 * round);
        for (unsigned at = 0; at < WRITERS; at++) {
            writers[at] = (WRITER){.area = log.area};
            CHECK(thrd_create(&threads[at], write_until_refused, &writers[at]) == thrd_success);
        }
        unsigned lost = 0, acknowledged = 0;
        for (unsigned at = 0; at < WRITERS; at++) {
            CHECK(thrd_join(threads[at], NULL) == thrd_success);
            lost += writers[at].lost;
            acknowledged += writers[at].acknowledged;
            CHECK(writers[at].refused == 3);
        }
        if (!CHECK(lost == 0))
            printf("     %u records were acknowledged and lost\n", lost);
        CHECK(acknowledged > 0 && atomic_load(&is_dropped));
        atomic_store(&calls_before_failure, -1);
        /* The disk is well again; what it holds of this log is not known. It is opened anew, beside the old handle. */
        expect_stopped(&log);
        LOG anew = make_log(names[round]);
        CHECK_STATUS(append(anew.area, "anew", 4, CLFS_FLAG_FORCE_FLUSH, NULL), STATUS_SUCCESS);
        expect_stopped(&log);
        CHECK(ClfsDeleteMarshallingArea(log.area) != STATUS_SUCCESS);
        ClfsCloseLogFileObject(log.file);
        CHECK_STATUS(append(anew.area, "and on", 6, CLFS_FLAG_FORCE_FLUSH, NULL), STATUS_SUCCESS);
        drop_log(&anew);
    }
}

int main(void) {
    RUN(no_thread_is_told_that_a_record_is_durable_once_a_flush_beside_it_has_failed);
    return check_end();
}
