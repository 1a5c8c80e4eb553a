/* Pool: ExAllocatePool2, which Wine lacks, and the routines that give a block back.
 *
 * Every block lies between a head that says whose it is and a tail of known bytes, and is kept for a while after it was
 * given back: so a wrong tag, a second free, a write behind the end and a write after the end of its life are all seen.
 */
#include "witness.h"

#define LIVE 0x6576696c6d76564bULL
#define DEAD 0x646165646d76564bULL
#define TAIL 16
#define TAIL_BYTE 0xA5
#define DEAD_BYTE 0xDD
/* Blocks that are kept after their end, and the largest that are. */
#define KEPT 2048
#define KEPT_BYTES 4096

/* 64 bytes: what follows is aligned as pool is. */
struct head {
    ULONG64 magic;
    LIST_ENTRY link;
    struct image *image;
    SIZE_T size;
    ULONG tag;
    ULONG padding[5];
};

C_ASSERT(sizeof(struct head) == 64);

static LIST_ENTRY blocks = {&blocks, &blocks};
static struct latch latch;
static struct head *kept[KEPT];
static ULONG next_kept;

/* Public: wdm.h of the WDK. */
#define FLAG_UNINITIALIZED 0x2ULL
#define FLAG_CACHE_ALIGNED 0x8ULL
#define FLAG_RAISE 0x20ULL
#define FLAG_NON_PAGED 0x40ULL
#define FLAG_NON_PAGED_EXECUTE 0x80ULL
#define FLAG_PAGED 0x100ULL
#define FLAGS_POOL (FLAG_NON_PAGED | FLAG_NON_PAGED_EXECUTE | FLAG_PAGED)
#define FLAGS_KNOWN (FLAGS_POOL | FLAG_UNINITIALIZED | FLAG_CACHE_ALIGNED | FLAG_RAISE | 0x1ULL | 0x4ULL | 0x10ULL)

static void *take(struct image *image, SIZE_T size, ULONG tag, BOOLEAN zeroed)
{
    struct head *head;
    UCHAR *block;

    if (size > MAXULONG_PTR - sizeof(*head) - TAIL)
        return NULL;
    head = ExAllocatePoolWithTag(NonPagedPool, sizeof(*head) + size + TAIL, tag);
    if (head == NULL)
        return NULL;
    block = (UCHAR *)(head + 1);
    head->magic = LIVE;
    head->image = image;
    head->size = size;
    head->tag = tag;
    /* What is not asked to be zeroed is not: who reads it finds something. */
    RtlFillMemory(block, size, zeroed ? 0 : 0xCC);
    RtlFillMemory(block + size, TAIL, TAIL_BYTE);
    latch_take(&latch);
    InsertTailList(&blocks, &head->link);
    latch_give(&latch);
    owe(image, BLOCKS, 1);
    owe(image, BYTES, (LONG64)size);
    return block;
}

/* What ExAllocatePool2 answers to bad arguments: the rules of its documentation. */
void *vm_ExAllocatePool2(ULONG64 flags, SIZE_T size, ULONG tag)
{
    struct image *image = CALLER;
    ULONG64 pool = flags & FLAGS_POOL;

    if (size == 0 || tag == 0 || pool == 0 || (pool & (pool - 1)) != 0 || (flags & 0xffffffffULL & ~FLAGS_KNOWN) != 0) {
        violation(image, "asked for pool that there is not", (void *)(ULONG_PTR)flags);
        return NULL;
    }
    if (flags & FLAG_RAISE)
        violation(image, "asked for an exception where memory is short", NULL);
    return take(image, size, tag, (flags & FLAG_UNINITIALIZED) == 0);
}

void *vm_ExAllocatePoolWithTag(ULONG type, SIZE_T size, ULONG tag)
{
    (void)type;
    return take(CALLER, size, tag, FALSE);
}

static BOOLEAN is_all(const UCHAR *bytes, SIZE_T size, UCHAR byte)
{
    SIZE_T at;
    for (at = 0; at < size; at++)
        if (bytes[at] != byte)
            return FALSE;
    return TRUE;
}

static void check_kept(struct head *head)
{
    if (head->magic != DEAD || !is_all((UCHAR *)(head + 1), head->size, DEAD_BYTE))
        violation(head->image, "wrote into a block that it had given back", head + 1);
}

void check_all_kept(void)
{
    ULONG at;

    latch_take(&latch);
    for (at = 0; at < KEPT; at++)
        if (kept[at] != NULL)
            check_kept(kept[at]);
    latch_give(&latch);
}

/* Keeps a block whose life is over; ends the oldest one for good, which nobody may have touched meanwhile. */
static void keep(struct head *head)
{
    struct head *oldest;

    if (head->size > KEPT_BYTES) {
        ExFreePool(head);
        return;
    }
    RtlFillMemory(head + 1, head->size, DEAD_BYTE);
    latch_take(&latch);
    oldest = kept[next_kept];
    kept[next_kept] = head;
    next_kept = (next_kept + 1) % KEPT;
    latch_give(&latch);
    if (oldest == NULL)
        return;
    check_kept(oldest);
    ExFreePool(oldest);
}

/* `tag` 0: whichever. */
static void give_back(struct image *image, void *block, ULONG tag)
{
    struct head *head = (struct head *)block - 1;

    if (block == NULL || ((ULONG_PTR)block & 15) != 0) {
        violation(image, "gave back no block", block);
        return;
    }
    if (head->magic != LIVE) {
        violation(image, head->magic == DEAD ? "gave a block back twice" : "gave back what is no block", block);
        return;
    }
    if (tag != 0 && tag != head->tag)
        violation(image, "gave a block back with another tag", block);
    if (!is_all((UCHAR *)block + head->size, TAIL, TAIL_BYTE))
        violation(head->image, "wrote behind the end of a block", block);
    latch_take(&latch);
    head->magic = DEAD;
    RemoveEntryList(&head->link);
    latch_give(&latch);
    settle(head->image, BLOCKS, 1);
    settle(head->image, BYTES, (LONG64)head->size);
    keep(head);
}

void vm_ExFreePool(void *block) { give_back(CALLER, block, 0); }

void vm_ExFreePoolWithTag(void *block, ULONG tag) { give_back(CALLER, block, tag); }

ULONG report_blocks(char *text, ULONG room)
{
    ULONG length = 0, number = 0;
    LIST_ENTRY *link;

    latch_take(&latch);
    for (link = blocks.Flink; link != &blocks && number < 20; link = link->Flink, number++) {
        struct head *head = CONTAINING_RECORD(link, struct head, link);
        length = add_text(text, length, room, "block %s: tag %.4s, %I64d bytes\n", head->image->name,
                          (const char *)&head->tag, (LONG64)head->size);
    }
    latch_give(&latch);
    return length;
}
