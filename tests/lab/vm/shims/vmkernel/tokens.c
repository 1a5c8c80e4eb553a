/* Tokens, and who acts in whose name: Wine has stubs of these, and calling one ends the driver's host.
 *
 * A token is a counted reference on nobody in particular: Wine's files know no owner. What is watched is that each one is
 * given back once, by the routine of its kind, and that a thread which took on a name lays it down.
 */
#include "witness.h"

#define MAGIC 0x6e656b6f746d76ULL
#define THREADS_THAT_ACT 256
#define TOKEN_TAG 0x6b6f5476 /* vTok */

struct token {
    ULONG64 magic;
    volatile LONG references;
    TOKEN_TYPE type;
    struct image *image;
};

/* A thread that acts in a token's name. */
static struct {
    PETHREAD thread;
    struct token *token;
    struct image *image;
} actors[THREADS_THAT_ACT];
static struct latch latch;

static struct token *token_of(struct image *image, void *address)
{
    struct token *token = address;
    if (token != NULL && token->magic == MAGIC && token->references > 0)
        return token;
    violation(image, "used a token that there is not", address);
    return NULL;
}

static void dereference(struct token *token)
{
    if (InterlockedDecrement(&token->references) == 0) {
        token->magic = 0;
        ExFreePool(token);
    }
}

/* A thread's place in the table, with the latch taken; or a free one; or none. */
static ULONG place_of(PETHREAD thread)
{
    ULONG at;
    for (at = 0; at < THREADS_THAT_ACT; at++)
        if (actors[at].thread == thread)
            break;
    return at;
}

BOOLEAN vm_PsIsThreadImpersonating(PETHREAD thread)
{
    BOOLEAN is_there;
    latch_take(&latch);
    is_there = place_of(thread) < THREADS_THAT_ACT;
    latch_give(&latch);
    return is_there;
}

NTSTATUS vm_SeCreateClientSecurity(PETHREAD thread, PSECURITY_QUALITY_OF_SERVICE quality, BOOLEAN is_remote,
                                   PSECURITY_CLIENT_CONTEXT context)
{
    struct image *image = CALLER;
    struct token *token;

    needs_apcs(image, "asked for a token with APCs disabled");
    if (quality->Length != sizeof(*quality))
        violation(image, "a quality of service of another size", quality);
    token = ExAllocatePoolWithTag(NonPagedPool, sizeof(*token), TOKEN_TAG);
    if (token == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    token->magic = MAGIC;
    token->references = 1;
    token->image = image;
    /* A static context is a copy, and a copy is made to act with; a dynamic one is the thread's own. */
    token->type = quality->ContextTrackingMode == SECURITY_STATIC_TRACKING || vm_PsIsThreadImpersonating(thread)
                      ? TokenImpersonation
                      : TokenPrimary;
    RtlZeroMemory(context, sizeof(*context));
    context->SecurityQos = *quality;
    context->ClientToken = token;
    context->DirectlyAccessClientToken = quality->ContextTrackingMode != SECURITY_STATIC_TRACKING;
    context->ServerIsRemote = is_remote;
    owe(image, TOKENS, 1);
    return STATUS_SUCCESS;
}

TOKEN_TYPE vm_SeTokenType(void *address)
{
    struct token *token = token_of(CALLER, address);
    return token == NULL ? TokenPrimary : token->type;
}

static void give_back(struct image *image, void *address, TOKEN_TYPE type)
{
    struct token *token = token_of(image, address);
    if (token == NULL)
        return;
    if (token->type != type)
        violation(image, "gave a token back by the other kind's routine", address);
    settle(token->image, TOKENS, 1);
    dereference(token);
}

void vm_PsDereferencePrimaryToken(void *address) { give_back(CALLER, address, TokenPrimary); }

void vm_PsDereferenceImpersonationToken(void *address) { give_back(CALLER, address, TokenImpersonation); }

NTSTATUS vm_SeImpersonateClientEx(PSECURITY_CLIENT_CONTEXT context, PETHREAD thread)
{
    struct image *image = CALLER;
    struct token *token = token_of(image, context->ClientToken);
    NTSTATUS status = STATUS_SUCCESS;
    ULONG at;

    needs_apcs(image, "takes on a name with APCs disabled");
    if (token == NULL)
        return STATUS_INVALID_PARAMETER;
    if (thread == NULL)
        thread = current_thread();
    latch_take(&latch);
    at = place_of(thread);
    if (at < THREADS_THAT_ACT) {
        latch_give(&latch);
        violation(image, "takes a name on a thread that has one", thread);
        return STATUS_SUCCESS;
    }
    at = place_of(NULL);
    if (at < THREADS_THAT_ACT) {
        InterlockedIncrement(&token->references);
        actors[at].thread = thread;
        actors[at].token = token;
        actors[at].image = image;
    } else {
        status = STATUS_INSUFFICIENT_RESOURCES;
    }
    latch_give(&latch);
    if (status == STATUS_SUCCESS)
        owe(image, IMPERSONATIONS, 1);
    return status;
}

/* Lays down the running thread's name; whether it had one. */
static BOOLEAN lay_down(void)
{
    struct token *token = NULL;
    struct image *image = NULL;
    ULONG at;

    latch_take(&latch);
    at = place_of(current_thread());
    if (at < THREADS_THAT_ACT) {
        token = actors[at].token;
        image = actors[at].image;
        actors[at].thread = NULL;
    }
    latch_give(&latch);
    if (token == NULL)
        return FALSE;
    settle(image, IMPERSONATIONS, 1);
    dereference(token);
    return TRUE;
}

void vm_PsRevertToSelf(void)
{
    if (!lay_down())
        violation(CALLER, "laid down a name that it had not taken", current_thread());
}

void thread_ends(struct image *image)
{
    if (lay_down())
        violation(image, "a thread ended in somebody's name", current_thread());
    if (vm_KeAreApcsDisabled())
        violation(image, "a thread ended in a region, or with a mutex", current_thread());
    if (is_stack_kept())
        violation(image, "a thread ended that keeps its stack in memory", current_thread());
}
