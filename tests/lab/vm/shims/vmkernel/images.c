/* Who calls, and what he owes. */
#include "witness.h"

#include <ntimage.h>
#include <stdarg.h>

#define IMAGES 16
#define CODEVIEW 2

/* An entry of the debug directory: mingw's kernel headers lack it. */
struct debug_entry {
    ULONG characteristics, time, version, type, size, address, offset;
};

int _vsnprintf(char *text, size_t room, const char *format, va_list arguments);
NTSYSAPI PVOID NTAPI RtlPcToFileHeader(PVOID address, PVOID *base);
NTSYSAPI NTSTATUS NTAPI ZwYieldExecution(void);

static struct image images[IMAGES];
static volatile LONG known;
static volatile LONG violations;
/* What all owe together. */
static volatile LONG64 total[KINDS];
static struct latch latch;

static const char *const KIND_NAMES[KINDS] = {"blocks",  "bytes",   "tokens",     "impersonations", "objects",
                                              "handles", "threads", "work-items", "mutexes",        "regions",
                                              "stacks"};

void latch_take(struct latch *one)
{
    while (InterlockedCompareExchange(&one->taken, 1, 0) != 0)
        ZwYieldExecution();
}

void latch_give(struct latch *one) { InterlockedExchange(&one->taken, 0); }

static const IMAGE_NT_HEADERS64 *headers_of(const UCHAR *base)
{
    return (const IMAGE_NT_HEADERS64 *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
}

/* Tells one image from another that is loaded at the same address. */
static ULONG stamp_of(const UCHAR *base)
{
    const IMAGE_NT_HEADERS64 *headers = headers_of(base);
    return headers->OptionalHeader.CheckSum ^ headers->FileHeader.TimeDateStamp ^ headers->OptionalHeader.SizeOfImage;
}

/* The image's name, as the linker wrote it for its PDB: every driver image names one. */
static const char *name_of(const UCHAR *base)
{
    const IMAGE_DATA_DIRECTORY *where = &headers_of(base)->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_DEBUG];
    const struct debug_entry *entry = (const struct debug_entry *)(base + where->VirtualAddress);
    ULONG at;

    for (at = 0; at + sizeof(*entry) <= where->Size; at += sizeof(*entry), entry++)
        if (entry->type == CODEVIEW && entry->address != 0 && entry->size > 24) {
            const char *path = (const char *)base + entry->address + 24, *name = path;
            for (; *path != 0; path++)
                if (*path == '\\' || *path == '/')
                    name = path + 1;
            return name;
        }
    return "unnamed";
}

static BOOLEAN is_named(const char *name, const char *other)
{
    ULONG at;
    for (at = 0; at < sizeof(images->name) - 1; at++) {
        /* Without the extension: that of the PDB is not the image's. */
        char one = name[at] == '.' ? 0 : name[at];
        if (one != other[at])
            return FALSE;
        if (one == 0)
            return TRUE;
    }
    return TRUE;
}

/* The image's place in the table: its own, if it was here before at whatever address. */
static struct image *remember(const UCHAR *base)
{
    const char *name = name_of(base);
    struct image *image = NULL;
    ULONG at;

    for (at = 0; at < (ULONG)known && image == NULL; at++)
        if (is_named(name, images[at].name))
            image = &images[at];
    if (image == NULL) {
        /* The last place is everybody's whom there is no other for. */
        image = &images[known < IMAGES - 1 ? known : IMAGES - 1];
        for (at = 0; at < sizeof(image->name) - 1 && name[at] != 0 && name[at] != '.'; at++)
            image->name[at] = name[at];
    }
    image->base = base;
    image->size = headers_of(base)->OptionalHeader.SizeOfImage;
    image->stamp = stamp_of(base);
    if (image == &images[known] && known < IMAGES)
        InterlockedIncrement(&known);
    return image;
}

struct image *image_of(const void *address)
{
    ULONG at;
    PVOID base;
    struct image *image;

    for (at = 0; at < (ULONG)known; at++) {
        image = &images[at];
        /* Another image may lie where one lay that is gone; the address is somebody's, so the memory is there. */
        if ((ULONG64)((const UCHAR *)address - image->base) < image->size &&
            stamp_of(image->base) == image->stamp)
            return image;
    }
    if (RtlPcToFileHeader((PVOID)address, &base) == NULL)
        return &images[IMAGES - 1];
    latch_take(&latch);
    image = remember(base);
    latch_give(&latch);
    return image;
}

void owe(struct image *image, enum owed kind, LONG64 number)
{
    InterlockedExchangeAdd64(&image->owed[kind], number);
    InterlockedExchangeAdd64(&image->taken[kind], number);
    InterlockedExchangeAdd64(&total[kind], number);
}

void settle(struct image *image, enum owed kind, LONG64 number)
{
    InterlockedExchangeAdd64(&image->owed[kind], -number);
    if (InterlockedExchangeAdd64(&total[kind], -number) < number)
        violation(image, "gave back more than it took", KIND_NAMES[kind]);
}

void violation(struct image *image, const char *what, const void *which)
{
    /* The first ones are said; the number counts all. */
    if (InterlockedIncrement(&violations) <= 50)
        DbgPrint("vmkernel: VIOLATION %s: %s (%p)\n", image->name, what, which);
}

void needs_apcs(struct image *image, const char *what)
{
    if (vm_KeAreAllApcsDisabled())
        violation(image, what, current_thread());
}

ULONG add_text(char *text, ULONG length, ULONG room, const char *format, ...)
{
    va_list arguments;
    int written;

    va_start(arguments, format);
    written = _vsnprintf(text + length, room - length, format, arguments);
    va_end(arguments);
    return written < 0 || length + written >= room ? room - 1 : length + written;
}

ULONG report(char *text, ULONG room)
{
    ULONG at, kind, length = 0;

    check_all_kept();
    for (at = 0; at < IMAGES; at++) {
        struct image *image = &images[at];
        if (image->size == 0)
            continue;
        length = add_text(text, length, room, "image %s:", image->name);
        for (kind = 0; kind < KINDS; kind++)
            length = add_text(text, length, room, " %s=%I64d/%I64d", KIND_NAMES[kind], image->owed[kind],
                              image->taken[kind]);
        length = add_text(text, length, room, "\n");
    }
    length = add_text(text, length, room, "violations=%d\n", (int)violations);
    length += report_blocks(text + length, room - length);
    return length;
}
