/* The threads that write. A call that fails ends a life: all is closed, the log opened again, and gone on with. */
#include "storm.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Of so many newest records the LSNs are known; older ones are let go of first. */
enum { KEPT_MAX = 8192, PATIENCE = 200 };
enum { CONTAINER_BYTES = 512 * 1024 };

typedef struct STREAM {
    pthread_mutex_t lock;
    CLFS_LSN kept[KEPT_MAX];
    unsigned begin, end;
    uint64_t restart;
} STREAM;

typedef struct WRITER {
    pthread_t thread;
    unsigned number;
    HANDLE handle;
    /* Of its next record, and of its last one. */
    uint64_t next;
    CLFS_LSN last;
    unsigned random;
} WRITER;

static const SETTING *setting;
static STREAM streams[STREAMS_MAX];
static WRITER writers[THREADS_MAX];
static unsigned life;
static atomic_int is_over;
static pthread_mutex_t telling = PTHREAD_MUTEX_INITIALIZER, making_room = PTHREAD_MUTEX_INITIALIZER;

/* --- telling --- */

/* One line: a letter, its number, and the rest. */
static void tell(char what, const char *form, ...) {
    static unsigned long told;
    char line[200];
    va_list values;
    pthread_mutex_lock(&telling);
    int length = snprintf(line, sizeof line, "%c %lu ", what, ++told);
    va_start(values, form);
    length += vsnprintf(line + length, sizeof line - (size_t)length - 1, form, values);
    va_end(values);
    line[length++] = '\n';
    if (write(STDOUT_FILENO, line, (size_t)length) != length)
        _exit(2);
    pthread_mutex_unlock(&telling);
}

static void tell_that_it_is_durable(const WRITER *writer) {
    if (writer->next > 1 && !ClfsLsnInvalid(&writer->last))
        tell('A', "%u %u %llu %llu", writer->number, life, (unsigned long long)writer->next - 1, writer->last.Internal);
}

/* The life is over; the first who sees it says why. */
static void end_life(NTSTATUS status, const char *what) {
    if (!atomic_exchange(&is_over, 1))
        tell('F', "%u 0x%08X %s", life, (unsigned)status, what);
}

/* --- room --- */

static void keep(STREAM *stream, CLFS_LSN lsn) {
    pthread_mutex_lock(&stream->lock);
    stream->kept[stream->end++ % KEPT_MAX] = lsn;
    if (stream->end - stream->begin > KEPT_MAX)
        stream->begin++;
    pthread_mutex_unlock(&stream->lock);
}

/* The middle one of the records that are kept; 0 if there is but one. */
static int let_half_go(STREAM *stream, CLFS_LSN *base) {
    pthread_mutex_lock(&stream->lock);
    unsigned count = stream->end - stream->begin;
    stream->begin += count / 2;
    *base = stream->kept[stream->begin % KEPT_MAX];
    pthread_mutex_unlock(&stream->lock);
    return count > 1;
}

static NTSTATUS move_base(const HANDLE *handle, unsigned number) {
    CLFS_INFORMATION found;
    CLFS_LSN base;
    char noted;
    NTSTATUS status = get_information(handle->file, &found);
    /* What it is moved to is durable first: a base may not be behind the end. */
    if (status == STATUS_SUCCESS)
        status = ClfsFlushBuffers(handle->area);
    if (status != STATUS_SUCCESS)
        return status;
    if (!let_half_go(&streams[number], &base))
        base = found.LastLsn;
    tell('B', "%u %llu", number, base.Internal);
    if (setting->is_confirmed && read(STDIN_FILENO, &noted, 1) != 1)
        _exit(2);
    status = ClfsAdvanceLogBase(handle->area, &base, 0);
    return status == STATUS_LOG_START_OF_LOG ? STATUS_SUCCESS : status;
}

/* Half of every stream goes. Who comes meanwhile waits, and finds the room. */
static NTSTATUS make_room(void) {
    NTSTATUS status = STATUS_SUCCESS;
    if (pthread_mutex_trylock(&making_room) != 0) {
        pthread_mutex_lock(&making_room);
        pthread_mutex_unlock(&making_room);
        return status;
    }
    for (unsigned number = 0; number < setting->streams && status == STATUS_SUCCESS; number++)
        status = move_base(&writers[number].handle, number);
    pthread_mutex_unlock(&making_room);
    return status;
}

/* --- writing --- */

/* A restart area, by the one thread of the stream that has its number. */
static NTSTATUS write_restart(WRITER *writer, UCHAR *bytes) {
    STREAM *stream = &streams[writer->number];
    IDENTITY identity = {RESTART_WRITER(writer->number), life, stream->restart + 1};
    CLFS_LSN lsn;
    ULONG length = make_record(identity, bytes);
    NTSTATUS status = ClfsWriteRestartArea(writer->handle.area, bytes, length, NULL, 0, NULL, &lsn);
    if (status == STATUS_SUCCESS) {
        stream->restart++;
        tell('R', "%u %u %llu %llu", writer->number, life, (unsigned long long)stream->restart, lsn.Internal);
        tell_that_it_is_durable(writer);
    }
    return status;
}

static NTSTATUS write_record(WRITER *writer, UCHAR *bytes, unsigned choice) {
    IDENTITY identity = {writer->number, life, writer->next};
    CLFS_WRITE_ENTRY entry = {bytes, make_record(identity, bytes)};
    ULONG flags = choice < 8 ? 0 : choice < 11 ? CLFS_FLAG_FORCE_APPEND : CLFS_FLAG_FORCE_FLUSH;
    CLFS_LSN lsn;
    NTSTATUS status = ClfsReserveAndAppendLog(writer->handle.area, &entry, 1, NULL, NULL, 0, NULL, flags, &lsn);
    if (status == STATUS_SUCCESS) {
        writer->next++;
        writer->last = lsn;
        keep(&streams[writer->number % setting->streams], lsn);
        if (flags == CLFS_FLAG_FORCE_FLUSH)
            tell_that_it_is_durable(writer);
    }
    return status;
}

static NTSTATUS flush(WRITER *writer, int is_whole) {
    NTSTATUS status = is_whole ? ClfsFlushBuffers(writer->handle.area)
                               : ClfsFlushToLsn(writer->handle.area, &writer->last, NULL);
    if (status == STATUS_SUCCESS)
        tell_that_it_is_durable(writer);
    return status;
}

static void *run_writer(void *argument) {
    WRITER *writer = argument;
    UCHAR bytes[RECORD_BYTES_MAX];
    for (unsigned refusals = 0; !atomic_load(&is_over);) {
        unsigned choice = (unsigned)rand_r(&writer->random) / 7 % 64;
        NTSTATUS status;
        if (choice == 63 && writer->number < setting->streams)
            status = write_restart(writer, bytes);
        else if (choice > 60 && !ClfsLsnInvalid(&writer->last))
            status = flush(writer, choice == 62);
        else
            status = write_record(writer, bytes, choice % 16);
        refusals = status == STATUS_LOG_FULL ? refusals + 1 : 0;
        if (status == STATUS_LOG_FULL)
            status = make_room();
        if (refusals > PATIENCE)
            tell('X', "%u no room is made", life);
        if (status != STATUS_SUCCESS || refusals > PATIENCE)
            end_life(status, "call");
    }
    return NULL;
}

/* --- lives --- */

static int find(void *state, CLFS_LSN lsn, const void *bytes, ULONG length) {
    unsigned stream = *(unsigned *)state;
    IDENTITY identity;
    if (!identify(bytes, length, &identity) || identity.writer >= THREADS_MAX) {
        tell('X', "%u stream %u: nobody's record at %llu", life, stream, lsn.Internal);
        return 1;
    }
    WRITER *writer = &writers[identity.writer];
    if (writer->next > 1 && identity.number != writer->next)
        tell('X', "%u thread %u: %llu instead of %llu", life, identity.writer, (unsigned long long)identity.number,
             (unsigned long long)writer->next);
    writer->next = identity.number + 1;
    keep(&streams[stream], lsn);
    return 1;
}

/* Opens the log and finds where its writers go on. */
static NTSTATUS open_all(void) {
    NTSTATUS status = STATUS_SUCCESS;
    for (unsigned number = 0; number < setting->threads && status == STATUS_SUCCESS; number++) {
        HANDLE *handle = &writers[number].handle;
        status = open_handle(setting->name, number % setting->streams, OPEN_ALWAYS, handle);
        if (status == STATUS_SUCCESS && number == 0)
            status = add_containers(handle->file, setting->containers, CONTAINER_BYTES);
        if (status == STATUS_SUCCESS)
            status = ClfsCreateMarshallingArea(handle->file, NonPagedPool, NULL, NULL, BLOCK_BYTES, INFINITE, INFINITE,
                                               &handle->area);
    }
    for (unsigned stream = 0; stream < setting->streams && status == STATUS_SUCCESS; stream++) {
        CLFS_LSN lsn;
        IDENTITY identity = {0, 0, 0};
        int is_ours = 1;
        status = read_all(&writers[stream].handle, find, &stream);
        if (status == STATUS_SUCCESS)
            status = read_restart(&writers[stream].handle, &lsn, &identity, &is_ours);
        if (!is_ours || (status == STATUS_SUCCESS && identity.writer != RESTART_WRITER(stream)))
            tell('X', "%u stream %u: nobody's restart area", life, stream);
        streams[stream].restart = identity.number;
        status = status == STATUS_LOG_NO_RESTART ? STATUS_SUCCESS : status;
    }
    return status;
}

static void begin_life(void) {
    life++;
    atomic_store(&is_over, 0);
    for (unsigned number = 0; number < setting->streams; number++)
        streams[number].begin = streams[number].end = 0;
    for (unsigned number = 0; number < setting->threads; number++)
        writers[number] = (WRITER){.number = number, .next = 1, .last = CLFS_LSN_INVALID, .random = life * 64 + number};
}

void write_until_killed(const SETTING *given) {
    setting = given;
    life = setting->life;
    for (unsigned number = 0; number < STREAMS_MAX; number++)
        pthread_mutex_init(&streams[number].lock, NULL);
    for (;;) {
        begin_life();
        NTSTATUS status = open_all();
        if (status == STATUS_SUCCESS) {
            tell('L', "%u", life);
            for (unsigned number = 0; number < setting->threads; number++)
                if (pthread_create(&writers[number].thread, NULL, run_writer, &writers[number]) != 0)
                    _exit(2);
            for (unsigned number = 0; number < setting->threads; number++)
                pthread_join(writers[number].thread, NULL);
        } else {
            end_life(status, "open");
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        }
        for (unsigned number = 0; number < setting->threads; number++)
            close_handle(&writers[number].handle);
    }
}
