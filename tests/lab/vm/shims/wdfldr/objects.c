/* Objects: each has a parent, and ends before it. */
#include "framework.h"

#define MAGIC 0x7463656a626f6477ULL
#define TAG 0x4f647756 /* VwdO */

NTSYSAPI NTSTATUS NTAPI ZwYieldExecution(void);

static volatile LONG latch;

void take_latch(void)
{
    while (InterlockedCompareExchange(&latch, 1, 0) != 0)
        ZwYieldExecution();
}

void give_latch(void) { InterlockedExchange(&latch, 0); }

struct object *object_of(void *handle, enum kind kind)
{
    struct object *object = handle;

    if (object == NULL || object->magic != MAGIC)
        stop_host("a handle is no object, but of kind wanted", kind);
    if (kind != 0 && object->kind != kind)
        stop_host("a handle is of another kind than", kind);
    return object;
}

static BOOLEAN are_known(PWDF_OBJECT_ATTRIBUTES attributes)
{
    if (attributes->Size != sizeof(*attributes)) {
        violation("attributes of another size", attributes);
        return FALSE;
    }
    if (attributes->ContextTypeInfo != NULL) {
        violation("a context, which the shim has not", attributes);
        return FALSE;
    }
    return TRUE;
}

void *make_object(struct framework *framework, enum kind kind, ULONG size, PWDF_OBJECT_ATTRIBUTES attributes,
                  struct object *parent, void (*end)(struct object *))
{
    struct object *object;

    if (attributes != NULL && !are_known(attributes))
        return NULL;
    if (attributes != NULL && attributes->ParentObject != NULL)
        parent = object_of(attributes->ParentObject, 0);
    object = ExAllocatePoolWithTag(NonPagedPool, size, TAG);
    if (object == NULL)
        return NULL;
    RtlZeroMemory(object, size);
    object->magic = MAGIC;
    object->kind = kind;
    object->framework = framework;
    object->parent = parent;
    object->end = end;
    InitializeListHead(&object->children);
    if (attributes != NULL) {
        object->cleanup = attributes->EvtCleanupCallback;
        object->destroy = attributes->EvtDestroyCallback;
    }
    InterlockedIncrement(&framework->objects);
    if (parent != NULL) {
        take_latch();
        InsertTailList(&parent->children, &object->link);
        give_latch();
    }
    return object;
}

/* The child that came last, taken out of the list. */
static struct object *take_child(struct object *object)
{
    struct object *child = NULL;

    take_latch();
    if (!IsListEmpty(&object->children)) {
        child = CONTAINING_RECORD(RemoveTailList(&object->children), struct object, link);
        child->parent = NULL;
    }
    give_latch();
    return child;
}

void end_object(struct object *object)
{
    struct framework *framework = object->framework;
    struct object *child;

    while ((child = take_child(object)) != NULL)
        end_object(child);
    if (object->parent != NULL) {
        take_latch();
        RemoveEntryList(&object->link);
        give_latch();
    }
    if (object->end != NULL)
        object->end(object);
    if (object->cleanup != NULL)
        object->cleanup(object);
    if (object->destroy != NULL)
        object->destroy(object);
    object->magic = 0;
    ExFreePool(object);
    InterlockedDecrement(&framework->objects);
}

VOID NTAPI framework_object_delete(PWDF_DRIVER_GLOBALS globals, WDFOBJECT handle)
{
    struct object *object = object_of(handle, 0);

    (void)globals;
    if (object->kind == DEVICE || object->kind == WORK_ITEM)
        end_object(object);
    else
        stop_host("deletes an object that is not the driver's to delete, of kind", object->kind);
}
