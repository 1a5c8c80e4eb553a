/* What each thread says that it does inside a file system: Wine has no routine for it. */
#include "witness.h"

#define THREADS 256

static struct {
    PETHREAD thread;
    PIRP request;
} inside[THREADS];
static struct latch latch;

static ULONG place_of(PETHREAD thread)
{
    ULONG at;
    for (at = 0; at < THREADS; at++)
        if (inside[at].thread == thread)
            break;
    return at;
}

PIRP vm_IoGetTopLevelIrp(void)
{
    PIRP request = NULL;
    ULONG at;

    latch_take(&latch);
    at = place_of(current_thread());
    if (at < THREADS)
        request = inside[at].request;
    latch_give(&latch);
    return request;
}

void vm_IoSetTopLevelIrp(PIRP request)
{
    PETHREAD this = current_thread();
    ULONG at;

    latch_take(&latch);
    at = place_of(this);
    if (at == THREADS)
        at = place_of(NULL);
    if (at < THREADS) {
        inside[at].thread = request == NULL ? NULL : this;
        inside[at].request = request;
    }
    latch_give(&latch);
    if (at == THREADS)
        violation(CALLER, "more threads are inside a file system than the table holds", this);
}
