/*
 * A disk below the files of one folder, by LD_PRELOAD: it has no more than was flushed when the process is killed.
 *
 *     STORM_CACHE    the folder; its files are what a page cache holds, and what the process reads
 *     STORM_DISK     a folder with the same files, as the disk has them
 *     STORM_FAILS    of 1,000 flushes, so many fail with EIO; any part of what they were for is dropped, and dirty no
 *                    more
 *     STORM_LIES     of 1,000 flushes, so many succeed and drop the same
 *     STORM_SLOW     microseconds that a flush takes, at most
 *     STORM_SEED
 *
 * As a kernel does it: an error is told to one of those who flush a file at the same time, the others wait and succeed.
 * Pages that are dirty may be written at any time, sector by sector; files come, go and grow at once.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, SECTOR = 512, PAGES_MAX = 4096, FILES_MAX = 256, HANDLES_MAX = 4096 };

typedef struct FILE_ON_DISK {
    char name[200];
    /* Held while a flush runs, and while a bit of `dirty` is looked at. */
    pthread_mutex_t flushing, lock;
    unsigned char dirty[PAGES_MAX];
} FILE_ON_DISK;

static FILE_ON_DISK files[FILES_MAX];
static unsigned file_count;
static FILE_ON_DISK *handles[HANDLES_MAX];
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

static unsigned luck(unsigned below) {
    static _Thread_local unsigned state;
    if (state == 0) {
        const char *seed = getenv("STORM_SEED");
        state = (unsigned)(seed ? atoi(seed) : 1) * 2654435761u + (unsigned)syscall(SYS_gettid);
    }
    return (unsigned)rand_r(&state) / 3 % below;
}

static unsigned setting(const char *name) {
    const char *text = getenv(name);
    return text ? (unsigned)atoi(text) : 0;
}

static int open_on_disk(const FILE_ON_DISK *file, int flags) {
    char path[800];
    snprintf(path, sizeof path, "%s/%s", getenv("STORM_DISK"), file->name);
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0644);
}

/* The file of a path in the folder, or NULL. */
static FILE_ON_DISK *find(const char *path) {
    const char *cache = getenv("STORM_CACHE");
    size_t length = cache ? strlen(cache) : 0;
    if (length == 0 || strncmp(path, cache, length) != 0 || path[length] != '/')
        return NULL;
    FILE_ON_DISK *found = NULL;
    pthread_mutex_lock(&table);
    for (unsigned at = 0; at < file_count && found == NULL; at++)
        if (strcmp(files[at].name, path + length + 1) == 0)
            found = &files[at];
    if (found == NULL && file_count < FILES_MAX) {
        found = &files[file_count++];
        snprintf(found->name, sizeof found->name, "%s", path + length + 1);
        pthread_mutex_init(&found->flushing, NULL);
        pthread_mutex_init(&found->lock, NULL);
    }
    pthread_mutex_unlock(&table);
    if (found == NULL)
        abort();
    return found;
}

static FILE_ON_DISK *of_handle(int handle) {
    return handle >= 0 && handle < HANDLES_MAX ? __atomic_load_n(&handles[handle], __ATOMIC_ACQUIRE) : NULL;
}

/* Writes a page of the file as it is now, or some of its sectors. */
static void write_page(int from, int to, unsigned page, int is_whole) {
    unsigned char bytes[PAGE];
    ssize_t length = pread(from, bytes, sizeof bytes, (off_t)page * PAGE);
    for (ssize_t at = 0; at < length; at += SECTOR) {
        size_t part = (size_t)(length - at < SECTOR ? length - at : SECTOR);
        if ((is_whole || luck(2) == 0) && syscall(SYS_pwrite64, to, bytes + at, part, (off_t)page * PAGE + at) < 0)
            abort();
    }
}

/* Takes the dirty pages and writes them, or whatever comes through. */
static void write_out(FILE_ON_DISK *file, int handle, int is_whole) {
    static _Thread_local unsigned char dirty[PAGES_MAX];
    pthread_mutex_lock(&file->lock);
    memcpy(dirty, file->dirty, sizeof dirty);
    memset(file->dirty, 0, sizeof file->dirty);
    pthread_mutex_unlock(&file->lock);
    int disk = open_on_disk(file, O_WRONLY);
    unsigned first = luck(PAGES_MAX), slow = setting("STORM_SLOW");
    if (slow > 0 && luck(4) == 0)
        usleep(luck(slow));
    for (unsigned at = 0; at < PAGES_MAX; at++) {
        unsigned page = (first + at) % PAGES_MAX;
        if (dirty[page] && (is_whole || luck(2) == 0))
            write_page(handle, disk, page, is_whole);
    }
    close(disk);
}

static int flush(FILE_ON_DISK *file, int handle) {
    pthread_mutex_lock(&file->flushing);
    unsigned chance = luck(1000), fails = setting("STORM_FAILS"), lies = setting("STORM_LIES");
    write_out(file, handle, chance >= fails + lies);
    pthread_mutex_unlock(&file->flushing);
    if (chance >= fails)
        return 0;
    /* Time for others to flush the same file, and to be believed before this is known. */
    usleep(luck(20000));
    errno = EIO;
    return -1;
}

int fdatasync(int handle) {
    FILE_ON_DISK *file = of_handle(handle);
    return file ? flush(file, handle) : (int)syscall(SYS_fdatasync, handle);
}

int fsync(int handle) {
    FILE_ON_DISK *file = of_handle(handle);
    return file ? flush(file, handle) : (int)syscall(SYS_fsync, handle);
}

static void note_written(FILE_ON_DISK *file, int handle, off64_t offset, ssize_t length) {
    pthread_mutex_lock(&file->lock);
    for (off64_t page = offset / PAGE; page * PAGE < offset + length; page++) {
        if (page >= PAGES_MAX)
            abort();
        file->dirty[page] = 1;
    }
    pthread_mutex_unlock(&file->lock);
    if (luck(16) == 0) {
        int disk = open_on_disk(file, O_WRONLY);
        pthread_mutex_lock(&file->flushing);
        write_page(handle, disk, (unsigned)(offset / PAGE), 0);
        pthread_mutex_unlock(&file->flushing);
        close(disk);
    }
}

ssize_t pwrite64(int handle, const void *bytes, size_t length, off64_t offset) {
    ssize_t wrote = syscall(SYS_pwrite64, handle, bytes, length, offset);
    FILE_ON_DISK *file = of_handle(handle);
    if (file && wrote > 0)
        note_written(file, handle, offset, wrote);
    return wrote;
}

ssize_t pwrite(int handle, const void *bytes, size_t length, off_t offset) {
    return pwrite64(handle, bytes, length, offset);
}

int ftruncate64(int handle, off64_t length) {
    FILE_ON_DISK *file = of_handle(handle);
    int disk = file ? open_on_disk(file, O_WRONLY) : -1;
    if (file && syscall(SYS_ftruncate, disk, length) != 0)
        abort();
    if (file)
        close(disk);
    return (int)syscall(SYS_ftruncate, handle, length);
}

int ftruncate(int handle, off_t length) { return ftruncate64(handle, length); }

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    unsigned mode = flags & O_CREAT ? va_arg(rest, unsigned) : 0;
    va_end(rest);
    int handle = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    struct stat found;
    if (handle < 0 || handle >= HANDLES_MAX || fstat(handle, &found) != 0 || !S_ISREG(found.st_mode))
        return handle;
    FILE_ON_DISK *file = find(path);
    if (file && flags & O_CREAT)
        close(open_on_disk(file, O_WRONLY | O_CREAT));
    __atomic_store_n(&handles[handle], file, __ATOMIC_RELEASE);
    return handle;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    unsigned mode = flags & O_CREAT ? va_arg(rest, unsigned) : 0;
    va_end(rest);
    return open64(path, flags, mode);
}

int close(int handle) {
    if (handle >= 0 && handle < HANDLES_MAX)
        __atomic_store_n(&handles[handle], NULL, __ATOMIC_RELEASE);
    return (int)syscall(SYS_close, handle);
}

int unlink(const char *path) {
    FILE_ON_DISK *file = find(path);
    if (file) {
        char on_disk[800];
        snprintf(on_disk, sizeof on_disk, "%s/%s", getenv("STORM_DISK"), file->name);
        syscall(SYS_unlink, on_disk);
        pthread_mutex_lock(&file->lock);
        memset(file->dirty, 0, sizeof file->dirty);
        pthread_mutex_unlock(&file->lock);
    }
    return (int)syscall(SYS_unlink, path);
}
