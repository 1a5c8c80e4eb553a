/*
 * A log that never runs out of space: opens one, registers as its client, fills it, and moves its tail when asked.
 *
 *   cargo build --release
 *   cc -std=c11 -Iinclude examples/c/log_full.c -o log_full -Ltarget/release -lclfsmgmt -lpthread -Wl,-rpath,"$PWD/target/release"
 *   ./log_full /tmp/example-log 5
 *
 * The log stays: look at it with `clfsmgmt inspect /tmp/example-log.blf`, or go on with it by running this again.
 */
#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clfsmgmtx.h"

enum {
    CONTAINER_BYTES = 1024 * 1024,
    CONTAINERS_AT_FIRST = 2,
    CONTAINERS_AT_MOST = 4,
    BLOCK_BYTES = 64 * 1024,
    RECORD_BYTES = 4096,
    ROUNDS = 5,
    PATH_CHARACTERS = 1024
};

/*
 * What callbacks tell the writer. Callbacks run on threads of the library, on the caller's own inside of
 * ClfsMgmtHandleLogFileFull, and perhaps before the routine that caused them has returned: so they only leave a note.
 */
struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_tail_asked;
    CLFS_LSN target;
    bool is_complete;
    NTSTATUS outcome;
    bool is_pinned;
    bool is_unpinned;
};

struct writer {
    PLOG_FILE_OBJECT log_file;
    CLFS_MGMT_CLIENT client;
    PVOID area;
    struct mailbox mail;
    unsigned long records;
    CLFS_LSN last;
};

/* ---- Callbacks ----------------------------------------------------------------------------------------------------- */

/* "Move your tail." The writer's own thread does it; STATUS_SUCCESS would be wrong even if it were done by now. */
static NTSTATUS advance_tail(PLOG_FILE_OBJECT log_file, PCLFS_LSN target, PVOID data)
{
    struct mailbox *mail = data;
    (void)log_file;
    pthread_mutex_lock(&mail->lock);
    mail->is_tail_asked = true;
    mail->target = *target; /* the pointer is good only until we return */
    pthread_cond_signal(&mail->changed);
    pthread_mutex_unlock(&mail->lock);
    return STATUS_PENDING;
}

static VOID log_growth_complete(PLOG_FILE_OBJECT log_file, NTSTATUS status, BOOLEAN is_pinned, PVOID data)
{
    struct mailbox *mail = data;
    (void)log_file;
    pthread_mutex_lock(&mail->lock);
    mail->is_complete = true;
    mail->outcome = status;
    mail->is_pinned = is_pinned != FALSE;
    pthread_cond_signal(&mail->changed);
    pthread_mutex_unlock(&mail->lock);
}

static VOID log_unpinned(PLOG_FILE_OBJECT log_file, PVOID data)
{
    struct mailbox *mail = data;
    (void)log_file;
    pthread_mutex_lock(&mail->lock);
    mail->is_unpinned = true;
    pthread_cond_signal(&mail->changed);
    pthread_mutex_unlock(&mail->lock);
}

/* ---- Setting up ---------------------------------------------------------------------------------------------------- */

static bool succeeded(NTSTATUS status, const char *what)
{
    if (!NT_SUCCESS(status)) {
        fprintf(stderr, "log_full: %s: status %08lX\n", what, (unsigned long)(ULONG)status);
    }
    return NT_SUCCESS(status);
}

static NTSTATUS open_log(struct writer *writer, const char *path)
{
    /* Names are UTF-16, counted in bytes; this example takes ASCII paths only. */
    static const char prefix[] = "log:";
    static WCHAR text[PATH_CHARACTERS];
    size_t length = 0;
    UNICODE_STRING name;
    for (const char *from = prefix; *from != '\0'; from++) {
        text[length++] = (WCHAR)*from;
    }
    for (const char *from = path; *from != '\0'; from++) {
        if ((unsigned char)*from > 0x7F || length == PATH_CHARACTERS) {
            return STATUS_OBJECT_NAME_INVALID;
        }
        text[length++] = (WCHAR)*from;
    }
    name.Length = (USHORT)(length * sizeof(WCHAR));
    name.MaximumLength = sizeof(text);
    name.Buffer = text;
    return ClfsCreateLogFile(&writer->log_file, &name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, 0,
                             FILE_ATTRIBUTE_NORMAL, CLFS_FLAG_NO_FLAGS, NULL, 0);
}

static NTSTATUS register_client(struct writer *writer)
{
    CLFS_MGMT_CLIENT_REGISTRATION registration = {
        .Version = CLFS_MGMT_CLIENT_REGISTRATION_VERSION,
        .AdvanceTailCallback = advance_tail,
        .AdvanceTailCallbackData = &writer->mail,
        .LogGrowthCompleteCallback = log_growth_complete,
        .LogGrowthCompleteCallbackData = &writer->mail,
        .LogUnpinnedCallback = log_unpinned,
        .LogUnpinnedCallbackData = &writer->mail,
    };
    return ClfsMgmtRegisterManagedClient(writer->log_file, &registration, &writer->client);
}

static CLFS_MGMT_POLICY new_policy(CLFS_MGMT_POLICY_TYPE type)
{
    CLFS_MGMT_POLICY policy;
    memset(&policy, 0, sizeof(policy));
    policy.Version = CLFS_MGMT_POLICY_VERSION;
    policy.LengthInBytes = sizeof(policy);
    policy.PolicyFlags = LOG_POLICY_OVERWRITE;
    policy.PolicyType = type;
    return policy;
}

/* Policies are forgotten when the log's last user closes it: install them each time, behind the first registration. */
static NTSTATUS install_policies(PLOG_FILE_OBJECT log_file)
{
    CLFS_MGMT_POLICY policies[3] = {
        new_policy(ClfsMgmtPolicyNewContainerSize),
        new_policy(ClfsMgmtPolicyMaximumSize),
        new_policy(ClfsMgmtPolicyLogTail),
    };
    NTSTATUS status = STATUS_SUCCESS;
    policies[0].PolicyParameters.NewContainerSize.SizeInBytes = CONTAINER_BYTES;
    policies[1].PolicyParameters.MaximumSize.Containers = CONTAINERS_AT_MOST;
    /* When clients are asked to move, ask for one free container. */
    policies[2].PolicyParameters.LogTail.MinimumAvailableContainers = 1;
    for (size_t index = 0; index < 3 && NT_SUCCESS(status); index++) {
        status = ClfsMgmtInstallPolicy(log_file, &policies[index], sizeof(policies[index]));
    }
    return status;
}

/* A new log has no containers, and two are needed before anything can be written. */
static NTSTATUS make_containers(PLOG_FILE_OBJECT log_file)
{
    CLFS_INFORMATION information;
    ULONG size = sizeof(information);
    ULONGLONG wanted = CONTAINERS_AT_FIRST, got = 0;
    NTSTATUS status = ClfsQueryLogFileInformation(log_file, ClfsLogBasicInformation, NULL, 0, &information, &size);
    if (!NT_SUCCESS(status) || information.TotalContainers >= CONTAINERS_AT_FIRST) {
        return status;
    }
    status = ClfsMgmtSetLogFileSize(log_file, &wanted, &got, NULL, NULL);
    if (NT_SUCCESS(status)) {
        printf("the log has %llu containers\n", got);
    }
    return status;
}

static bool set_up(struct writer *writer, const char *path)
{
    return succeeded(open_log(writer, path), "opening the log")
        && succeeded(register_client(writer), "registering")
        && succeeded(install_policies(writer->log_file), "installing policies")
        && succeeded(make_containers(writer->log_file), "making containers")
        && succeeded(ClfsCreateMarshallingArea(writer->log_file, PagedPool, NULL, NULL, BLOCK_BYTES, INFINITE, 4,
                                               &writer->area),
                     "creating a marshalling area");
}

/* ---- Writing ------------------------------------------------------------------------------------------------------- */

/* Appends records until the log is full, or something else is wrong; says why it stopped. */
static NTSTATUS fill(struct writer *writer)
{
    static char bytes[RECORD_BYTES];
    CLFS_WRITE_ENTRY entry = {bytes, RECORD_BYTES};
    NTSTATUS status;
    do {
        snprintf(bytes, sizeof(bytes), "record %lu", writer->records);
        status = ClfsReserveAndAppendLog(writer->area, &entry, 1, NULL, NULL, 0, NULL, 0, &writer->last);
        writer->records += NT_SUCCESS(status);
    } while (NT_SUCCESS(status));
    return status;
}

/*
 * Does what advance_tail noted. A real client first makes durable what its oldest records stand for; this one needs
 * none of them. Where it cannot move it must say so: until then nobody's request for space can end.
 */
static NTSTATUS move_tail(struct writer *writer, CLFS_LSN target)
{
    NTSTATUS status = ClfsAdvanceLogBase(writer->area, &target, 0);
    if (NT_SUCCESS(status)) {
        printf("  asked to move the tail, moved it to container %lu\n", (unsigned long)ClfsLsnContainer(&target));
    } else {
        printf("  asked to move the tail, could not: status %08lX\n", (unsigned long)(ULONG)status);
        succeeded(ClfsMgmtTailAdvanceFailure(writer->client, status), "reporting that");
    }
    return status;
}

/* With an error that names the log pinned, there will be word when it no longer is. */
static bool is_over(const struct mailbox *mail)
{
    bool is_pinned = NT_ERROR(mail->outcome) && mail->is_pinned && !mail->is_unpinned;
    return mail->is_complete && !is_pinned;
}

/* Waits for the end of a request, and moves the tail meanwhile: the request may be waiting for just that. */
static NTSTATUS wait_for_space(struct writer *writer)
{
    struct mailbox *mail = &writer->mail;
    NTSTATUS moved = STATUS_SUCCESS;
    pthread_mutex_lock(&mail->lock);
    while (NT_SUCCESS(moved) && (mail->is_tail_asked || !is_over(mail))) {
        if (mail->is_tail_asked) {
            CLFS_LSN target = mail->target;
            mail->is_tail_asked = false;
            /* Never call with a lock held that callbacks take. */
            pthread_mutex_unlock(&mail->lock);
            moved = move_tail(writer, target);
            pthread_mutex_lock(&mail->lock);
        } else {
            pthread_cond_wait(&mail->changed, &mail->lock);
        }
    }
    NTSTATUS outcome = mail->is_unpinned ? STATUS_SUCCESS : mail->outcome;
    pthread_mutex_unlock(&mail->lock);
    return NT_SUCCESS(moved) ? outcome : moved;
}

static NTSTATUS make_space(struct writer *writer)
{
    /* Forget the last request's end before this one begins: its own may come before the routine returns. */
    pthread_mutex_lock(&writer->mail.lock);
    writer->mail.is_complete = writer->mail.is_pinned = writer->mail.is_unpinned = false;
    pthread_mutex_unlock(&writer->mail.lock);

    NTSTATUS status = ClfsMgmtHandleLogFileFull(writer->client);
    if (status == STATUS_PENDING) {
        puts("  space is being made");
        status = wait_for_space(writer);
    }
    return status;
}

static bool write_rounds(struct writer *writer, long rounds)
{
    for (long round = 1; round <= rounds; round++) {
        NTSTATUS status = fill(writer);
        if (status != STATUS_LOG_FULL) {
            return succeeded(status, "appending");
        }
        printf("round %ld: full after %lu records, the last in container %lu\n", round, writer->records,
               (unsigned long)ClfsLsnContainer(&writer->last));
        if (!succeeded(make_space(writer), "making space")) {
            return false;
        }
    }
    return succeeded(ClfsFlushBuffers(writer->area), "flushing");
}

/* ---- The end ------------------------------------------------------------------------------------------------------- */

static void tell(PLOG_FILE_OBJECT log_file)
{
    CLFS_MGMTX_STATISTICS statistics = {.Version = CLFS_MGMTX_STATISTICS_VERSION};
    if (succeeded(ClfsMgmtxQueryStatistics(log_file, &statistics), "asking for statistics")) {
        printf("%llu requests, %llu with space; %llu asks; %llu containers added, %llu removed\n", statistics.Requests,
               statistics.Succeeded, statistics.Asks, statistics.ContainersAdded, statistics.ContainersRemoved);
    }
}

/* The other way round: no callback runs after deregistration, so the mailbox may go then. */
static bool tear_down(struct writer *writer)
{
    bool is_well = true;
    if (writer->area != NULL) {
        is_well &= succeeded(ClfsDeleteMarshallingArea(writer->area), "deleting the marshalling area");
    }
    if (writer->client != NULL) {
        is_well &= succeeded(ClfsMgmtDeregisterManagedClient(writer->client), "deregistering");
    }
    if (writer->log_file != NULL) {
        is_well &= succeeded(ClfsCloseLogFileObject(writer->log_file), "closing the log");
    }
    return is_well;
}

int main(int count, char **arguments)
{
    static struct writer writer = {
        .mail = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER},
    };
    if (count < 2 || count > 3) {
        fprintf(stderr, "usage: %s /ABSOLUTE/PATH [ROUNDS]\n", arguments[0]);
        return 2;
    }
    long rounds = count == 3 ? strtol(arguments[2], NULL, 10) : ROUNDS;
    bool is_well = set_up(&writer, arguments[1]) && write_rounds(&writer, rounds);
    if (is_well) {
        tell(writer.log_file);
    }
    is_well &= tear_down(&writer);
    return is_well ? 0 : 1;
}
