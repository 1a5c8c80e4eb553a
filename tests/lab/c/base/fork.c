/* A process that was forked: the parent's handles do not work in it, and nothing is written; logs of its own do. */
#define _GNU_SOURCE
#include "fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

/*
 * Runs `child` in a process of its own; whether all its checks held, and it said so within a minute. It ends by a
 * signal: what it has inherited is lost there, and nobody is to count that.
 */
static int in_child(void (*child)(void *), void *argument) {
    int ends[2];
    char all_held = 0;
    if (pipe(ends) != 0)
        return 0;
    fflush(stdout);
    pid_t process = fork();
    if (process == 0) {
        alarm(60);
        unsigned before = atomic_load(&check_faults);
        child(argument);
        fflush(stdout);
        all_held = atomic_load(&check_faults) == before;
        if (write(ends[1], &all_held, 1) == 1)
            raise(SIGKILL);
        _exit(1);
    }
    close(ends[1]);
    int has_said = process > 0 && read(ends[0], &all_held, 1) == 1;
    close(ends[0]);
    return has_said && waitpid(process, NULL, 0) == process && all_held;
}

typedef struct INHERITED {
    LOG log;
    RECORD record;
    CLFS_MGMT_CLIENT client;
    CLFS_LSN lsn;
} INHERITED;

static NTSTATUS never_asked(PLOG_FILE_OBJECT file, PCLFS_LSN target, PVOID data) {
    (void)file, (void)target, (void)data;
    return STATUS_PENDING;
}

static atomic_int completions;
static VOID completed(PLOG_FILE_OBJECT file, NTSTATUS status, BOOLEAN is_pinned, PVOID data) {
    (void)file, (void)status, (void)is_pinned, (void)data;
    atomic_fetch_add(&completions, 1);
}

static CLFS_MGMT_CLIENT register_client(PLOG_FILE_OBJECT file) {
    CLFS_MGMT_CLIENT client = NULL;
    CLFS_MGMT_CLIENT_REGISTRATION registration = {
        .Version = CLFS_MGMT_CLIENT_REGISTRATION_VERSION,
        .AdvanceTailCallback = never_asked,
        .LogGrowthCompleteCallback = completed,
    };
    CHECK_STATUS(ClfsMgmtRegisterManagedClient(file, &registration, &client), STATUS_SUCCESS);
    return client;
}

/* A log of the child's own, written to, grown, read again, and deleted. */
static void work_with_own_log(PUNICODE_STRING name) {
    LOG log = make_log(name);
    CLFS_MGMT_CLIENT client = register_client(log.file);
    CLFS_LSN lsn = CLFS_LSN_INVALID;
    CHECK_STATUS(append(log.area, "the child's", 11, CLFS_FLAG_FORCE_FLUSH, &lsn), STATUS_SUCCESS);
    expect_at(log.area, lsn, "the child's");
    fill(log.area);
    NTSTATUS status = ClfsMgmtHandleLogFileFull(client);
    CHECK(status == STATUS_SUCCESS || status == STATUS_PENDING);
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(client), STATUS_SUCCESS);
    CHECK_STATUS(ClfsDeleteLogByPointer(log.file), STATUS_SUCCESS);
    drop_log(&log);
}

static void use_inherited(void *argument) {
    INHERITED *inherited = argument;
    LOG *log = &inherited->log;
    CLFS_LSN lsn = CLFS_LSN_INVALID;
    CLFS_INFORMATION found;
    ULONG length = sizeof found;
    ULONGLONG size = CONTAINER_BYTES;
    for (int round = 0; round < 2; round++) {
        CHECK_STATUS(append(log->area, "by the child", 12, CLFS_FLAG_FORCE_FLUSH, &lsn), STATUS_LOG_STATE_INVALID);
        CHECK_STATUS(ClfsFlushBuffers(log->area), STATUS_LOG_STATE_INVALID);
        CHECK_STATUS(ClfsAdvanceLogBase(log->area, &inherited->lsn, 0), STATUS_LOG_STATE_INVALID);
        CHECK_STATUS(ClfsGetLogFileInformation(log->file, &found, &length), STATUS_LOG_STATE_INVALID);
        CHECK_STATUS(ClfsAddLogContainer(log->file, &size, TEXT("%BLF%\\child")), STATUS_LOG_STATE_INVALID);
        CHECK_STATUS(read_next(&inherited->record, ClfsDataRecord), STATUS_LOG_STATE_INVALID);
        CHECK_STATUS(ClfsTerminateReadLog(inherited->record.context), STATUS_LOG_STATE_INVALID);
        CHECK_STATUS(ClfsMgmtHandleLogFileFull(inherited->client), STATUS_LOG_STATE_INVALID);
        CHECK_STATUS(ClfsMgmtDeregisterManagedClient(inherited->client), STATUS_LOG_STATE_INVALID);
        CHECK_STATUS(ClfsDeleteLogByPointer(log->file), STATUS_LOG_STATE_INVALID);
        CHECK_STATUS(ClfsDeleteMarshallingArea(log->area), STATUS_LOG_STATE_INVALID);
        CHECK_STATUS(ClfsCloseLogFileObject(log->file), STATUS_LOG_STATE_INVALID);
        /* The second time with handles of the child's own, which are others. */
        work_with_own_log(TEXT("log:of-the-child"));
    }
    PLOG_FILE_OBJECT again = NULL;
    CHECK_STATUS(open_with(&again, TEXT("log:parent"), READ_WRITE_DELETE, SHARE_ALL, OPEN_EXISTING, 0),
                 STATUS_SHARING_VIOLATION);
}

static void fork_again(void *argument) {
    work_with_own_log(TEXT("log:of-the-first"));
    CHECK(in_child(use_inherited, argument));
    work_with_own_log(TEXT("log:of-the-first"));
}

static void with_forks(void (*child)(void *)) {
    INHERITED inherited = {.log = make_log(TEXT("log:parent"))};
    inherited.client = register_client(inherited.log.file);
    CHECK_STATUS(append(inherited.log.area, "before", 6, CLFS_FLAG_FORCE_FLUSH, &inherited.lsn), STATUS_SUCCESS);
    REQUIRE_STATUS(read_first(&inherited.record, inherited.log.area, inherited.lsn, ClfsContextForward),
                   STATUS_SUCCESS);
    put(inherited.log.area, "waits in memory");
    CHECK(in_child(child, &inherited));
    CLFS_LSN after = CLFS_LSN_INVALID;
    CHECK_STATUS(append(inherited.log.area, "after", 5, CLFS_FLAG_FORCE_FLUSH, &after), STATUS_SUCCESS);
    CHECK_STATUS(read_next(&inherited.record, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&inherited.record, "waits in memory"));
    CHECK_STATUS(read_next(&inherited.record, ClfsDataRecord), STATUS_SUCCESS);
    CHECK(holds(&inherited.record, "after"));
    CHECK_STATUS(ClfsTerminateReadLog(inherited.record.context), STATUS_SUCCESS);
    CHECK_STATUS(ClfsMgmtDeregisterManagedClient(inherited.client), STATUS_SUCCESS);
    drop_log(&inherited.log);
    LOG again = make_log(TEXT("log:parent"));
    expect_at(again.area, inherited.lsn, "before");
    expect_at(again.area, after, "after");
    CHECK_STATUS(ClfsDeleteLogByPointer(again.file), STATUS_SUCCESS);
    drop_log(&again);
}

TEST(a_child_cannot_use_what_its_parent_opened_and_has_logs_of_its_own) { with_forks(use_inherited); }

TEST(a_child_of_a_child_can_use_neither_ones_handles) { with_forks(fork_again); }

static atomic_int is_over;

static int append_until_over(void *argument) {
    while (!atomic_load(&is_over))
        CHECK_STATUS(append(((LOG *)argument)->area, "busy", 4, CLFS_FLAG_FORCE_APPEND, NULL), STATUS_SUCCESS);
    return 0;
}

static void just_own(void *argument) {
    CHECK_STATUS(append(((LOG *)argument)->area, "by the child", 12, 0, NULL), STATUS_LOG_STATE_INVALID);
    work_with_own_log(TEXT("log:of-the-child"));
}

TEST(a_child_is_made_while_other_threads_are_inside) {
    LOG log = {open_log(TEXT("log:busy")), NULL};
    for (int count = 0; count < 2; count++)
        add_container(log.file, 64 * 1024 * 1024);
    log.area = make_area(log.file);
    thrd_t threads[2];
    for (int at = 0; at < 2; at++)
        CHECK(thrd_create(&threads[at], append_until_over, &log) == thrd_success);
    for (int count = 0; count < 10; count++)
        CHECK(in_child(just_own, &log));
    atomic_store(&is_over, 1);
    for (int at = 0; at < 2; at++)
        CHECK(thrd_join(threads[at], NULL) == thrd_success);
    drop_log(&log);
}

int main(void) {
    RUN(a_child_cannot_use_what_its_parent_opened_and_has_logs_of_its_own);
    RUN(a_child_of_a_child_can_use_neither_ones_handles);
    RUN(a_child_is_made_while_other_threads_are_inside);
    return check_end();
}
