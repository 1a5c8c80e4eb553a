/* WdfDriverEntry.lib: where the image of a KMDF driver begins and ends. Written for this project, for builds without a
 * WDK; what it says to WDFLDR.SYS is what KMDF 1.33 says.
 *
 * It binds the framework's table and globals to the driver, calls DriverEntry, and puts its own unload routine before
 * the framework's, so that the binding ends after the framework has let go of everything. Class extensions and shared
 * context types, which the companion does not use, are left out. */
#include <ntddk.h>
#include "wdf.h"
#include "wdfldr.h"

const WDFFUNC *WdfFunctions;
PWDF_DRIVER_GLOBALS WdfDriverGlobals;
BOOLEAN WdfClientVersionHigherThanFramework;
ULONG WdfFunctionCount = WdfFunctionTableNumEntries;
ULONG WdfStructureCount;
WDF_STRUCT_INFO WdfStructures;

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath);

static WDF_BIND_INFO2 binding = {
    {
        sizeof(WDF_BIND_INFO2),
        (PWCHAR)L"KmdfLibrary",
        {KMDF_VERSION_MAJOR, KMDF_VERSION_MINOR, 0},
        WdfFunctionTableNumEntries,
        (WDFFUNC *)&WdfFunctions,
        NULL,
    },
    &WdfMinimumVersionRequired,
    &WdfClientVersionHigherThanFramework,
    &WdfFunctionCount,
    &WdfStructureCount,
    &WdfStructures,
};

/* The caller's string lasts as long as the entry; the end needs it too. */
static WCHAR path_units[260];
static UNICODE_STRING path = {0, sizeof(path_units), path_units};

static PDRIVER_UNLOAD framework_unload;

static VOID unbind(VOID)
{
    WdfVersionUnbind(&path, &binding.V1, (PWDF_COMPONENT_GLOBALS)WdfDriverGlobals);
}

static VOID NTAPI unload(PDRIVER_OBJECT DriverObject)
{
    if (framework_unload != NULL) {
        framework_unload(DriverObject);
    }
    unbind();
}

NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status;
    ULONG unit;

    if (RegistryPath->Length > sizeof(path_units)) {
        return STATUS_NAME_TOO_LONG;
    }
    for (unit = 0; unit < RegistryPath->Length / sizeof(WCHAR); unit++) {
        path_units[unit] = RegistryPath->Buffer[unit];
    }
    path.Length = RegistryPath->Length;

    status = WdfVersionBind(DriverObject, &path, &binding.V1, (PWDF_COMPONENT_GLOBALS *)&WdfDriverGlobals);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = DriverEntry(DriverObject, RegistryPath);
    if (!NT_SUCCESS(status)) {
        unbind();
        return status;
    }
    if (WdfDriverGlobals->DisplaceDriverUnload && DriverObject->DriverUnload != NULL) {
        framework_unload = DriverObject->DriverUnload;
        DriverObject->DriverUnload = unload;
    }
    return STATUS_SUCCESS;
}
