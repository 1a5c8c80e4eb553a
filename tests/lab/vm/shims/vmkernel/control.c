/* The shim as a service of its own: a device that tells what everybody owes, and the same in the trace at its end. */
#include "witness.h"

#define ROOM 8192
/* CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS) */
#define TELL 0x222000

static PDEVICE_OBJECT device;
static char text[ROOM];

static void say_report(void)
{
    ULONG length = report(text, ROOM), start = 0, at;

    for (at = 0; at < length; at++)
        if (text[at] == '\n') {
            text[at] = 0;
            DbgPrint("vmkernel: %s\n", text + start);
            start = at + 1;
        }
}

static NTSTATUS NTAPI answer(PDEVICE_OBJECT of, PIRP irp)
{
    PIO_STACK_LOCATION place = IoGetCurrentIrpStackLocation(irp);
    NTSTATUS status = STATUS_SUCCESS;
    ULONG room;

    (void)of;
    irp->IoStatus.Information = 0;
    if (place->MajorFunction == IRP_MJ_DEVICE_CONTROL) {
        room = place->Parameters.DeviceIoControl.OutputBufferLength;
        if (place->Parameters.DeviceIoControl.IoControlCode != TELL || room < ROOM)
            status = STATUS_INVALID_PARAMETER;
        else
            irp->IoStatus.Information = report(irp->AssociatedIrp.SystemBuffer, room);
    }
    irp->IoStatus.Status = status;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static void NTAPI unload(PDRIVER_OBJECT driver)
{
    UNICODE_STRING link = RTL_CONSTANT_STRING(L"\\DosDevices\\VmKernel");

    (void)driver;
    IoDeleteSymbolicLink(&link);
    IoDeleteDevice(device);
    say_report();
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Device\\VmKernel");
    UNICODE_STRING link = RTL_CONSTANT_STRING(L"\\DosDevices\\VmKernel");
    NTSTATUS status = IoCreateDevice(driver, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);

    (void)path;
    if (!NT_SUCCESS(status))
        return status;
    driver->MajorFunction[IRP_MJ_CREATE] = answer;
    driver->MajorFunction[IRP_MJ_CLOSE] = answer;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = answer;
    driver->DriverUnload = unload;
    return IoCreateSymbolicLink(&link, &name);
}
