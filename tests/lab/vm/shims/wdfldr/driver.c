/* The driver object, the control device and its default queue; and how a driver ends. */
#include "framework.h"

#define TAG 0x49647756 /* VwdI */
/* 100 ns: between two looks whether everybody has gone. */
#define LOOK_AGAIN (-100000LL)

struct WDFDEVICE_INIT {
    UNICODE_STRING name;
    WCHAR letters[128];
};

struct device {
    struct object object;
    PDEVICE_OBJECT device;
    struct object *queue;
    UNICODE_STRING name;
    UNICODE_STRING link;
    WCHAR name_letters[128];
    WCHAR link_letters[128];
};

static BOOLEAN keep_text(UNICODE_STRING *to, WCHAR *letters, PCUNICODE_STRING from)
{
    if (from->Length > 127 * sizeof(WCHAR))
        return FALSE;
    RtlCopyMemory(letters, from->Buffer, from->Length);
    to->Buffer = letters;
    to->Length = to->MaximumLength = from->Length;
    return TRUE;
}

/* The system unloads a driver when nobody has its device open any more; Wine does not look. Then the driver is told,
 * while its objects exist, and then they end: that is KMDF's order. */
static VOID NTAPI unload(PDRIVER_OBJECT driver)
{
    struct framework *framework = framework_of_driver(driver);
    struct object *object = framework->driver;
    LARGE_INTEGER interval = {.QuadPart = LOOK_AGAIN};

    InterlockedExchange(&framework->is_ending, 1);
    while (framework->handles != 0 || framework->requests != 0)
        KeDelayExecutionThread(KernelMode, FALSE, &interval);
    if (framework->unload != NULL)
        framework->unload((WDFDRIVER)object);
    framework->driver = NULL;
    end_object(object);
}

NTSTATUS NTAPI framework_driver_create(PWDF_DRIVER_GLOBALS globals, PDRIVER_OBJECT driver, PCUNICODE_STRING path,
                                       PWDF_OBJECT_ATTRIBUTES attributes, PWDF_DRIVER_CONFIG config, WDFDRIVER *handle)
{
    struct framework *framework = framework_of(globals);
    struct object *object;
    ULONG major;

    (void)path;
    if (config->Size != sizeof(*config))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (framework->driver != NULL)
        return STATUS_DRIVER_INTERNAL_ERROR;
    if (!(config->DriverInitFlags & WdfDriverInitNonPnpDriver) || config->EvtDriverDeviceAdd != NULL)
        violation("a driver of plug and play, which the shim has not", config);
    object = make_object(framework, DRIVER, sizeof(*object), attributes, NULL, NULL);
    if (object == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    framework->driver = object;
    framework->unload = config->EvtDriverUnload;
    globals->Driver = (WDFDRIVER)object;
    for (major = 0; major <= IRP_MJ_MAXIMUM_FUNCTION; major++)
        driver->MajorFunction[major] = framework_dispatch;
    driver->DriverUnload = unload;
    if (handle != NULL)
        *handle = (WDFDRIVER)object;
    return STATUS_SUCCESS;
}

PWDFDEVICE_INIT NTAPI framework_init_allocate(PWDF_DRIVER_GLOBALS globals, WDFDRIVER driver, CONST UNICODE_STRING *sddl)
{
    PWDFDEVICE_INIT init;

    framework_of(globals);
    object_of(driver, DRIVER);
    if (sddl == NULL || sddl->Length == 0)
        violation("a control device that says not who may open it", driver);
    init = ExAllocatePoolWithTag(NonPagedPool, sizeof(*init), TAG);
    if (init != NULL)
        RtlZeroMemory(init, sizeof(*init));
    return init;
}

VOID NTAPI framework_init_free(PWDF_DRIVER_GLOBALS globals, PWDFDEVICE_INIT init)
{
    framework_of(globals);
    ExFreePool(init);
}

NTSTATUS NTAPI framework_assign_name(PWDF_DRIVER_GLOBALS globals, PWDFDEVICE_INIT init, PCUNICODE_STRING name)
{
    framework_of(globals);
    return keep_text(&init->name, init->letters, name) ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static void end_device(struct object *object)
{
    struct device *device = CONTAINING_RECORD(object, struct device, object);

    if (device->link.Length != 0)
        IoDeleteSymbolicLink(&device->link);
    IoDeleteDevice(device->device);
}

NTSTATUS NTAPI framework_device_create(PWDF_DRIVER_GLOBALS globals, PWDFDEVICE_INIT *init,
                                       PWDF_OBJECT_ATTRIBUTES attributes, WDFDEVICE *handle)
{
    struct framework *framework = framework_of(globals);
    PDEVICE_OBJECT made = NULL;
    struct device *device;
    NTSTATUS status = IoCreateDevice(framework->driver_object, sizeof(PVOID), &(*init)->name, FILE_DEVICE_UNKNOWN,
                                     FILE_DEVICE_SECURE_OPEN, FALSE, &made);

    if (!NT_SUCCESS(status))
        return status;
    device = make_object(framework, DEVICE, sizeof(*device), attributes, framework->driver, end_device);
    if (device == NULL) {
        IoDeleteDevice(made);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    device->device = made;
    keep_text(&device->name, device->name_letters, &(*init)->name);
    *(struct object **)made->DeviceExtension = &device->object;
    made->Flags |= DO_BUFFERED_IO | DO_DEVICE_INITIALIZING;
    framework_init_free(globals, *init);
    *init = NULL;
    *handle = (WDFDEVICE)&device->object;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI framework_symbolic_link(PWDF_DRIVER_GLOBALS globals, WDFDEVICE handle, PCUNICODE_STRING name)
{
    struct device *device = CONTAINING_RECORD(object_of(handle, DEVICE), struct device, object);
    NTSTATUS status;

    framework_of(globals);
    if (device->link.Length != 0 || !keep_text(&device->link, device->link_letters, name))
        return STATUS_INSUFFICIENT_RESOURCES;
    status = IoCreateSymbolicLink(&device->link, &device->name);
    if (!NT_SUCCESS(status))
        device->link.Length = 0;
    return status;
}

VOID NTAPI framework_finish(PWDF_DRIVER_GLOBALS globals, WDFDEVICE handle)
{
    struct device *device = CONTAINING_RECORD(object_of(handle, DEVICE), struct device, object);

    framework_of(globals);
    device->device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
}

struct object *device_of(PDEVICE_OBJECT device) { return *(struct object **)device->DeviceExtension; }

BOOLEAN is_open(struct object *object)
{
    struct device *device = CONTAINING_RECORD(object, struct device, object);
    return !(device->device->Flags & DO_DEVICE_INITIALIZING) && !object->framework->is_ending;
}

struct object *default_queue(struct object *object) { return CONTAINING_RECORD(object, struct device, object)->queue; }

void set_default_queue(struct object *object, struct object *queue)
{
    CONTAINING_RECORD(object, struct device, object)->queue = queue;
}
