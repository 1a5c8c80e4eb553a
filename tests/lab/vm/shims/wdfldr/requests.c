/* The default queue and its requests. */
#include "framework.h"

struct queue {
    struct object object;
    struct object *device;
    WDF_IO_QUEUE_CONFIG config;
    /* Of a sequential queue: what waits, whether a request is with the driver, and whether a thread hands them out. */
    LIST_ENTRY waiting;
    BOOLEAN is_busy;
    BOOLEAN is_handing_out;
};

struct request {
    struct object object;
    struct queue *queue;
    PIRP irp;
};

static void end_queue(struct object *object)
{
    set_default_queue(CONTAINING_RECORD(object, struct queue, object)->device, NULL);
}

NTSTATUS NTAPI framework_queue_create(PWDF_DRIVER_GLOBALS globals, WDFDEVICE handle, PWDF_IO_QUEUE_CONFIG config,
                                      PWDF_OBJECT_ATTRIBUTES attributes, WDFQUEUE *made)
{
    struct object *device = object_of(handle, DEVICE);
    struct queue *queue;

    if (config->Size != sizeof(*config))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!config->DefaultQueue || (config->DispatchType != WdfIoQueueDispatchParallel && config->DispatchType != WdfIoQueueDispatchSequential) ||
        config->EvtIoDeviceControl == NULL || default_queue(device) != NULL) {
        violation("a queue of a kind that the shim has not", config);
        return STATUS_NOT_SUPPORTED;
    }
    queue = make_object(framework_of(globals), QUEUE, sizeof(*queue), attributes, device, end_queue);
    if (queue == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    queue->device = device;
    queue->config = *config;
    InitializeListHead(&queue->waiting);
    set_default_queue(device, &queue->object);
    if (made != NULL)
        *made = (WDFQUEUE)&queue->object;
    return STATUS_SUCCESS;
}

static NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

/* Hands one request to the driver, which completes it now or later. */
static void present(struct queue *queue, PIRP irp)
{
    struct framework *framework = queue->object.framework;
    PIO_STACK_LOCATION place = IoGetCurrentIrpStackLocation(irp);
    struct request *request = make_object(framework, REQUEST, sizeof(*request), NULL, NULL, NULL);

    if (request == NULL) {
        queue->is_busy = FALSE;
        InterlockedDecrement(&framework->requests);
        complete(irp, STATUS_INSUFFICIENT_RESOURCES, 0);
        return;
    }
    request->queue = queue;
    request->irp = irp;
    queue->config.EvtIoDeviceControl((WDFQUEUE)&queue->object, (WDFREQUEST)&request->object,
                                     place->Parameters.DeviceIoControl.OutputBufferLength,
                                     place->Parameters.DeviceIoControl.InputBufferLength,
                                     place->Parameters.DeviceIoControl.IoControlCode);
}

/* The next request that may go to the driver; none: this thread hands out no more. */
static PIRP next(struct queue *queue)
{
    PIRP irp = NULL;

    take_latch();
    if (!queue->is_busy && !IsListEmpty(&queue->waiting)) {
        irp = CONTAINING_RECORD(RemoveHeadList(&queue->waiting), IRP, Tail.Overlay.ListEntry);
        queue->is_busy = TRUE;
    } else {
        queue->is_handing_out = FALSE;
    }
    give_latch();
    return irp;
}

/* One thread hands out, one request after the other; it does not begin again inside a completion. */
static void hand_out(struct queue *queue)
{
    BOOLEAN is_other;
    PIRP irp;

    take_latch();
    is_other = queue->is_handing_out;
    queue->is_handing_out = TRUE;
    give_latch();
    while (!is_other && (irp = next(queue)) != NULL)
        present(queue, irp);
}

static NTSTATUS accept(struct object *device, PIRP irp)
{
    ULONG code = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.IoControlCode;
    struct object *owner = default_queue(device);
    struct queue *queue;

    if (owner == NULL || (code & 3) != METHOD_BUFFERED)
        return complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    queue = CONTAINING_RECORD(owner, struct queue, object);
    InterlockedIncrement(&device->framework->requests);
    IoMarkIrpPending(irp);
    if (queue->config.DispatchType == WdfIoQueueDispatchParallel) {
        present(queue, irp);
        return STATUS_PENDING;
    }
    take_latch();
    InsertTailList(&queue->waiting, &irp->Tail.Overlay.ListEntry);
    give_latch();
    hand_out(queue);
    return STATUS_PENDING;
}

NTSTATUS NTAPI framework_dispatch(PDEVICE_OBJECT of, PIRP irp)
{
    struct object *device = device_of(of);

    switch (IoGetCurrentIrpStackLocation(irp)->MajorFunction) {
    case IRP_MJ_CREATE:
        if (!is_open(device))
            return complete(irp, STATUS_NO_SUCH_DEVICE, 0);
        InterlockedIncrement(&device->framework->handles);
        return complete(irp, STATUS_SUCCESS, 0);
    case IRP_MJ_CLEANUP:
        return complete(irp, STATUS_SUCCESS, 0);
    case IRP_MJ_CLOSE: {
        struct framework *framework = device->framework;
        complete(irp, STATUS_SUCCESS, 0);
        InterlockedDecrement(&framework->handles);
        return STATUS_SUCCESS;
    }
    case IRP_MJ_DEVICE_CONTROL:
        return accept(device, irp);
    default:
        return complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
}

/* A buffer of the request, if it is as long as the driver needs. */
static NTSTATUS buffer_of(struct object *object, ULONG length, size_t least, PVOID *buffer, size_t *told)
{
    struct request *request = CONTAINING_RECORD(object, struct request, object);

    if (length == 0 || length < least)
        return STATUS_BUFFER_TOO_SMALL;
    *buffer = request->irp->AssociatedIrp.SystemBuffer;
    if (told != NULL)
        *told = length;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI framework_input(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, size_t least, PVOID *buffer,
                               size_t *length)
{
    struct object *object = object_of(handle, REQUEST);
    PIRP irp = CONTAINING_RECORD(object, struct request, object)->irp;

    framework_of(globals);
    return buffer_of(object, IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.InputBufferLength, least,
                     buffer, length);
}

NTSTATUS NTAPI framework_output(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, size_t least, PVOID *buffer,
                                size_t *length)
{
    struct object *object = object_of(handle, REQUEST);
    PIRP irp = CONTAINING_RECORD(object, struct request, object)->irp;

    framework_of(globals);
    return buffer_of(object, IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.OutputBufferLength, least,
                     buffer, length);
}

VOID NTAPI framework_complete(PWDF_DRIVER_GLOBALS globals, WDFREQUEST handle, NTSTATUS status, ULONG_PTR information)
{
    struct object *object = object_of(handle, REQUEST);
    struct request *request = CONTAINING_RECORD(object, struct request, object);
    struct framework *framework = framework_of(globals);
    struct queue *queue = request->queue;
    PIRP irp = request->irp;

    if (information > IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.OutputBufferLength)
        violation("a request is completed with more than it has room for", irp);
    end_object(object);
    complete(irp, status, information);
    if (queue->config.DispatchType == WdfIoQueueDispatchSequential) {
        take_latch();
        queue->is_busy = FALSE;
        give_latch();
        hand_out(queue);
    }
    InterlockedDecrement(&framework->requests);
}
