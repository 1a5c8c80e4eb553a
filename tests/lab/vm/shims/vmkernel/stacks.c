/* Which threads keep their stacks in memory: Wine's are never taken out of it, and its routine is a stub. */
#include "witness.h"

#define THREADS 256

static PETHREAD keepers[THREADS];
static struct latch latch;

static ULONG place_of(PETHREAD thread)
{
    ULONG at;
    for (at = 0; at < THREADS; at++)
        if (keepers[at] == thread)
            break;
    return at;
}

BOOLEAN is_stack_kept(void)
{
    BOOLEAN is_kept;

    latch_take(&latch);
    is_kept = place_of(current_thread()) < THREADS;
    latch_give(&latch);
    return is_kept;
}

BOOLEAN vm_KeSetKernelStackSwapEnable(BOOLEAN enable)
{
    PETHREAD this = current_thread();
    struct image *image = CALLER;
    BOOLEAN was_kept, has_place;
    ULONG at;

    latch_take(&latch);
    at = place_of(this);
    was_kept = at < THREADS;
    if (!was_kept)
        at = place_of(NULL);
    has_place = at < THREADS;
    if (has_place)
        keepers[at] = enable ? NULL : this;
    latch_give(&latch);
    if (!has_place)
        violation(image, "more threads keep their stacks than the table holds", this);
    if (was_kept && enable)
        settle(image, STACKS, 1);
    if (!was_kept && !enable)
        owe(image, STACKS, 1);
    return !was_kept;
}
