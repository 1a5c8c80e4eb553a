/*
 * A storm: threads that write to one log through the C library until they are killed, and tell what they were promised.
 *
 * Every record says who wrote it, so that whoever opens the log afterwards knows what it must hold, and that nothing in
 * it was made up. A line is one write of the process, so that it is there whole or not at all:
 *
 *     L seq life                              the log is open, and this life begins
 *     A seq thread life number lsn            SUCCESS for a record that was to be flushed: it is durable, and all of
 *                                             its thread before it
 *     R seq stream life number lsn            the same for a restart area
 *     B seq stream lsn                        the stream's base is about to be moved here
 *     F seq life status what                  a call failed: with "open" an opening, else it ends the life
 *     X seq text                              what must not be
 */
#ifndef CLFSMGMT_STORM_H
#define CLFSMGMT_STORM_H

#define _GNU_SOURCE
#include <clfsmgmtx.h>
#include <stdint.h>

enum { STREAMS_MAX = 16, THREADS_MAX = 32, RECORD_BYTES_MAX = 50000, BLOCK_BYTES = 64 * 1024 };

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* Restart areas are records of writers of their own: one a stream, behind the threads. */
#define RESTART_WRITER(stream) (THREADS_MAX + (stream))

/* --- records (record.c) --- */

/* What a record says of itself. */
typedef struct IDENTITY {
    uint32_t writer, life;
    uint64_t number;
} IDENTITY;

/* The bytes of a record; how many. */
ULONG make_record(IDENTITY identity, UCHAR *bytes);

/* Whose record it is; 0 if nobody's. */
int identify(const void *bytes, size_t length, IDENTITY *identity);

/* --- handles (handle.c) --- */

/* A stream, and an area to read and write it through. */
typedef struct HANDLE {
    PLOG_FILE_OBJECT file;
    PVOID area;
} HANDLE;

/* Opens the stream of a log `log:NAME::sN`, or makes it. On failure nothing stays open. */
NTSTATUS open_handle(const char *name, unsigned stream, ULONG disposition, HANDLE *handle);

/* A log that has stopped says so; the handle is gone in any case. */
void close_handle(HANDLE *handle);

/* Adds containers until the log has as many. */
NTSTATUS add_containers(PLOG_FILE_OBJECT file, unsigned count, ULONGLONG bytes);

NTSTATUS get_information(PLOG_FILE_OBJECT file, CLFS_INFORMATION *information);

/* Calls `each` for every record of the stream, from its base to its end, while it returns 1. */
NTSTATUS read_all(const HANDLE *handle, int (*each)(void *state, CLFS_LSN lsn, const void *bytes, ULONG length),
                  void *state);

/* The newest restart area; STATUS_LOG_NO_RESTART if there is none. */
NTSTATUS read_restart(const HANDLE *handle, CLFS_LSN *lsn, IDENTITY *identity, int *is_ours);

/* --- the two things to do (write.c, check.c) --- */

typedef struct SETTING {
    const char *name;
    unsigned streams, threads, containers, life;
    /* A byte comes on standard input once a line `B` has been taken note of. */
    int is_confirmed;
} SETTING;

/* Never returns. */
void write_until_killed(const SETTING *setting);

/* Opens the log for writing and compares it with the promises in a file; the exit code. */
int check_log(const SETTING *setting, const char *promises, int is_lied_to);

#endif
