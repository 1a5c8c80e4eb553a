/* Work items: one that is queued is not queued twice; its end waits until it does not run. */
#include "framework.h"

struct item {
    struct object object;
    PIO_WORKITEM item;
    PFN_WDF_WORKITEM routine;
    volatile LONG is_queued;
    /* Queued and running ones together; the event is set while there are none. */
    LONG under_way;
    KEVENT idle;
};

static void wait_until_idle(struct item *item)
{
    KeWaitForSingleObject(&item->idle, Executive, KernelMode, FALSE, NULL);
    /* Whoever has just set the event has left the item when this is through. */
    take_latch();
    give_latch();
}

static void end_item(struct object *object)
{
    struct item *item = CONTAINING_RECORD(object, struct item, object);

    wait_until_idle(item);
    IoFreeWorkItem(item->item);
}

NTSTATUS NTAPI framework_item_create(PWDF_DRIVER_GLOBALS globals, PWDF_WORKITEM_CONFIG config,
                                     PWDF_OBJECT_ATTRIBUTES attributes, WDFWORKITEM *handle)
{
    struct framework *framework = framework_of(globals);
    struct item *item;

    if (config->Size != sizeof(*config))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (attributes == NULL || attributes->ParentObject == NULL)
        stop_host("a work item without a parent", 0);
    item = make_object(framework, WORK_ITEM, sizeof(*item), attributes, NULL, end_item);
    if (item == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    item->routine = config->EvtWorkItemFunc;
    KeInitializeEvent(&item->idle, NotificationEvent, TRUE);
    item->item = IoAllocateWorkItem(framework->driver_object->DeviceObject);
    if (item->item == NULL) {
        item->object.end = NULL;
        end_object(&item->object);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *handle = (WDFWORKITEM)&item->object;
    return STATUS_SUCCESS;
}

static VOID NTAPI run(PDEVICE_OBJECT device, PVOID context)
{
    struct item *item = context;

    (void)device;
    InterlockedExchange(&item->is_queued, 0);
    item->routine((WDFWORKITEM)&item->object);
    take_latch();
    if (--item->under_way == 0)
        KeSetEvent(&item->idle, IO_NO_INCREMENT, FALSE);
    give_latch();
}

VOID NTAPI framework_item_enqueue(PWDF_DRIVER_GLOBALS globals, WDFWORKITEM handle)
{
    struct item *item = CONTAINING_RECORD(object_of(handle, WORK_ITEM), struct item, object);

    framework_of(globals);
    if (InterlockedExchange(&item->is_queued, 1) != 0)
        return;
    take_latch();
    if (++item->under_way == 1)
        KeClearEvent(&item->idle);
    give_latch();
    IoQueueWorkItem(item->item, run, DelayedWorkQueue, item);
}

VOID NTAPI framework_item_flush(PWDF_DRIVER_GLOBALS globals, WDFWORKITEM handle)
{
    framework_of(globals);
    wait_until_idle(CONTAINING_RECORD(object_of(handle, WORK_ITEM), struct item, object));
}
