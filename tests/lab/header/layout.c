/* Holds the structures of clfsmgmtx.h, or of what came before it, to layout.h. */
#include <stddef.h>

#include "setting.h"

#if defined(__cplusplus)
#define ALIGNMENT_OF(type) alignof(type)
#else
#define ALIGNMENT_OF(type) _Alignof(type)
#endif

#define SIZE(type, bytes, alignment) \
    STATIC_ASSERT(sizeof(type) == (bytes), "size of " #type); \
    STATIC_ASSERT(ALIGNMENT_OF(type) == (alignment), "alignment of " #type);
#define FIELD(type, field, offset) STATIC_ASSERT(offsetof(type, field) == (offset), "offset of " #type "." #field);

#include "layout.h"

#if defined(MUST_FAIL)
FIELD(CLFS_MGMT_POLICY, PolicyParameters, 20)
#endif

/* A character, a status and an enumeration are as large as Rust takes them to be. */
STATIC_ASSERT(sizeof(WCHAR) == 2, "WCHAR");
STATIC_ASSERT(sizeof(ULONG) == 4 && sizeof(LONG) == 4 && sizeof(NTSTATUS) == 4, "ULONG, LONG, NTSTATUS");
STATIC_ASSERT(sizeof(BOOLEAN) == 1 && sizeof(CLFS_MGMT_CLIENT) == sizeof(void *), "BOOLEAN, CLFS_MGMT_CLIENT");
STATIC_ASSERT(sizeof(CLFS_MGMT_POLICY_TYPE) == 4 && sizeof(CLFS_LOG_INFORMATION_CLASS) == 4, "enumerations");
STATIC_ASSERT(sizeof(CLFS_CONTEXT_MODE) == 4 && sizeof(CLFS_IOSTATS_CLASS) == 4, "enumerations");
STATIC_ASSERT(sizeof(POOL_TYPE) == 4, "POOL_TYPE");
STATIC_ASSERT((NTSTATUS)-1 < 0, "NTSTATUS has a sign");
STATIC_ASSERT(sizeof(CLFSMGMT_TEXT("ab")) == 3 * sizeof(WCHAR), "CLFSMGMT_TEXT");
