/*
 * What the tests of the base interface are played with: small logs, records, and values that are no handle of anything.
 *
 * Names are those of the program's own folder. Outputs that must stay as they were are filled with MARK before a call.
 */
#ifndef CLFSMGMT_TESTS_FIXTURE_H
#define CLFSMGMT_TESTS_FIXTURE_H

#include <clfsmgmtx.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { CONTAINER_BYTES = 512 * 1024, BLOCK_BYTES = 64 * 1024, SECTOR_BYTES = 512, MARK = 0xA5 };

#define READ_WRITE_DELETE (GENERIC_READ | GENERIC_WRITE | DELETE)
#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* The address of a UNICODE_STRING over a literal: TEXT("log:name"). */
#define TEXT(literal) (&(UNICODE_STRING)RTL_CONSTANT_STRING(CLFSMGMT_TEXT(literal)))

#define FILL(object) memset(&(object), MARK, sizeof(object))
#define IS_MARKED(object) is_marked(&(object), sizeof(object))

static inline int is_marked(const void *bytes, size_t length) {
    for (size_t at = 0; at < length; at++)
        if (((const UCHAR *)bytes)[at] != MARK)
            return 0;
    return 1;
}

/* Values that no routine has handed out; NULL is the first. */
enum { MADE_UP = 6 };
static inline PVOID made_up(unsigned which) {
    static UCHAR somewhere[256];
    const PVOID values[MADE_UP] = {
        NULL, (PVOID)1, (PVOID)0x1000, (PVOID)-1, somewhere, (PVOID)((size_t)1 << 63),
    };
    return values[which];
}

/* --- logs --- */

typedef struct LOG {
    PLOG_FILE_OBJECT file;
    PVOID area;
} LOG;

static inline NTSTATUS open_with(PLOG_FILE_OBJECT *file, PUNICODE_STRING name, ACCESS_MASK access, ULONG share,
                                 ULONG disposition, ULONG attributes) {
    return ClfsCreateLogFile(file, name, access, share, NULL, disposition, 0, attributes, 0, NULL, 0);
}

/* Opens a log, makes it if it does not exist. */
static inline PLOG_FILE_OBJECT open_log(PUNICODE_STRING name) {
    PLOG_FILE_OBJECT file = NULL;
    CHECK_STATUS(open_with(&file, name, READ_WRITE_DELETE, SHARE_ALL, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL),
                 STATUS_SUCCESS);
    return file;
}

static inline void close_log(PLOG_FILE_OBJECT file) {
    CHECK_STATUS(ClfsCloseLogFileObject(file), STATUS_SUCCESS);
}

static inline CLFS_INFORMATION information(PLOG_FILE_OBJECT file) {
    CLFS_INFORMATION found;
    ULONG length = sizeof found;
    memset(&found, 0, sizeof found);
    CHECK_STATUS(ClfsGetLogFileInformation(file, &found, &length), STATUS_SUCCESS);
    return found;
}

/* A new container of this size, with a name that no other has. */
static inline void add_container(PLOG_FILE_OBJECT file, ULONGLONG size) {
    static unsigned number;
    WCHAR path[] = CLFSMGMT_TEXT("%BLF%\\container-00");
    UNICODE_STRING string = {sizeof path - sizeof *path, sizeof path, path};
    path[16] = (WCHAR)('0' + number / 10 % 10);
    path[17] = (WCHAR)('0' + number++ % 10);
    CHECK_STATUS(ClfsAddLogContainer(file, &size, &string), STATUS_SUCCESS);
}

static inline PVOID make_area(PLOG_FILE_OBJECT file) {
    PVOID area = NULL;
    CHECK_STATUS(ClfsCreateMarshallingArea(file, NonPagedPool, NULL, NULL, BLOCK_BYTES, INFINITE, INFINITE, &area),
                 STATUS_SUCCESS);
    return area;
}

/* A log, two containers when it is new, and an area to write to it. */
static inline LOG make_log(PUNICODE_STRING name) {
    LOG log = {open_log(name), NULL};
    for (ULONG count = information(log.file).TotalContainers; count < 2; count++)
        add_container(log.file, CONTAINER_BYTES);
    log.area = make_area(log.file);
    return log;
}

static inline void drop_log(LOG *log) {
    CHECK_STATUS(ClfsDeleteMarshallingArea(log->area), STATUS_SUCCESS);
    close_log(log->file);
}

/* --- records --- */

static inline NTSTATUS append(PVOID area, const void *bytes, ULONG length, ULONG flags, CLFS_LSN *lsn) {
    CLFS_WRITE_ENTRY entry = {(PVOID)bytes, length};
    return ClfsReserveAndAppendLog(area, &entry, 1, NULL, NULL, 0, NULL, flags, lsn);
}

/* Appends a text without its NUL; its LSN. */
static inline CLFS_LSN put(PVOID area, const char *text) {
    CLFS_LSN lsn = CLFS_LSN_INVALID;
    CHECK_STATUS(append(area, text, (ULONG)strlen(text), 0, &lsn), STATUS_SUCCESS);
    CHECK(!ClfsLsnInvalid(&lsn));
    return lsn;
}

/* Appends large records until the log is full; how many there was room for. */
static inline unsigned fill(PVOID area) {
    static const UCHAR bytes[24 * 1024];
    unsigned count = 0;
    NTSTATUS status;
    while ((status = append(area, bytes, sizeof bytes, 0, NULL)) == STATUS_SUCCESS && count < 4096)
        count++;
    CHECK_STATUS(status, STATUS_LOG_FULL);
    return count;
}

/* A record that was read, and its context. */
typedef struct RECORD {
    PVOID bytes;
    ULONG length;
    CLFS_RECORD_TYPE type;
    CLFS_LSN lsn, undo_next, previous;
    PVOID context;
} RECORD;

static inline NTSTATUS read_first(RECORD *record, PVOID area, CLFS_LSN lsn, CLFS_CONTEXT_MODE mode) {
    memset(record, 0, sizeof *record);
    record->lsn = lsn;
    return ClfsReadLogRecord(area, &record->lsn, mode, &record->bytes, &record->length, &record->type,
                             &record->undo_next, &record->previous, &record->context);
}

static inline NTSTATUS read_next(RECORD *record, CLFS_RECORD_TYPE wanted) {
    record->type = wanted;
    return ClfsReadNextLogRecord(record->context, &record->bytes, &record->length, &record->type, NULL,
                                 &record->undo_next, &record->previous, &record->lsn);
}

static inline int holds(const RECORD *record, const char *text) {
    return record->length == strlen(text) && memcmp(record->bytes, text, record->length) == 0;
}

/* The record at an LSN is this text. */
static inline void expect_at(PVOID area, CLFS_LSN lsn, const char *text) {
    RECORD record;
    if (CHECK_STATUS(read_first(&record, area, lsn, ClfsContextForward), STATUS_SUCCESS)) {
        CHECK(holds(&record, text) && record.type == ClfsDataRecord && record.lsn.Internal == lsn.Internal);
        CHECK_STATUS(ClfsTerminateReadLog(record.context), STATUS_SUCCESS);
    }
}

#endif
