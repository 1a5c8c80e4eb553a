/* Holds each routine's declaration, whoever made it, to the type in prototypes.h. Compiled, never linked. */
#include "setting.h"

/* Kits from 26100 on, and we alone, take the cookie by value; those before take what they call a pointer to it. */
#if defined(AFTER_WDM) && !defined(AFTER_WDM_26100)
#define AS_CLIENT PCLFS_MGMT_CLIENT
#elif !defined(AFTER_WDM) && defined(WDK_NTDDI_VERSION) && WDK_NTDDI_VERSION < 0x0A000010
#define AS_CLIENT PCLFS_MGMT_CLIENT
#else
#define AS_CLIENT CLFS_MGMT_CLIENT
#endif

void prototypes(void);

void prototypes(void)
{
#define ROUTINE(result, name, parameters) \
    { \
        result(*routine) parameters = name; \
        (void)routine; \
    }
#include "prototypes.h"
#if defined(MUST_FAIL)
    ROUTINE(NTSTATUS, ClfsMgmtTailAdvanceFailure, (CLFS_MGMT_CLIENT, ULONGLONG))
#endif
}

/* The callbacks, as a caller writes them. */
static NTSTATUS advance_tail(PLOG_FILE_OBJECT log_file, PCLFS_LSN target, PVOID data)
{
    (void)log_file, (void)target, (void)data;
    return STATUS_PENDING;
}

static VOID complete(PLOG_FILE_OBJECT log_file, NTSTATUS status, BOOLEAN is_pinned, PVOID data)
{
    (void)log_file, (void)status, (void)is_pinned, (void)data;
}

static VOID unpinned(PLOG_FILE_OBJECT log_file, PVOID data)
{
    (void)log_file, (void)data;
}

static VOID resized(PLOG_FILE_OBJECT log_file, NTSTATUS status, PVOID data)
{
    (void)log_file, (void)status, (void)data;
}

void callbacks(CLFS_MGMT_CLIENT_REGISTRATION *registration, PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK *resize);

void callbacks(CLFS_MGMT_CLIENT_REGISTRATION *registration, PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK *resize)
{
    registration->AdvanceTailCallback = advance_tail;
    registration->LogGrowthCompleteCallback = complete;
    registration->LogUnpinnedCallback = unpinned;
    *resize = resized;
}
