/* Where clfsmgmtx.h is tried: alone, or after what the command line names. */
#if defined(AFTER_WDM)
#if defined(__cplusplus) && defined(__MINGW32__)
/* mingw's wdm.h defines these a second time, which C++ refuses. */
#include <intrin.h>
#define InterlockedBitTestAndSet wdm_InterlockedBitTestAndSet
#define InterlockedBitTestAndReset wdm_InterlockedBitTestAndReset
#endif
#if defined(AFTER_NTDDK)
#include <ntddk.h>
#else
#include <wdm.h>
#endif
#elif defined(AFTER_WINDOWS)
#include <windows.h>
#elif defined(AFTER_WINTERNL)
#include <windows.h>
#include <winternl.h>
#elif defined(AFTER_CLFSW32)
#include <stdio.h>
#include <windows.h>
#include <clfsw32.h>
#endif

#include "clfsmgmtx.h"

#if defined(__cplusplus)
#define STATIC_ASSERT static_assert
#else
#define STATIC_ASSERT _Static_assert
#endif

#if defined(AFTER_WDM)
STATIC_ASSERT(CLFSMGMT_BESIDE_WDK == 1, "wdm.h came first and was not seen");
#elif defined(CLFSMGMT_BESIDE_WDK)
#error "wdm.h was seen, and is not there"
#endif
