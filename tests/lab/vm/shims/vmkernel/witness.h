/* What the shim of the kernel keeps account of, and who owes it.
 *
 * The shim stands between our images and Wine's ntoskrnl.exe. What Wine has is forwarded by the export table, and never
 * seen here; what is in this folder either is missing in Wine, or is watched: whoever calls is found by its return
 * address, and owes what he took until he gives it back. That is the witness beside the counts that the images keep of
 * themselves: it knows nothing of them.
 */
#ifndef VMKERNEL_WITNESS_H
#define VMKERNEL_WITNESS_H

#include <ntifs.h>

/* What an image can owe. Where the thing itself does not tell who took it (objects, mutexes, regions), one that is given
 * back as the last deed of a function is given back in the name of who called that: only the sum over all images counts. */
enum owed {
    BLOCKS,         /* of pool */
    BYTES,          /* in them */
    TOKENS,         /* references on a caller's security */
    IMPERSONATIONS, /* threads that act in somebody's name */
    OBJECTS,        /* references on objects */
    HANDLES,        /* of files and threads */
    THREADS,        /* that run in it */
    WORK_ITEMS,     /* allocated */
    MUTEXES,        /* held */
    REGIONS,        /* critical ones, entered */
    STACKS,         /* kept in memory */
    KINDS
};

/* The running thread's object: the headers read it from a register that only Windows sets up. */
PETHREAD NTAPI current_thread(void) __asm__("PsGetCurrentThread");

/* An image that calls, and what it owes. It stays in the table when it is unloaded. */
struct image {
    const UCHAR *base;
    ULONG size;
    ULONG stamp;
    char name[24];
    volatile LONG64 owed[KINDS];
    /* All that it ever took, so that a reader sees that something was counted at all. */
    volatile LONG64 taken[KINDS];
};

/* The image that this address of code lies in; never NULL. */
struct image *image_of(const void *address);
#define CALLER image_of(__builtin_return_address(0))

void owe(struct image *image, enum owed kind, LONG64 number);
void settle(struct image *image, enum owed kind, LONG64 number);

/* Something that no correct driver does. Said at once, counted for ever. */
void violation(struct image *image, const char *what, const void *which);

/* Writes what everybody owes, as lines of text; how many bytes. */
ULONG report(char *text, ULONG room);

/* Code of the kernel that works with files needs special APCs, which end its I/O. */
void needs_apcs(struct image *image, const char *what);
BOOLEAN vm_KeAreAllApcsDisabled(void);

/* One lock for a table of a few instructions; user-mode threads are preempted, so who waits gives way. */
struct latch {
    volatile LONG taken;
};
void latch_take(struct latch *latch);
void latch_give(struct latch *latch);

/* A thread ends: it must act in nobody's name, be in no region, and have given its stack back. */
void thread_ends(struct image *image);
BOOLEAN vm_KeAreApcsDisabled(void);
BOOLEAN is_stack_kept(void);

/* Looks whether anybody wrote into a block that is kept after its end. */
void check_all_kept(void);

/* The blocks that are left, up to a handful, as lines of text. */
ULONG report_blocks(char *text, ULONG room);

/* Writes at the end of what is there; how many bytes are there then. */
ULONG add_text(char *text, ULONG length, ULONG room, const char *format, ...);

#endif
