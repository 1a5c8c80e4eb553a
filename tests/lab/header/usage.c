/* What a caller writes, in C or C++, in user mode or kernel mode: one source for every setting. Never linked. */
#include "setting.h"

#define LOG_NAME "log:/var/lib/example/log"

struct client {
    CLFS_MGMT_CLIENT cookie;
    CLFS_LSN target;
};

static _Function_class_(CLFS_CLIENT_ADVANCE_TAIL_CALLBACK) NTSTATUS
    advance_tail(_In_ PLOG_FILE_OBJECT log_file, _In_ PCLFS_LSN target, _In_ PVOID data)
{
    struct client *client = (struct client *)data;
    (void)log_file;
    client->target = *target;
    return STATUS_PENDING;
}

NTSTATUS open_log(PLOG_FILE_OBJECT *log_file, struct client *client);

_IRQL_requires_max_(APC_LEVEL)
NTSTATUS open_log(PLOG_FILE_OBJECT *log_file, struct client *client)
{
    static WCHAR path[] = CLFSMGMT_TEXT(LOG_NAME);
    UNICODE_STRING name = RTL_CONSTANT_STRING(path);
    CLFS_MGMT_CLIENT_REGISTRATION registration = {
        CLFS_MGMT_CLIENT_REGISTRATION_VERSION, advance_tail, client, NULL, NULL, NULL, NULL};
    NTSTATUS status = ClfsCreateLogFile(log_file, &name, GENERIC_READ | GENERIC_WRITE | DELETE,
                                        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS, 0,
                                        FILE_ATTRIBUTE_NORMAL, CLFS_FLAG_NO_FLAGS, NULL, 0);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    return ClfsMgmtRegisterManagedClient(*log_file, &registration, &client->cookie);
}

NTSTATUS limit(PLOG_FILE_OBJECT log_file, ULONG containers);

NTSTATUS limit(PLOG_FILE_OBJECT log_file, ULONG containers)
{
    CLFS_MGMT_POLICY policy;
    policy.Version = CLFS_MGMT_POLICY_VERSION;
    policy.LengthInBytes = sizeof(policy);
    policy.PolicyFlags = LOG_POLICY_OVERWRITE;
    policy.PolicyType = ClfsMgmtPolicyMaximumSize;
    policy.PolicyParameters.MaximumSize.Containers = containers;
    return ClfsMgmtInstallPolicy(log_file, &policy, sizeof(policy));
}

NTSTATUS append(PVOID area, struct client *client, PVOID bytes, ULONG length);

NTSTATUS append(PVOID area, struct client *client, PVOID bytes, ULONG length)
{
    CLFS_WRITE_ENTRY entry = {bytes, length};
    CLFS_LSN lsn = CLFS_LSN_INVALID;
    NTSTATUS status = ClfsReserveAndAppendLog(area, &entry, 1, NULL, NULL, 0, NULL, CLFS_FLAG_FORCE_FLUSH, &lsn);
    if (status == STATUS_LOG_FULL) {
        status = ClfsMgmtHandleLogFileFull(client->cookie);
        return status == STATUS_LOG_FULL_HANDLER_IN_PROGRESS ? (NTSTATUS)STATUS_PENDING : status;
    }
    return NT_SUCCESS(status) && ClfsLsnInvalid(&lsn) ? (NTSTATUS)STATUS_UNSUCCESSFUL : status;
}

ULONGLONG count_clients(void);

ULONGLONG count_clients(void)
{
    CLFS_MGMTX_RESOURCES resources;
    resources.Version = CLFS_MGMTX_RESOURCES_VERSION;
    return NT_SUCCESS(ClfsMgmtxQueryResources(&resources)) ? resources.Clients : 0;
}

ULONG count_pins(PLOG_FILE_OBJECT log_file);

ULONG count_pins(PLOG_FILE_OBJECT log_file)
{
    CLFS_MGMTX_PIN pins[8];
    CLFS_MGMTX_STATISTICS statistics;
    ULONG count = sizeof(pins) / sizeof(pins[0]);
    statistics.Version = CLFS_MGMTX_STATISTICS_VERSION;
    if (!NT_SUCCESS(ClfsMgmtxQueryStatistics(log_file, &statistics)) || statistics.Pinned == 0) {
        return 0;
    }
    if (!NT_SUCCESS(ClfsMgmtxQueryPins(log_file, pins, &count)) || pins[0].Cause != ClfsMgmtxPinClient) {
        return 0;
    }
    return count;
}

NTSTATUS resize(PLOG_FILE_OBJECT log_file, struct client *client, ULONGLONG size);

/* The cookie itself, spelled for either kit: in C both compile with both, in C++ the second does. */
NTSTATUS resize(PLOG_FILE_OBJECT log_file, struct client *client, ULONGLONG size)
{
    ULONGLONG got = 0;
#if !defined(__cplusplus)
    NTSTATUS status = ClfsMgmtSetLogFileSizeAsClient(log_file, client->cookie, &size, &got, NULL, NULL);
    if (!NT_SUCCESS(status)) {
        return status;
    }
#endif
    return ClfsMgmtSetLogFileSizeAsClient(log_file, (PCLFS_MGMT_CLIENT)client->cookie, &size, &got, NULL, NULL);
}
