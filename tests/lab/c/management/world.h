/*
 * What the management tests are played with: a small log of their own, and clients that note every callback.
 *
 * A client's three callbacks have data of their own; each notes whether it got its own and the log that was registered.
 * Nothing here sleeps: who waits for a callback waits until it comes, or for a minute, which is a failure.
 */
#ifndef CLFSMGMT_TESTS_MANAGEMENT_WORLD_H
#define CLFSMGMT_TESTS_MANAGEMENT_WORLD_H

#include <clfsmgmtx.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>

#include "check.h"

enum { CONTAINER_BYTES = 512 * 1024, RECORD_BYTES = 24 * 1024, BLOCK_BYTES = 64 * 1024, NOTES_MAX = 64 };

static const CLFS_MGMT_CLIENT NO_CLIENT = NULL;

/* --- logs --- */

typedef struct LOG {
    PLOG_FILE_OBJECT file;
    PVOID area;
} LOG;

/* Opens "log:<name>" in the program's folder, makes it if it does not exist. */
static inline PLOG_FILE_OBJECT open_log(const char *name) {
    WCHAR text[64];
    UNICODE_STRING path;
    PLOG_FILE_OBJECT file = NULL;
    size_t length = strlen(name);
    for (size_t at = 0; at < length; at++)
        text[at] = (WCHAR)(unsigned char)name[at];
    path.Buffer = text;
    path.Length = path.MaximumLength = (USHORT)(length * sizeof(WCHAR));
    CHECK_STATUS(ClfsCreateLogFile(&file, &path, GENERIC_READ | GENERIC_WRITE | DELETE,
                                   FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS, 0,
                                   FILE_ATTRIBUTE_NORMAL, 0, NULL, 0),
                 STATUS_SUCCESS);
    return file;
}

static inline void close_log(PLOG_FILE_OBJECT file) {
    CHECK_STATUS(ClfsCloseLogFileObject(file), STATUS_SUCCESS);
}

static inline PVOID make_area(PLOG_FILE_OBJECT file) {
    PVOID area = NULL;
    CHECK_STATUS(ClfsCreateMarshallingArea(file, NonPagedPool, NULL, NULL, BLOCK_BYTES, INFINITE, INFINITE, &area),
                 STATUS_SUCCESS);
    return area;
}

/* One policy of at most two numbers. */
static inline NTSTATUS install(PLOG_FILE_OBJECT file, CLFS_MGMT_POLICY_TYPE type, ULONG first, ULONG second) {
    CLFS_MGMT_POLICY policy;
    ULONG numbers[2] = {first, second};
    memset(&policy, 0, sizeof policy);
    policy.Version = CLFS_MGMT_POLICY_VERSION;
    policy.LengthInBytes = sizeof policy;
    policy.PolicyFlags = LOG_POLICY_OVERWRITE;
    policy.PolicyType = type;
    memcpy(&policy.PolicyParameters, numbers, sizeof numbers);
    return ClfsMgmtInstallPolicy(file, &policy, sizeof policy);
}

static inline NTSTATUS resize(PLOG_FILE_OBJECT file, ULONGLONG containers) {
    return ClfsMgmtSetLogFileSize(file, &containers, NULL, NULL, NULL);
}

static inline ULONG container_count(PLOG_FILE_OBJECT file) {
    CLFS_INFORMATION information;
    ULONG length = sizeof information;
    memset(&information, 0, sizeof information);
    CHECK_STATUS(ClfsGetLogFileInformation(file, &information, &length), STATUS_SUCCESS);
    return information.TotalContainers;
}

/* A log of the smallest containers that cannot grow, with an area to write to it. */
static inline LOG make_log(const char *name, ULONG containers) {
    LOG log = {open_log(name), NULL};
    CHECK_STATUS(install(log.file, ClfsMgmtPolicyMaximumSize, containers, 0), STATUS_SUCCESS);
    CHECK_STATUS(resize(log.file, containers), STATUS_SUCCESS);
    log.area = make_area(log.file);
    return log;
}

static inline void drop_log(LOG *log) {
    CHECK_STATUS(ClfsDeleteMarshallingArea(log->area), STATUS_SUCCESS);
    close_log(log->file);
}

static inline NTSTATUS append(PVOID area) {
    static UCHAR bytes[RECORD_BYTES];
    CLFS_WRITE_ENTRY entry = {bytes, sizeof bytes};
    CLFS_LSN lsn;
    return ClfsReserveAndAppendLog(area, &entry, 1, NULL, NULL, 0, NULL, CLFS_FLAG_FORCE_APPEND, &lsn);
}

/* Appends until the log is full. */
static inline void fill(PVOID area) {
    NTSTATUS status = STATUS_SUCCESS;
    for (unsigned count = 0; count < 4096 && status == STATUS_SUCCESS; count++)
        status = append(area);
    CHECK_STATUS(status, STATUS_LOG_FULL);
}

static inline CLFS_LSN last_lsn(PLOG_FILE_OBJECT file) {
    CLFS_INFORMATION information;
    ULONG length = sizeof information;
    memset(&information, 0, sizeof information);
    CHECK_STATUS(ClfsGetLogFileInformation(file, &information, &length), STATUS_SUCCESS);
    return information.LastLsn;
}

/* Moves the tail to where nothing is held any more. */
static inline void release_all(LOG *log) {
    CLFS_LSN end = last_lsn(log->file);
    CHECK_STATUS(ClfsAdvanceLogBase(log->area, &end, 0), STATUS_SUCCESS);
}

/* --- clients --- */

typedef enum KIND { ASKED, COMPLETED, UNPINNED } KIND;

typedef struct NOTE {
    KIND kind;
    NTSTATUS status;   /* COMPLETED */
    BOOLEAN is_pinned; /* COMPLETED */
    CLFS_LSN target;   /* ASKED */
    thrd_t thread;
} NOTE;

struct CLIENT;

/* What one callback is registered with. */
typedef struct ROLE {
    struct CLIENT *client;
    KIND kind;
} ROLE;

typedef struct CLIENT {
    CLFS_MGMT_CLIENT cookie;
    PLOG_FILE_OBJECT file;
    ROLE roles[3];
    /* What AdvanceTail returns. */
    NTSTATUS answer;
    /* Called inside each callback, with no lock of the test held. */
    void (*inside)(struct CLIENT *client, const NOTE *note);
    void *inside_data;
    mtx_t lock;
    cnd_t changed;
    unsigned count;
    NOTE notes[NOTES_MAX];
} CLIENT;

static inline void note(PLOG_FILE_OBJECT file, void *data, NOTE note) {
    ROLE *role = data;
    CLIENT *client = role->client;
    CHECK(role->kind == note.kind && "each callback gets its own data");
    CHECK(file == client->file && "callbacks get the log that was registered");
    note.thread = thrd_current();
    mtx_lock(&client->lock);
    if (CHECK(client->count < NOTES_MAX))
        client->notes[client->count++] = note;
    cnd_broadcast(&client->changed);
    mtx_unlock(&client->lock);
    if (client->inside != NULL)
        client->inside(client, &note);
}

static inline NTSTATUS advance_tail(PLOG_FILE_OBJECT file, PCLFS_LSN target, PVOID data) {
    NOTE asked = {.kind = ASKED, .target = *target};
    NTSTATUS answer = ((ROLE *)data)->client->answer;
    note(file, data, asked);
    return answer;
}

static inline VOID log_growth_complete(PLOG_FILE_OBJECT file, NTSTATUS status, BOOLEAN is_pinned, PVOID data) {
    NOTE completed = {.kind = COMPLETED, .status = status, .is_pinned = is_pinned};
    note(file, data, completed);
}

static inline VOID log_unpinned(PLOG_FILE_OBJECT file, PVOID data) {
    NOTE unpinned = {.kind = UNPINNED};
    note(file, data, unpinned);
}

/* A registration with every callback; the client answers STATUS_PENDING when it is asked. */
static inline CLFS_MGMT_CLIENT_REGISTRATION registration_of(CLIENT *client, PLOG_FILE_OBJECT file) {
    CLFS_MGMT_CLIENT_REGISTRATION registration = {
        .Version = CLFS_MGMT_CLIENT_REGISTRATION_VERSION,
        .AdvanceTailCallback = advance_tail,
        .AdvanceTailCallbackData = &client->roles[ASKED],
        .LogGrowthCompleteCallback = log_growth_complete,
        .LogGrowthCompleteCallbackData = &client->roles[COMPLETED],
        .LogUnpinnedCallback = log_unpinned,
        .LogUnpinnedCallbackData = &client->roles[UNPINNED],
    };
    memset(client, 0, sizeof *client);
    client->file = file;
    client->answer = STATUS_PENDING;
    for (KIND kind = ASKED; kind <= UNPINNED; kind++)
        client->roles[kind] = (ROLE){client, kind};
    CHECK(mtx_init(&client->lock, mtx_plain) == thrd_success);
    CHECK(cnd_init(&client->changed) == thrd_success);
    return registration;
}

static inline void enter(CLIENT *client, PLOG_FILE_OBJECT file) {
    CLFS_MGMT_CLIENT_REGISTRATION registration = registration_of(client, file);
    CHECK_STATUS(ClfsMgmtRegisterManagedClient(file, &registration, &client->cookie), STATUS_SUCCESS);
    CHECK(client->cookie != NULL);
}

/* For clients that are registered no more. */
static inline void forget(CLIENT *client) {
    mtx_destroy(&client->lock);
    cnd_destroy(&client->changed);
}

static inline void leave(CLIENT *client) {
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(client->cookie), STATUS_SUCCESS);
    forget(client);
}

static inline unsigned notes(CLIENT *client) {
    mtx_lock(&client->lock);
    unsigned count = client->count;
    mtx_unlock(&client->lock);
    return count;
}

/* Waits until the client was called so many times; whether it was. */
static inline int await(CLIENT *client, unsigned count) {
    struct timespec end;
    int in_time = thrd_success;
    timespec_get(&end, TIME_UTC);
    end.tv_sec += 60;
    mtx_lock(&client->lock);
    while (client->count < count && in_time == thrd_success)
        in_time = cnd_timedwait(&client->changed, &client->lock, &end);
    mtx_unlock(&client->lock);
    return in_time == thrd_success;
}

/* The note with this number, which has come. */
static inline NOTE noted(CLIENT *client, unsigned number) {
    mtx_lock(&client->lock);
    NOTE found = client->notes[number];
    mtx_unlock(&client->lock);
    return found;
}

#endif
