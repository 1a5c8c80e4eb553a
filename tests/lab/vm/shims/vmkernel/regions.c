/* Mutexes and regions, and whether a thread may be interrupted.
 *
 * Wine's KeEnterGuardedRegion does nothing, and its KeAreAllApcsDisabled tells of critical regions, in which Windows
 * disables normal APCs only, and which Wine enters around every request. So guarded regions, and fast mutexes that raise
 * the IRQL, are counted here for each thread.
 */
#include "witness.h"

#define THREADS 256

static struct {
    PETHREAD thread;
    LONG depth;
} guarded[THREADS];
/* How many threads are in the table: nearly always none. */
static volatile LONG number;
static struct latch latch;

static ULONG place_of(PETHREAD thread)
{
    ULONG at;
    for (at = 0; at < THREADS; at++)
        if (guarded[at].thread == thread)
            break;
    return at;
}

static void enter(struct image *image)
{
    PETHREAD this = current_thread();
    ULONG at;

    latch_take(&latch);
    at = place_of(this);
    if (at == THREADS) {
        at = place_of(NULL);
        number++;
    }
    if (at < THREADS) {
        guarded[at].thread = this;
        guarded[at].depth++;
    }
    latch_give(&latch);
    if (at == THREADS)
        violation(image, "more threads are guarded than the table holds", this);
}

static void leave(struct image *image)
{
    PETHREAD this = current_thread();
    ULONG at;

    latch_take(&latch);
    at = place_of(this);
    if (at < THREADS && --guarded[at].depth == 0) {
        guarded[at].thread = NULL;
        number--;
    }
    latch_give(&latch);
    if (at == THREADS)
        violation(image, "leaves a region that the thread is not in", this);
}

BOOLEAN vm_KeAreAllApcsDisabled(void)
{
    ULONG at;

    if (number == 0)
        return FALSE;
    latch_take(&latch);
    at = place_of(current_thread());
    latch_give(&latch);
    return at < THREADS;
}

BOOLEAN vm_KeAreApcsDisabled(void) { return KeAreAllApcsDisabled() || vm_KeAreAllApcsDisabled(); }

void vm_KeEnterGuardedRegion(void)
{
    owe(CALLER, REGIONS, 1);
    enter(CALLER);
}

void vm_KeLeaveGuardedRegion(void)
{
    settle(CALLER, REGIONS, 1);
    leave(CALLER);
}

void vm_KeEnterCriticalRegion(void)
{
    KeEnterCriticalRegion();
    owe(CALLER, REGIONS, 1);
}

void vm_KeLeaveCriticalRegion(void)
{
    settle(CALLER, REGIONS, 1);
    KeLeaveCriticalRegion();
}

/* Whoever takes a mutex that he holds waits for himself, on Windows as here: that is said first. */
static void acquire(struct image *image, PFAST_MUTEX mutex)
{
    if ((PETHREAD)mutex->Owner == current_thread())
        violation(image, "takes a mutex that the thread holds", mutex);
    ExAcquireFastMutexUnsafe(mutex);
    mutex->Owner = (PVOID)current_thread();
    owe(image, MUTEXES, 1);
}

static void release(struct image *image, PFAST_MUTEX mutex)
{
    if ((PETHREAD)mutex->Owner != current_thread())
        violation(image, "gives back a mutex that the thread does not hold", mutex);
    mutex->Owner = NULL;
    settle(image, MUTEXES, 1);
    ExReleaseFastMutexUnsafe(mutex);
}

/* Until it is released the IRQL is APC_LEVEL. */
void vm_ExAcquireFastMutex(PFAST_MUTEX mutex)
{
    struct image *image = CALLER;
    acquire(image, mutex);
    enter(image);
}

void vm_ExReleaseFastMutex(PFAST_MUTEX mutex)
{
    struct image *image = CALLER;
    leave(image);
    release(image, mutex);
}

/* The caller is in a critical region, or else somebody who holds the mutex could be suspended. */
void vm_ExAcquireFastMutexUnsafe(PFAST_MUTEX mutex)
{
    struct image *image = CALLER;
    if (!vm_KeAreApcsDisabled())
        violation(image, "takes a mutex outside of a critical region", mutex);
    acquire(image, mutex);
}

void vm_ExReleaseFastMutexUnsafe(PFAST_MUTEX mutex) { release(CALLER, mutex); }
