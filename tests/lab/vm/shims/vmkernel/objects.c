/* Objects, handles, threads and regions: Wine has the routines; here it is watched that what is taken is given back. */
#include "witness.h"

/* Wine's handles are small multiples of four. */
#define HANDLES_MAX (1 << 18)
#define THREAD_TAG 0x72685476 /* vThr */

static struct image *openers[HANDLES_MAX];

static void opened(struct image *image, HANDLE handle)
{
    ULONG_PTR at = (ULONG_PTR)handle / 4;
    owe(image, HANDLES, 1);
    if (at < HANDLES_MAX)
        openers[at] = image;
    else
        violation(image, "a handle is too large for the table", handle);
}

NTSTATUS vm_ZwCreateFile(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes, PIO_STATUS_BLOCK result,
                         PLARGE_INTEGER size, ULONG flags, ULONG sharing, ULONG disposition, ULONG options, PVOID ea,
                         ULONG ea_length)
{
    struct image *image = CALLER;
    NTSTATUS status;

    needs_apcs(image, "opens a file with APCs disabled");
    status = ZwCreateFile(handle, access, attributes, result, size, flags, sharing, disposition, options, ea, ea_length);
    if (NT_SUCCESS(status))
        opened(image, *handle);
    return status;
}

NTSTATUS vm_ZwClose(HANDLE handle)
{
    struct image *image = CALLER, *opener = NULL;
    ULONG_PTR at = (ULONG_PTR)handle / 4;

    needs_apcs(image, "closes a handle with APCs disabled");
    if (at < HANDLES_MAX)
        opener = InterlockedExchangePointer((void *volatile *)&openers[at], NULL);
    if (opener == NULL)
        violation(image, "closes a handle that nobody has opened", handle);
    else
        settle(opener, HANDLES, 1);
    return ZwClose(handle);
}

/* A routine that works with an open file, and where it may. */
static void uses(struct image *image, HANDLE file, const char *what)
{
    ULONG_PTR at = (ULONG_PTR)file / 4;

    needs_apcs(image, what);
    if (at >= HANDLES_MAX || openers[at] == NULL)
        violation(image, "uses a handle that nobody has opened", file);
}

NTSTATUS vm_ZwReadFile(HANDLE file, HANDLE event, PIO_APC_ROUTINE routine, PVOID context, PIO_STATUS_BLOCK result,
                       PVOID buffer, ULONG length, PLARGE_INTEGER offset, PULONG key)
{
    uses(CALLER, file, "reads a file with APCs disabled");
    return ZwReadFile(file, event, routine, context, result, buffer, length, offset, key);
}

NTSTATUS vm_ZwWriteFile(HANDLE file, HANDLE event, PIO_APC_ROUTINE routine, PVOID context, PIO_STATUS_BLOCK result,
                        PVOID buffer, ULONG length, PLARGE_INTEGER offset, PULONG key)
{
    uses(CALLER, file, "writes a file with APCs disabled");
    return ZwWriteFile(file, event, routine, context, result, buffer, length, offset, key);
}

NTSTATUS vm_ZwFlushBuffersFile(HANDLE file, PIO_STATUS_BLOCK result)
{
    uses(CALLER, file, "flushes a file with APCs disabled");
    return ZwFlushBuffersFile(file, result);
}

NTSTATUS vm_ZwQueryInformationFile(HANDLE file, PIO_STATUS_BLOCK result, PVOID buffer, ULONG length,
                                   FILE_INFORMATION_CLASS kind)
{
    uses(CALLER, file, "asks about a file with APCs disabled");
    return ZwQueryInformationFile(file, result, buffer, length, kind);
}

NTSTATUS vm_ZwSetInformationFile(HANDLE file, PIO_STATUS_BLOCK result, PVOID buffer, ULONG length,
                                 FILE_INFORMATION_CLASS kind)
{
    uses(CALLER, file, "changes a file with APCs disabled");
    return ZwSetInformationFile(file, result, buffer, length, kind);
}

NTSTATUS vm_ObReferenceObjectByHandle(HANDLE handle, ACCESS_MASK access, POBJECT_TYPE type, KPROCESSOR_MODE mode,
                                      PVOID *object, POBJECT_HANDLE_INFORMATION information)
{
    struct image *image = CALLER;
    NTSTATUS status = ObReferenceObjectByHandle(handle, access, type, mode, object, information);

    if (NT_SUCCESS(status))
        owe(image, OBJECTS, 1);
    return status;
}

LONG_PTR vm_ObfReferenceObject(PVOID object)
{
    owe(CALLER, OBJECTS, 1);
    return ObfReferenceObject(object);
}

LONG_PTR vm_ObfDereferenceObject(PVOID object)
{
    settle(CALLER, OBJECTS, 1);
    return ObfDereferenceObject(object);
}

/* What a watched thread begins with. */
struct beginning {
    PKSTART_ROUTINE routine;
    PVOID context;
    struct image *image;
};

static void NTAPI run_thread(PVOID context)
{
    struct beginning beginning = *(struct beginning *)context;

    ExFreePool(context);
    beginning.routine(beginning.context);
    thread_ends(beginning.image);
    settle(beginning.image, THREADS, 1);
}

NTSTATUS vm_PsCreateSystemThread(PHANDLE handle, ULONG access, POBJECT_ATTRIBUTES attributes, HANDLE process,
                                 PCLIENT_ID id, PKSTART_ROUTINE routine, PVOID context)
{
    struct image *image = CALLER;
    struct beginning *beginning = ExAllocatePoolWithTag(NonPagedPool, sizeof(*beginning), THREAD_TAG);
    NTSTATUS status;

    if (beginning == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    needs_apcs(image, "begins a thread with APCs disabled");
    beginning->routine = routine;
    beginning->context = context;
    beginning->image = image;
    owe(image, THREADS, 1);
    status = PsCreateSystemThread(handle, access, attributes, process, id, run_thread, beginning);
    if (NT_SUCCESS(status)) {
        opened(image, *handle);
    } else {
        settle(image, THREADS, 1);
        ExFreePool(beginning);
    }
    return status;
}

NTSTATUS vm_PsTerminateSystemThread(NTSTATUS status)
{
    struct image *image = CALLER;
    thread_ends(image);
    settle(image, THREADS, 1);
    return PsTerminateSystemThread(status);
}

PIO_WORKITEM vm_IoAllocateWorkItem(PDEVICE_OBJECT device)
{
    PIO_WORKITEM item = IoAllocateWorkItem(device);
    if (item != NULL)
        owe(CALLER, WORK_ITEMS, 1);
    return item;
}

void vm_IoFreeWorkItem(PIO_WORKITEM item)
{
    settle(CALLER, WORK_ITEMS, 1);
    IoFreeWorkItem(item);
}
