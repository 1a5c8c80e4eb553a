/* Binding: the table that a driver calls through, and its end. */
#include "framework.h"

#define TAG 0x46647756 /* VwdF */

/* Every entry of the table that is not filled: sixteen bytes each, from whose place the index follows. */
__asm__(".text\n"
        ".p2align 4\n"
        "unknown_routines:\n"
        ".rept 458\n"
        ".p2align 4\n"
        "call unknown_called\n"
        ".endr\n");
extern const UCHAR unknown_routines[];

static WDFFUNC table[WdfFunctionTableNumEntries];

__attribute__((noreturn, used)) void unknown_called(void)
{
    ULONG_PTR at = (ULONG_PTR)__builtin_return_address(0) - (ULONG_PTR)unknown_routines;
    stop_host("calls a routine that the shim has not, of index", at / 16);
}

static void fill_table(void)
{
    ULONG index;

    for (index = 0; index < WdfFunctionTableNumEntries; index++)
        table[index] = (WDFFUNC)(unknown_routines + 16 * (ULONG_PTR)index);
    table[WdfControlDeviceInitAllocateTableIndex] = (WDFFUNC)framework_init_allocate;
    table[WdfControlFinishInitializingTableIndex] = (WDFFUNC)framework_finish;
    table[WdfDeviceInitFreeTableIndex] = (WDFFUNC)framework_init_free;
    table[WdfDeviceInitAssignNameTableIndex] = (WDFFUNC)framework_assign_name;
    table[WdfDeviceCreateTableIndex] = (WDFFUNC)framework_device_create;
    table[WdfDeviceCreateSymbolicLinkTableIndex] = (WDFFUNC)framework_symbolic_link;
    table[WdfDriverCreateTableIndex] = (WDFFUNC)framework_driver_create;
    table[WdfIoQueueCreateTableIndex] = (WDFFUNC)framework_queue_create;
    table[WdfObjectDeleteTableIndex] = (WDFFUNC)framework_object_delete;
    table[WdfRequestCompleteWithInformationTableIndex] = (WDFFUNC)framework_complete;
    table[WdfRequestRetrieveInputBufferTableIndex] = (WDFFUNC)framework_input;
    table[WdfRequestRetrieveOutputBufferTableIndex] = (WDFFUNC)framework_output;
    table[WdfWorkItemCreateTableIndex] = (WDFFUNC)framework_item_create;
    table[WdfWorkItemEnqueueTableIndex] = (WDFFUNC)framework_item_enqueue;
    table[WdfWorkItemFlushTableIndex] = (WDFFUNC)framework_item_flush;
}

void violation(const char *what, const void *which) { DbgPrint("wdfldr: VIOLATION: %s (%p)\n", what, which); }

void stop_host(const char *what, ULONG_PTR which)
{
    DbgPrint("wdfldr: VIOLATION: %s %I64u: the host ends\n", what, (ULONG64)which);
    /* WDF_VIOLATION */
    KeBugCheckEx(0x10D, which, 0, 0, 0);
    for (;;)
        ;
}

struct framework *framework_of(PWDF_DRIVER_GLOBALS globals)
{
    if (globals == NULL || globals->DriverTag != TAG)
        stop_host("called with globals that are none", (ULONG_PTR)globals);
    return CONTAINING_RECORD(globals, struct framework, globals);
}

static struct framework *bound;

struct framework *framework_of_driver(PDRIVER_OBJECT driver)
{
    struct framework *framework;

    take_latch();
    for (framework = bound; framework != NULL && framework->driver_object != driver; framework = framework->next)
        ;
    give_latch();
    if (framework == NULL)
        stop_host("unloads a driver that is not bound", (ULONG_PTR)driver);
    return framework;
}

static void forget(struct framework *framework)
{
    struct framework **place;

    take_latch();
    for (place = &bound; *place != NULL; place = &(*place)->next)
        if (*place == framework) {
            *place = framework->next;
            break;
        }
    give_latch();
}

static BOOLEAN is_library(const WCHAR *name)
{
    static const WCHAR library[] = L"KmdfLibrary";
    ULONG at;

    for (at = 0; at < sizeof(library) / sizeof(library[0]); at++)
        if (name[at] != library[at])
            return FALSE;
    return TRUE;
}

NTSTATUS NTAPI WdfVersionBind(PDRIVER_OBJECT driver, PUNICODE_STRING path, PWDF_BIND_INFO info,
                              PWDF_COMPONENT_GLOBALS *globals)
{
    struct framework *framework;

    (void)path;
    if (info->Size != sizeof(WDF_BIND_INFO) && info->Size != sizeof(WDF_BIND_INFO2))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!is_library(info->Component) || info->Version.Major != KMDF_VERSION_MAJOR ||
        info->Version.Minor > KMDF_VERSION_MINOR || info->FuncCount > WdfFunctionTableNumEntries)
        return STATUS_NOT_SUPPORTED;
    framework = ExAllocatePoolWithTag(NonPagedPool, sizeof(*framework), TAG);
    if (framework == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(framework, sizeof(*framework));
    framework->driver_object = driver;
    framework->globals.DriverTag = TAG;
    framework->globals.DisplaceDriverUnload = TRUE;
    take_latch();
    framework->next = bound;
    bound = framework;
    give_latch();
    fill_table();
    *(const WDFFUNC **)info->FuncTable = table;
    *globals = (PWDF_COMPONENT_GLOBALS)&framework->globals;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI WdfVersionUnbind(PUNICODE_STRING path, PWDF_BIND_INFO info, PWDF_COMPONENT_GLOBALS globals)
{
    struct framework *framework = framework_of((PWDF_DRIVER_GLOBALS)globals);

    (void)path;
    /* A driver whose entry failed has a driver object that nobody has ended. */
    if (framework->driver != NULL)
        end_object(framework->driver);
    DbgPrint("wdfldr: left: objects %d, handles %d, requests %d\n", (int)framework->objects, (int)framework->handles,
             (int)framework->requests);
    *(const WDFFUNC **)info->FuncTable = NULL;
    forget(framework);
    framework->globals.DriverTag = 0;
    ExFreePool(framework);
    return STATUS_SUCCESS;
}

/* Class extensions: nobody here is or has one. */
NTSTATUS NTAPI WdfVersionBindClass(PWDF_BIND_INFO info, PWDF_COMPONENT_GLOBALS globals, PVOID class_info)
{
    (void)info;
    (void)globals;
    violation("binds a class extension", class_info);
    return STATUS_NOT_SUPPORTED;
}

VOID NTAPI WdfVersionUnbindClass(PWDF_BIND_INFO info, PWDF_COMPONENT_GLOBALS globals, PVOID class_info)
{
    (void)info;
    (void)globals;
    violation("unbinds a class extension", class_info);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    (void)driver;
    (void)path;
    return STATUS_SUCCESS;
}
