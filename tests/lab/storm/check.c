/* What a log holds, beside what its writers were promised. */
#include "storm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct FOUND {
    ULONGLONG lsn;
    IDENTITY identity;
} FOUND;

/* What was promised of one stream, and what it is. */
typedef struct STATE {
    unsigned stream, streams;
    FOUND *found;
    size_t count, room;
    IDENTITY last[THREADS_MAX];
    unsigned faults;
} STATE;

static void say(STATE *state, const char *what, ULONGLONG lsn, IDENTITY identity) {
    if (state->faults++ < 5)
        printf("FAULT stream %u: %s: LSN %llu, writer %u, life %u, number %llu\n", state->stream, what, lsn,
               identity.writer, identity.life, (unsigned long long)identity.number);
}

/* Each record is what its writer wrote, behind the one that it wrote before. */
static int take(void *argument, CLFS_LSN lsn, const void *bytes, ULONG length) {
    STATE *state = argument;
    IDENTITY identity = {0, 0, 0};
    if (!identify(bytes, length, &identity) || identity.writer >= THREADS_MAX ||
        identity.writer % state->streams != state->stream) {
        say(state, "nobody's record", lsn.Internal, identity);
        return 1;
    }
    IDENTITY *last = &state->last[identity.writer];
    if (last->number != 0 && (identity.number != last->number + 1 || identity.life < last->life))
        say(state, "a record is missing before", lsn.Internal, identity);
    *last = identity;
    if (state->count == state->room) {
        state->room = state->room * 2 + 1024;
        state->found = realloc(state->found, state->room * sizeof *state->found);
        if (state->found == NULL)
            abort();
    }
    state->found[state->count++] = (FOUND){lsn.Internal, identity};
    return 1;
}

static const FOUND *at(const STATE *state, ULONGLONG lsn) {
    size_t low = 0, high = state->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (state->found[middle].lsn < lsn)
            low = middle + 1;
        else
            high = middle;
    }
    return low < state->count && state->found[low].lsn == lsn ? &state->found[low] : NULL;
}

static int is_same(IDENTITY one, IDENTITY other) {
    return one.writer == other.writer && one.life == other.life && one.number == other.number;
}

typedef struct PROMISES {
    ULONGLONG lost, kept;
    IDENTITY restart;
    ULONGLONG restart_lsn;
} PROMISES;

/* A line each: `A thread life number lsn`, `R stream life number lsn`, `B stream lsn`; a NUL or the end ends them. */
static int next_line(FILE *file, char *line, int size) {
    return fgets(line, size, file) != NULL && line[0] != '\0';
}

/* Where the stream's base may be at most: somebody said that he would move it there. */
static ULONGLONG highest_base(unsigned stream, FILE *file, CLFS_LSN base) {
    char line[200];
    unsigned who;
    unsigned long long lsn, highest = 0;
    rewind(file);
    while (next_line(file, line, sizeof line))
        if (sscanf(line, "B %u %llu", &who, &lsn) == 2 && who == stream && lsn > highest)
            highest = lsn;
    return highest < base.Internal ? highest : base.Internal;
}

static void compare(STATE *state, FILE *file, ULONGLONG base, int is_lied_to, PROMISES *promises) {
    char line[200];
    unsigned who, in_life;
    unsigned long long number, lsn;
    rewind(file);
    while (next_line(file, line, sizeof line)) {
        if (sscanf(line, "A %u %u %llu %llu", &who, &in_life, &number, &lsn) == 4) {
            IDENTITY promised = {who, in_life, number};
            if (who % state->streams != state->stream || lsn < base)
                continue;
            const FOUND *found = at(state, lsn);
            int is_kept = found != NULL && is_same(found->identity, promised);
            promises->kept += (unsigned)is_kept;
            promises->lost += (unsigned)!is_kept;
            if (!is_kept && !is_lied_to)
                say(state, "acknowledged and lost", lsn, promised);
        } else if (sscanf(line, "R %u %u %llu %llu", &who, &in_life, &number, &lsn) == 4) {
            if (who == state->stream && number > promises->restart.number) {
                promises->restart = (IDENTITY){RESTART_WRITER(who), in_life, number};
                promises->restart_lsn = lsn;
            }
        }
    }
}

/* The newest restart area is the one that was promised, or a later one; below the base it may be gone. */
static NTSTATUS compare_restart(STATE *state, const HANDLE *handle, CLFS_LSN base, int is_lied_to, PROMISES *promises) {
    CLFS_LSN lsn;
    IDENTITY identity = {0, 0, 0};
    int is_ours = 1;
    NTSTATUS status = read_restart(handle, &lsn, &identity, &is_ours);
    if (status != STATUS_SUCCESS && status != STATUS_LOG_NO_RESTART)
        return status;
    if (status == STATUS_SUCCESS && (!is_ours || identity.writer != RESTART_WRITER(state->stream)))
        say(state, "nobody's restart area", lsn.Internal, identity);
    int is_kept = identity.number >= promises->restart.number || promises->restart_lsn < base.Internal;
    promises->kept += (unsigned)(is_kept && promises->restart.number != 0);
    promises->lost += (unsigned)!is_kept;
    if (!is_kept && !is_lied_to)
        say(state, "a restart area, acknowledged and lost", promises->restart_lsn, promises->restart);
    return STATUS_SUCCESS;
}

/* What is read from one stream; its faults, or -1 if it cannot be opened or read. */
static int check_stream(const SETTING *setting, unsigned stream, FILE *file, int is_lied_to, ULONGLONG sums[3],
                        ULONGLONG *base) {
    STATE state = {.stream = stream, .streams = setting->streams};
    PROMISES promises = {0};
    HANDLE handle;
    CLFS_INFORMATION information;
    NTSTATUS status = open_handle(setting->name, stream, OPEN_EXISTING, &handle);
    if (status == STATUS_SUCCESS)
        status = ClfsCreateMarshallingArea(handle.file, NonPagedPool, NULL, NULL, BLOCK_BYTES, INFINITE, INFINITE,
                                           &handle.area);
    if (status == STATUS_SUCCESS)
        status = get_information(handle.file, &information);
    if (status == STATUS_SUCCESS)
        status = read_all(&handle, take, &state);
    if (status == STATUS_SUCCESS) {
        *base = information.BaseLsn.Internal;
        compare(&state, file, highest_base(stream, file, information.BaseLsn), is_lied_to, &promises);
        status = compare_restart(&state, &handle, information.BaseLsn, is_lied_to, &promises);
    }
    if (status != STATUS_SUCCESS)
        printf("refused 0x%08X stream %u\n", (unsigned)status, stream);
    close_handle(&handle);
    free(state.found);
    sums[0] += state.count;
    sums[1] += promises.kept;
    sums[2] += promises.lost;
    return status != STATUS_SUCCESS ? -1 : (int)state.faults;
}

int check_log(const SETTING *setting, const char *promises, int is_lied_to) {
    ULONGLONG sums[3] = {0, 0, 0}, bases[STREAMS_MAX] = {0};
    int faults = 0;
    FILE *file = fopen(promises, "r");
    if (file == NULL)
        return 2;
    for (unsigned stream = 0; stream < setting->streams; stream++) {
        int found = check_stream(setting, stream, file, is_lied_to, sums, &bases[stream]);
        if (found < 0)
            return 3;
        faults += found;
    }
    for (unsigned stream = 0; stream < setting->streams; stream++)
        printf("base %u %llu\n", stream, bases[stream]);
    printf("checked %llu records, %llu of the promises kept, %llu lost\n", sums[0], sums[1], sums[2]);
    return faults != 0;
}
