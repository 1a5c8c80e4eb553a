/* Just enough of WDFLDR.SYS for the companion driver: what its framework keeps.
 *
 * Drivers call through a table of 458 routines. What the companion uses is here, with the documented meaning; every other
 * entry says its index and ends the host, so that nothing is silently nothing. What KMDF would stop the machine for is
 * said as a violation.
 */
#ifndef WDFLDR_FRAMEWORK_H
#define WDFLDR_FRAMEWORK_H

#include <ntddk.h>

#define KMDF_VERSION_MAJOR 1
#define KMDF_VERSION_MINOR 33
#include "wdf.h"
#include "wdfldr.h"

enum kind { DRIVER = 1, DEVICE, QUEUE, REQUEST, WORK_ITEM };

struct framework;

/* What a handle points to. */
struct object {
    ULONG64 magic;
    enum kind kind;
    struct framework *framework;
    struct object *parent;
    LIST_ENTRY link;
    LIST_ENTRY children;
    PFN_WDF_OBJECT_CONTEXT_CLEANUP cleanup;
    PFN_WDF_OBJECT_CONTEXT_DESTROY destroy;
    /* Ends what the object stands for; its children are gone. */
    void (*end)(struct object *object);
};

/* One bound driver. The globals come first: the driver sees only them. */
struct framework {
    WDF_DRIVER_GLOBALS globals;
    struct framework *next;
    PDRIVER_OBJECT driver_object;
    struct object *driver;
    PFN_WDF_DRIVER_UNLOAD unload;
    /* Objects that exist. */
    volatile LONG objects;
    /* Handles that are open on its devices, and requests in them. */
    volatile LONG handles;
    volatile LONG requests;
    volatile LONG is_ending;
};

/* The framework behind the globals that every routine is called with. */
struct framework *framework_of(PWDF_DRIVER_GLOBALS globals);

/* The framework of a bound driver. */
struct framework *framework_of_driver(PDRIVER_OBJECT driver);

/* The object behind a handle; ends the host if it is none of this kind. */
struct object *object_of(void *handle, enum kind kind);

/* Makes an object of `size` bytes, which begins with a `struct object`; NULL: no memory, or attributes that the shim does
 * not know. `parent`: where the attributes name none. */
void *make_object(struct framework *framework, enum kind kind, ULONG size, PWDF_OBJECT_ATTRIBUTES attributes,
                  struct object *parent, void (*end)(struct object *));
/* Its children end first. */
void end_object(struct object *object);

/* One lock for everything of a few instructions. */
void take_latch(void);
void give_latch(void);

void violation(const char *what, const void *which);

/* The host cannot go on. */
__attribute__((noreturn)) void stop_host(const char *what, ULONG_PTR which);

VOID NTAPI framework_object_delete(PWDF_DRIVER_GLOBALS, WDFOBJECT);
NTSTATUS NTAPI framework_driver_create(PWDF_DRIVER_GLOBALS, PDRIVER_OBJECT, PCUNICODE_STRING, PWDF_OBJECT_ATTRIBUTES,
                                       PWDF_DRIVER_CONFIG, WDFDRIVER *);
PWDFDEVICE_INIT NTAPI framework_init_allocate(PWDF_DRIVER_GLOBALS, WDFDRIVER, CONST UNICODE_STRING *);
VOID NTAPI framework_init_free(PWDF_DRIVER_GLOBALS, PWDFDEVICE_INIT);
NTSTATUS NTAPI framework_assign_name(PWDF_DRIVER_GLOBALS, PWDFDEVICE_INIT, PCUNICODE_STRING);
NTSTATUS NTAPI framework_device_create(PWDF_DRIVER_GLOBALS, PWDFDEVICE_INIT *, PWDF_OBJECT_ATTRIBUTES, WDFDEVICE *);
NTSTATUS NTAPI framework_symbolic_link(PWDF_DRIVER_GLOBALS, WDFDEVICE, PCUNICODE_STRING);
VOID NTAPI framework_finish(PWDF_DRIVER_GLOBALS, WDFDEVICE);
NTSTATUS NTAPI framework_queue_create(PWDF_DRIVER_GLOBALS, WDFDEVICE, PWDF_IO_QUEUE_CONFIG, PWDF_OBJECT_ATTRIBUTES,
                                      WDFQUEUE *);
NTSTATUS NTAPI framework_input(PWDF_DRIVER_GLOBALS, WDFREQUEST, size_t, PVOID *, size_t *);
NTSTATUS NTAPI framework_output(PWDF_DRIVER_GLOBALS, WDFREQUEST, size_t, PVOID *, size_t *);
VOID NTAPI framework_complete(PWDF_DRIVER_GLOBALS, WDFREQUEST, NTSTATUS, ULONG_PTR);
NTSTATUS NTAPI framework_item_create(PWDF_DRIVER_GLOBALS, PWDF_WORKITEM_CONFIG, PWDF_OBJECT_ATTRIBUTES, WDFWORKITEM *);
VOID NTAPI framework_item_enqueue(PWDF_DRIVER_GLOBALS, WDFWORKITEM);
VOID NTAPI framework_item_flush(PWDF_DRIVER_GLOBALS, WDFWORKITEM);

/* Requests of the device, as its queue takes them. */
NTSTATUS NTAPI framework_dispatch(PDEVICE_OBJECT, PIRP);
struct object *device_of(PDEVICE_OBJECT device);
void set_default_queue(struct object *device, struct object *queue);
struct object *default_queue(struct object *device);
BOOLEAN is_open(struct object *device);

#endif
