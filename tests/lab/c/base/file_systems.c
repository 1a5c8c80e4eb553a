/*
 * File systems that cannot flush a folder, or have no locks: what they lack is not a broken disk. One that is broken is.
 *
 * `fsync`, `flock` of this program stand before the C library's.
 */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* STATUS_IO_DEVICE_ERROR, which the header does not have: no routine documents it. */
#define IO_DEVICE_ERROR ((NTSTATUS)0xC0000185L)

/* What the calls fail with; 0: they do not. */
static int folder_error, lock_error;

int fsync(int file) {
    struct stat found;
    if (folder_error != 0 && fstat(file, &found) == 0 && S_ISDIR(found.st_mode)) {
        errno = folder_error;
        return -1;
    }
    return (int)syscall(SYS_fsync, file);
}

int flock(int file, int operation) {
    if (lock_error != 0 && (operation & LOCK_UN) == 0) {
        errno = lock_error;
        return -1;
    }
    return (int)syscall(SYS_flock, file, operation);
}

/* A log is made, written, closed, opened and deleted. */
static void expect_a_life(PUNICODE_STRING name) {
    LOG log = make_log(name);
    CLFS_LSN lsn = CLFS_LSN_INVALID;
    CHECK_STATUS(append(log.area, "record", 6, CLFS_FLAG_FORCE_FLUSH, &lsn), STATUS_SUCCESS);
    drop_log(&log);
    log = make_log(name);
    expect_at(log.area, lsn, "record");
    CHECK_STATUS(ClfsDeleteLogByPointer(log.file), STATUS_SUCCESS);
    drop_log(&log);
}

static NTSTATUS try_to_make(PUNICODE_STRING name) {
    PLOG_FILE_OBJECT file = NULL;
    return open_with(&file, name, READ_WRITE_DELETE, SHARE_ALL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL);
}

TEST(folders_that_cannot_be_flushed_are_done_without) {
    const int lacking[] = {EINVAL, ENOTSUP, ENOSYS};
    for (unsigned at = 0; at < sizeof lacking / sizeof *lacking; at++) {
        folder_error = lacking[at];
        expect_a_life(TEXT("log:unflushed"));
    }
    folder_error = EIO;
    CHECK_STATUS(try_to_make(TEXT("log:broken")), IO_DEVICE_ERROR);
    folder_error = 0;
    expect_a_life(TEXT("log:broken"));
}

TEST(locks_that_are_not_to_be_had_are_done_without) {
    const int lacking[] = {ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL};
    for (unsigned at = 0; at < sizeof lacking / sizeof *lacking; at++) {
        lock_error = lacking[at];
        expect_a_life(TEXT("log:unlocked"));
    }
    lock_error = EIO;
    CHECK_STATUS(try_to_make(TEXT("log:broken")), IO_DEVICE_ERROR);
    lock_error = EWOULDBLOCK;
    CHECK_STATUS(try_to_make(TEXT("log:broken")), STATUS_SHARING_VIOLATION);
    lock_error = 0;
    expect_a_life(TEXT("log:broken"));
}

int main(void) {
    RUN(folders_that_cannot_be_flushed_are_done_without);
    RUN(locks_that_are_not_to_be_had_are_done_without);
    return check_end();
}
