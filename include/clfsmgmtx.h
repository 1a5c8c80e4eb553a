/*
 * clfsmgmtx.h - the C interface of clfsmgmt: the Common Log File System and its management.
 *
 * Instead of the WDK's declarations: in user mode on any system, over libclfsmgmt; in kernel mode without <wdm.h>.
 * Beside them: after <wdm.h>, <ntddk.h> or <ntifs.h> it adds only what they lack. Include them first.
 * Names, layouts and values are Microsoft's; ClfsMgmtx* and CLFS_MGMTX_* are ours. How to use it: docs/abi.md. It is not
 * named clfsmgmt.h: that is the SDK's, which <clfsmgmtw32.h> includes, and both may be in one program.
 *
 * Contents: setting, annotations, platform types, statuses, base types, management types, base routines,
 * log sequence numbers, management routines, our extensions.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#ifndef CLFSMGMTX_H
#define CLFSMGMTX_H

/* ---- Setting -------------------------------------------------------------------------------------------------------
 * Chosen by macros that the surroundings define:
 *   _WDMDDK_                            <wdm.h> came before: its types and its CLFS stay; CLFSMGMT_BESIDE_WDK is set
 *   _WIN32, not _KERNEL_MODE            user mode on Windows: types of <windows.h> and <winternl.h>
 *   anything else                       types of our own: Linux, macOS, or kernel mode without <wdm.h>
 * And two that the caller may define:
 *   CLFSMGMT_HAVE_PLATFORM_TYPES        the caller has declared Windows' types (ULONG, UNICODE_STRING, ...) itself
 *   __CLFSUSER_EXPORTS__                the routines are in this very image: no import (Microsoft's name)
 *   CLFSMGMT_WITHOUT_WDM                no <wdm.h> follows, although the compiler would find one
 */
#if defined(_WIN32) && !defined(_WDMDDK_) && !defined(CLFSMGMT_WITHOUT_WDM) && defined(__has_include)
#if __has_include(<wdm.h>)
#define CLFSMGMT_TOO_EARLY 1
#endif
#endif

/* Everything else is left out then: what is to be done is not lost among errors of the headers that follow. */
#if defined(CLFSMGMT_TOO_EARLY)
#error "clfsmgmtx.h: include <wdm.h> (or <ntddk.h>, <ntifs.h>) before it; or define CLFSMGMT_WITHOUT_WDM"
#else

#if defined(_WDMDDK_)
#define CLFSMGMT_BESIDE_WDK 1
#elif defined(_NTDDK_) || defined(_NTIFS_)
#error "clfsmgmtx.h: this <ntddk.h> or <ntifs.h> did not include <wdm.h>"
#elif defined(_CLFS_PUBLIC_H_) || defined(_INC_CLFS) || defined(_CLFSW32_H_) || defined(_INC_CLFSW32)
#error "clfsmgmtx.h: use <clfsw32.h> (handles, BOOL) or this header (log file objects, NTSTATUS), not both in one file"
#elif defined(_WIN32) && !defined(_KERNEL_MODE) && !defined(CLFS_KERNEL_MODE)
#define CLFSMGMT_USER_WINDOWS 1
#endif

#if defined(CLFSMGMT_BESIDE_WDK)
#if !defined(NTDDI_VERSION) || NTDDI_VERSION < 0x06000000
#error "clfsmgmtx.h: CLFS in <wdm.h> needs NTDDI_VERSION of Windows Vista (0x06000000) or later"
#endif
#elif defined(CLFSMGMT_USER_WINDOWS)
/* Statuses as NTSTATUS, from <ntstatus.h>; <windows.h> alone would define some of them as DWORD. */
#if !defined(_WINDOWS_) && !defined(WIN32_NO_STATUS)
#define WIN32_NO_STATUS
#include <windows.h>
#undef WIN32_NO_STATUS
#include <ntstatus.h>
#else
#include <windows.h>
#endif
#if !defined(_NTDEF_)
#include <winternl.h>
#endif
#else
#include <stddef.h>
#if !defined(_WIN32)
#include <stdint.h>
#endif
#endif

#if !defined(CLFSUSER_API)
#if defined(__CLFSUSER_EXPORTS__)
#define CLFSUSER_API
#elif defined(_WIN32)
#define CLFSUSER_API __declspec(dllimport)
#elif defined(__GNUC__)
#define CLFSUSER_API __attribute__((visibility("default")))
#else
#define CLFSUSER_API
#endif
#endif

/* ---- Annotations ---------------------------------------------------------------------------------------------------
 * Microsoft's SAL and IRQL annotations: nothing where the compiler does not know them. They stay defined, so that
 * callers can annotate their callbacks.
 */
#if !defined(_In_)
#define _In_
#endif
#if !defined(_In_opt_)
#define _In_opt_
#endif
#if !defined(_In_reads_)
#define _In_reads_(count)
#endif
#if !defined(_In_reads_opt_)
#define _In_reads_opt_(count)
#endif
#if !defined(_In_reads_bytes_)
#define _In_reads_bytes_(size)
#endif
#if !defined(_In_reads_bytes_opt_)
#define _In_reads_bytes_opt_(size)
#endif
#if !defined(_Inout_)
#define _Inout_
#endif
#if !defined(_Inout_opt_)
#define _Inout_opt_
#endif
#if !defined(_Inout_updates_opt_)
#define _Inout_updates_opt_(count)
#endif
#if !defined(_Out_)
#define _Out_
#endif
#if !defined(_Out_opt_)
#define _Out_opt_
#endif
#if !defined(_Out_writes_to_opt_)
#define _Out_writes_to_opt_(size, count)
#endif
#if !defined(_Out_writes_bytes_opt_)
#define _Out_writes_bytes_opt_(size)
#endif
#if !defined(_Outptr_)
#define _Outptr_
#endif
#if !defined(_Outptr_result_bytebuffer_)
#define _Outptr_result_bytebuffer_(size)
#endif
#if !defined(_Must_inspect_result_)
#define _Must_inspect_result_
#endif
#if !defined(_IRQL_requires_max_)
#define _IRQL_requires_max_(irql)
#endif
#if !defined(_Function_class_)
#define _Function_class_(name)
#endif
#if !defined(APC_LEVEL)
#define PASSIVE_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2
#endif
#if !defined(NTAPI)
#define NTAPI
#endif

/* A string of WCHARs: CLFSMGMT_TEXT("log:/var/lib/app/log"). Outside Windows u"..." will do as well. */
#if defined(_WIN32)
#define CLFSMGMT_PREFIXED(literal) L##literal
#else
#define CLFSMGMT_PREFIXED(literal) u##literal
#endif
#define CLFSMGMT_TEXT(literal) CLFSMGMT_PREFIXED(literal)

#if defined(__cplusplus)
extern "C" {
#endif

/* Layouts are those of natural alignment, whatever packing the caller compiles with. */
#pragma pack(push, 8)

/* ---- Platform types ------------------------------------------------------------------------------------------------
 * Windows' types, where nothing else declares them. ULONG has 32 bits and WCHAR 16 bits everywhere.
 */
#if !defined(CLFSMGMT_BESIDE_WDK) && !defined(CLFSMGMT_USER_WINDOWS) && !defined(CLFSMGMT_HAVE_PLATFORM_TYPES)
#if !defined(VOID)
#define VOID void
#endif
typedef void *PVOID;
typedef unsigned char UCHAR, BOOLEAN;
typedef unsigned short USHORT;
#if defined(_WIN32)
typedef long LONG;
typedef unsigned long ULONG;
typedef wchar_t WCHAR;
#else
typedef int32_t LONG;
typedef uint32_t ULONG;
#if defined(__cplusplus)
typedef char16_t WCHAR;
#elif defined(__CHAR16_TYPE__)
typedef __CHAR16_TYPE__ WCHAR;
#else
typedef uint_least16_t WCHAR;
#endif
#endif
typedef ULONG *PULONG;
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG;
typedef size_t SIZE_T;
typedef WCHAR *PWSTR;
typedef LONG NTSTATUS;
typedef ULONG ACCESS_MASK;
typedef PVOID PSECURITY_DESCRIPTOR;

#if !defined(GUID_DEFINED)
#define GUID_DEFINED
typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    UCHAR Data4[8];
} GUID;
#endif

/* A counted string: both lengths in bytes; no NUL is needed, and none is looked for. */
typedef struct _UNICODE_STRING {
    USHORT Length;
    USHORT MaximumLength;
    PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
#endif

#if !defined(CLFSMGMT_BESIDE_WDK) && !defined(CLFSMGMT_HAVE_PLATFORM_TYPES)
/* What memory a marshalling area is made of. User mode takes any value and has one kind of memory. */
typedef enum _POOL_TYPE {
    NonPagedPool = 0,
    PagedPool = 1,
    NonPagedPoolCacheAligned = 4,
    PagedPoolCacheAligned = 5,
    NonPagedPoolNx = 512,
    NonPagedPoolNxCacheAligned = 516
} POOL_TYPE;
typedef PVOID(NTAPI *PALLOCATE_FUNCTION)(_In_ POOL_TYPE PoolType, _In_ SIZE_T NumberOfBytes, _In_ ULONG Tag);
typedef VOID(NTAPI *PFREE_FUNCTION)(_In_ PVOID Buffer);
#endif

#if !defined(TRUE)
#define FALSE 0
#define TRUE 1
#endif
#if !defined(INFINITE)
#define INFINITE 0xFFFFFFFF
#endif
#if !defined(NT_SUCCESS)
#define NT_SUCCESS(Status) (((NTSTATUS)(Status)) >= 0)
#endif
#if !defined(NT_ERROR)
#define NT_ERROR(Status) ((((ULONG)(Status)) >> 30) == 3)
#endif
/* Sets up a UNICODE_STRING over a literal of WCHARs: UNICODE_STRING name = RTL_CONSTANT_STRING(u"log:/tmp/example"). */
#if !defined(RTL_CONSTANT_STRING)
#define RTL_CONSTANT_STRING(literal) {sizeof(literal) - sizeof((literal)[0]), sizeof(literal), (PWSTR)(literal)}
#endif

/* For ClfsCreateLogFile: access, sharing, disposition, options, attributes. */
#if !defined(GENERIC_READ)
#define GENERIC_READ (0x80000000L)
#endif
#if !defined(GENERIC_WRITE)
#define GENERIC_WRITE (0x40000000L)
#endif
#if !defined(DELETE)
#define DELETE (0x00010000L)
#endif
#if !defined(FILE_SHARE_READ)
#define FILE_SHARE_READ 0x00000001
#endif
#if !defined(FILE_SHARE_WRITE)
#define FILE_SHARE_WRITE 0x00000002
#endif
#if !defined(FILE_SHARE_DELETE)
#define FILE_SHARE_DELETE 0x00000004
#endif
#if !defined(CREATE_NEW)
#define CREATE_NEW 1
#endif
#if !defined(OPEN_EXISTING)
#define OPEN_EXISTING 3
#endif
#if !defined(OPEN_ALWAYS)
#define OPEN_ALWAYS 4
#endif
#if !defined(FILE_NO_INTERMEDIATE_BUFFERING)
#define FILE_NO_INTERMEDIATE_BUFFERING 0x00000008
#endif
#if !defined(FILE_SYNCHRONOUS_IO_ALERT)
#define FILE_SYNCHRONOUS_IO_ALERT 0x00000010
#endif
#if !defined(FILE_SYNCHRONOUS_IO_NONALERT)
#define FILE_SYNCHRONOUS_IO_NONALERT 0x00000020
#endif
#if !defined(FILE_ATTRIBUTE_READONLY)
#define FILE_ATTRIBUTE_READONLY 0x00000001
#endif
#if !defined(FILE_ATTRIBUTE_ARCHIVE)
#define FILE_ATTRIBUTE_ARCHIVE 0x00000020
#endif
#if !defined(FILE_ATTRIBUTE_NORMAL)
#define FILE_ATTRIBUTE_NORMAL 0x00000080
#endif
#if !defined(FILE_ATTRIBUTE_TEMPORARY)
#define FILE_ATTRIBUTE_TEMPORARY 0x00000100
#endif

/* ---- Statuses ------------------------------------------------------------------------------------------------------
 * Test success with NT_SUCCESS: STATUS_PENDING and STATUS_LOG_NO_RESTART are successes. STATUS_BUFFER_OVERFLOW,
 * STATUS_NO_MORE_ENTRIES and STATUS_COULD_NOT_RESIZE_LOG are warnings: neither NT_SUCCESS nor NT_ERROR.
 */
#if !defined(STATUS_SUCCESS)
#define STATUS_SUCCESS ((NTSTATUS)0x00000000L)
#endif
#if !defined(STATUS_PENDING)
#define STATUS_PENDING ((NTSTATUS)0x00000103L)
#endif
#if !defined(STATUS_BUFFER_OVERFLOW)
#define STATUS_BUFFER_OVERFLOW ((NTSTATUS)0x80000005L)
#endif
#if !defined(STATUS_NO_MORE_ENTRIES)
#define STATUS_NO_MORE_ENTRIES ((NTSTATUS)0x8000001AL)
#endif
#if !defined(STATUS_UNSUCCESSFUL)
#define STATUS_UNSUCCESSFUL ((NTSTATUS)0xC0000001L)
#endif
#if !defined(STATUS_INVALID_PARAMETER)
#define STATUS_INVALID_PARAMETER ((NTSTATUS)0xC000000DL)
#endif
#if !defined(STATUS_END_OF_FILE)
#define STATUS_END_OF_FILE ((NTSTATUS)0xC0000011L)
#endif
#if !defined(STATUS_ACCESS_DENIED)
#define STATUS_ACCESS_DENIED ((NTSTATUS)0xC0000022L)
#endif
#if !defined(STATUS_BUFFER_TOO_SMALL)
#define STATUS_BUFFER_TOO_SMALL ((NTSTATUS)0xC0000023L)
#endif
#if !defined(STATUS_OBJECT_NAME_INVALID)
#define STATUS_OBJECT_NAME_INVALID ((NTSTATUS)0xC0000033L)
#endif
#if !defined(STATUS_OBJECT_NAME_NOT_FOUND)
#define STATUS_OBJECT_NAME_NOT_FOUND ((NTSTATUS)0xC0000034L)
#endif
#if !defined(STATUS_OBJECT_NAME_COLLISION)
#define STATUS_OBJECT_NAME_COLLISION ((NTSTATUS)0xC0000035L)
#endif
#if !defined(STATUS_OBJECT_PATH_NOT_FOUND)
#define STATUS_OBJECT_PATH_NOT_FOUND ((NTSTATUS)0xC000003AL)
#endif
#if !defined(STATUS_SHARING_VIOLATION)
#define STATUS_SHARING_VIOLATION ((NTSTATUS)0xC0000043L)
#endif
#if !defined(STATUS_DELETE_PENDING)
#define STATUS_DELETE_PENDING ((NTSTATUS)0xC0000056L)
#endif
#if !defined(STATUS_DISK_FULL)
#define STATUS_DISK_FULL ((NTSTATUS)0xC000007FL)
#endif
#if !defined(STATUS_INSUFFICIENT_RESOURCES)
#define STATUS_INSUFFICIENT_RESOURCES ((NTSTATUS)0xC000009AL)
#endif
#if !defined(STATUS_NOT_SUPPORTED)
#define STATUS_NOT_SUPPORTED ((NTSTATUS)0xC00000BBL)
#endif
#if !defined(STATUS_INVALID_PARAMETER_1)
#define STATUS_INVALID_PARAMETER_1 ((NTSTATUS)0xC00000EFL)
#endif
#if !defined(STATUS_INVALID_PARAMETER_2)
#define STATUS_INVALID_PARAMETER_2 ((NTSTATUS)0xC00000F0L)
#endif
#if !defined(STATUS_INVALID_PARAMETER_3)
#define STATUS_INVALID_PARAMETER_3 ((NTSTATUS)0xC00000F1L)
#endif
#if !defined(STATUS_INVALID_PARAMETER_4)
#define STATUS_INVALID_PARAMETER_4 ((NTSTATUS)0xC00000F2L)
#endif

/* CLFS's own, and other logs' of the same family; <ntstatus.h> has all or none of them. */
#if !defined(STATUS_LOG_SECTOR_INVALID)
#define STATUS_LOG_SECTOR_INVALID ((NTSTATUS)0xC01A0001L)
#define STATUS_LOG_SECTOR_PARITY_INVALID ((NTSTATUS)0xC01A0002L)
#define STATUS_LOG_SECTOR_REMAPPED ((NTSTATUS)0xC01A0003L)
#define STATUS_LOG_BLOCK_INCOMPLETE ((NTSTATUS)0xC01A0004L)
#define STATUS_LOG_INVALID_RANGE ((NTSTATUS)0xC01A0005L)
#define STATUS_LOG_BLOCKS_EXHAUSTED ((NTSTATUS)0xC01A0006L)
#define STATUS_LOG_READ_CONTEXT_INVALID ((NTSTATUS)0xC01A0007L)
#define STATUS_LOG_RESTART_INVALID ((NTSTATUS)0xC01A0008L)
#define STATUS_LOG_BLOCK_VERSION ((NTSTATUS)0xC01A0009L)
#define STATUS_LOG_BLOCK_INVALID ((NTSTATUS)0xC01A000AL)
#define STATUS_LOG_READ_MODE_INVALID ((NTSTATUS)0xC01A000BL)
#define STATUS_LOG_NO_RESTART ((NTSTATUS)0x401A000CL)
#define STATUS_LOG_METADATA_CORRUPT ((NTSTATUS)0xC01A000DL)
#define STATUS_LOG_METADATA_INVALID ((NTSTATUS)0xC01A000EL)
#define STATUS_LOG_METADATA_INCONSISTENT ((NTSTATUS)0xC01A000FL)
#define STATUS_LOG_RESERVATION_INVALID ((NTSTATUS)0xC01A0010L)
#define STATUS_LOG_CANT_DELETE ((NTSTATUS)0xC01A0011L)
#define STATUS_LOG_CONTAINER_LIMIT_EXCEEDED ((NTSTATUS)0xC01A0012L)
#define STATUS_LOG_START_OF_LOG ((NTSTATUS)0xC01A0013L)
#define STATUS_LOG_POLICY_ALREADY_INSTALLED ((NTSTATUS)0xC01A0014L)
#define STATUS_LOG_POLICY_NOT_INSTALLED ((NTSTATUS)0xC01A0015L)
#define STATUS_LOG_POLICY_INVALID ((NTSTATUS)0xC01A0016L)
#define STATUS_LOG_POLICY_CONFLICT ((NTSTATUS)0xC01A0017L)
#define STATUS_LOG_PINNED_ARCHIVE_TAIL ((NTSTATUS)0xC01A0018L)
#define STATUS_LOG_RECORD_NONEXISTENT ((NTSTATUS)0xC01A0019L)
#define STATUS_LOG_RECORDS_RESERVED_INVALID ((NTSTATUS)0xC01A001AL)
#define STATUS_LOG_SPACE_RESERVED_INVALID ((NTSTATUS)0xC01A001BL)
#define STATUS_LOG_TAIL_INVALID ((NTSTATUS)0xC01A001CL)
#define STATUS_LOG_FULL ((NTSTATUS)0xC01A001DL)
#define STATUS_LOG_MULTIPLEXED ((NTSTATUS)0xC01A001EL)
#define STATUS_LOG_DEDICATED ((NTSTATUS)0xC01A001FL)
#define STATUS_LOG_ARCHIVE_NOT_IN_PROGRESS ((NTSTATUS)0xC01A0020L)
#define STATUS_LOG_ARCHIVE_IN_PROGRESS ((NTSTATUS)0xC01A0021L)
#define STATUS_LOG_EPHEMERAL ((NTSTATUS)0xC01A0022L)
#define STATUS_LOG_NOT_ENOUGH_CONTAINERS ((NTSTATUS)0xC01A0023L)
#define STATUS_LOG_CLIENT_ALREADY_REGISTERED ((NTSTATUS)0xC01A0024L)
#define STATUS_LOG_CLIENT_NOT_REGISTERED ((NTSTATUS)0xC01A0025L)
#define STATUS_LOG_FULL_HANDLER_IN_PROGRESS ((NTSTATUS)0xC01A0026L)
#define STATUS_LOG_CONTAINER_READ_FAILED ((NTSTATUS)0xC01A0027L)
#define STATUS_LOG_CONTAINER_WRITE_FAILED ((NTSTATUS)0xC01A0028L)
#define STATUS_LOG_CONTAINER_OPEN_FAILED ((NTSTATUS)0xC01A0029L)
#define STATUS_LOG_CONTAINER_STATE_INVALID ((NTSTATUS)0xC01A002AL)
#define STATUS_LOG_STATE_INVALID ((NTSTATUS)0xC01A002BL)
#define STATUS_LOG_PINNED ((NTSTATUS)0xC01A002CL)
#define STATUS_LOG_METADATA_FLUSH_FAILED ((NTSTATUS)0xC01A002DL)
#define STATUS_LOG_INCONSISTENT_SECURITY ((NTSTATUS)0xC01A002EL)
#define STATUS_LOG_APPENDED_FLUSH_FAILED ((NTSTATUS)0xC01A002FL)
#define STATUS_LOG_PINNED_RESERVATION ((NTSTATUS)0xC01A0030L)
#define STATUS_COULD_NOT_RESIZE_LOG ((NTSTATUS)0x80190009L)
#define STATUS_LOG_RESIZE_INVALID_SIZE ((NTSTATUS)0xC019000BL)
#define STATUS_LOG_GROWTH_FAILED ((NTSTATUS)0xC0190019L)
#define STATUS_LOG_CORRUPTION_DETECTED ((NTSTATUS)0xC0190030L)
#define STATUS_LOG_FILE_FULL ((NTSTATUS)0xC0000188L)
#define STATUS_LOG_HARD_ERROR ((NTSTATUS)0x4000001AL)
#endif

#if !defined(CLFSMGMT_BESIDE_WDK)
#if defined(_MSC_VER) && !defined(__clang__)
#define CLFSMGMT_ALIGNED_8 __declspec(align(8))
#else
#define CLFSMGMT_ALIGNED_8 __attribute__((aligned(8)))
#endif

/* ---- Base types ----------------------------------------------------------------------------------------------------
 * CLS_* are the older names of the same types.
 */
#define CLFS_BASELOG_EXTENSION CLFSMGMT_TEXT(".blf")
#define CLFS_CONTAINER_RELATIVE_PREFIX CLFSMGMT_TEXT("%BLF%\\")
#define CLFS_CONTAINER_STREAM_PREFIX CLFSMGMT_TEXT("%BLF%:")
#define FILE_ATTRIBUTE_DEDICATED FILE_ATTRIBUTE_TEMPORARY

/* fLogOptionFlag of ClfsCreateLogFile, and fFlags of the routines that write. */
#define CLFS_FLAG_NO_FLAGS 0x00000000
#define CLFS_FLAG_FORCE_APPEND 0x00000001
#define CLFS_FLAG_FORCE_FLUSH 0x00000002
#define CLFS_FLAG_USE_RESERVATION 0x00000004
#define CLFS_FLAG_REENTRANT_FILE_SYSTEM 0x00000008
#define CLFS_FLAG_NON_REENTRANT_FILTER 0x00000010
#define CLFS_FLAG_REENTRANT_FILTER 0x00000020
#define CLFS_FLAG_IGNORE_SHARE_ACCESS 0x00000040
#define CLFS_FLAG_READ_IN_PROGRESS 0x00000080
#define CLFS_FLAG_MINIFILTER_LEVEL 0x00000100
#define CLFS_FLAG_HIDDEN_SYSTEM_LOG 0x00000200
#define CLFS_FLAG_FILTER_INTERMEDIATE_LEVEL CLFS_FLAG_NON_REENTRANT_FILTER
#define CLFS_FLAG_FILTER_TOP_LEVEL CLFS_FLAG_REENTRANT_FILTER
#define CLFS_MARSHALLING_FLAG_NONE 0x00000000
#define CLFS_MARSHALLING_FLAG_DISABLE_BUFF_INIT 0x00000001

/* An open log or stream: opaque. Never looked into, never freed; ClfsCloseLogFileObject ends it. */
typedef struct _FILE_OBJECT LOG_FILE_OBJECT, *PLOG_FILE_OBJECT, **PPLOG_FILE_OBJECT;

typedef ULONG CLFS_CONTAINER_ID, *PCLFS_CONTAINER_ID, **PPCLFS_CONTAINER_ID;
typedef GUID CLFS_LOG_ID;

/* A log sequence number: where a record is. Those of one stream compare with each other; use the ClfsLsn* routines. */
typedef struct _CLS_LSN {
    ULONGLONG Internal;
} CLS_LSN, *PCLS_LSN, **PPCLS_LSN;
typedef CLS_LSN CLFS_LSN, *PCLFS_LSN, **PPCLFS_LSN;

typedef UCHAR CLS_RECORD_TYPE, *PCLS_RECORD_TYPE, **PPCLS_RECORD_TYPE;
typedef CLS_RECORD_TYPE CLFS_RECORD_TYPE, *PCLFS_RECORD_TYPE, **PPCLFS_RECORD_TYPE;
#define ClfsNullRecord 0x00
#define ClfsDataRecord 0x01
#define ClfsRestartRecord 0x02
#define ClfsClientRecord (ClfsDataRecord | ClfsRestartRecord)

/* Which way a reader goes from its first record. */
typedef enum _CLFS_CONTEXT_MODE {
    ClfsContextNone,
    ClfsContextUndoNext,
    ClfsContextPrevious,
    ClfsContextForward
} CLFS_CONTEXT_MODE, *PCLFS_CONTEXT_MODE, **PPCLFS_CONTEXT_MODE;

typedef struct _CLFS_NODE_ID {
    ULONG cType;
    ULONG cbNode;
} CLFS_NODE_ID, *PCLFS_NODE_ID;

/* One piece of a record to be appended. */
typedef struct _CLS_WRITE_ENTRY {
    PVOID Buffer;
    ULONG ByteLength;
} CLS_WRITE_ENTRY, *PCLS_WRITE_ENTRY, **PPCLS_WRITE_ENTRY;
typedef CLS_WRITE_ENTRY CLFS_WRITE_ENTRY, *PCLFS_WRITE_ENTRY, **PPCLFS_WRITE_ENTRY;

/* A log's state. Sizes in bytes. LastLsn is where the next record may go; RestartLsn is invalid where there is none. */
typedef struct _CLS_INFORMATION {
    LONGLONG TotalAvailable;
    LONGLONG CurrentAvailable;
    LONGLONG TotalReservation;
    ULONGLONG BaseFileSize;
    ULONGLONG ContainerSize;
    ULONG TotalContainers;
    ULONG FreeContainers;
    ULONG TotalClients;
    ULONG Attributes;
    ULONG FlushThreshold;
    ULONG SectorSize;
    CLS_LSN MinArchiveTailLsn;
    CLS_LSN BaseLsn;
    CLS_LSN LastFlushedLsn;
    CLS_LSN LastLsn;
    CLS_LSN RestartLsn;
    GUID Identity;
} CLS_INFORMATION, *PCLS_INFORMATION, **PPCLS_INFORMATION;
typedef CLS_INFORMATION CLFS_INFORMATION, *PCLFS_INFORMATION, **PPCLFS_INFORMATION;

/* What ClfsLogPhysicalNameInformation gives: the name's bytes begin at Name. */
typedef struct _CLFS_LOG_NAME_INFORMATION {
    USHORT NameLengthInBytes;
    WCHAR Name[1];
} CLFS_LOG_NAME_INFORMATION, *PCLFS_LOG_NAME_INFORMATION, **PPCLFS_LOG_NAME_INFORMATION;

typedef struct _CLFS_STREAM_ID_INFORMATION {
    UCHAR StreamIdentifier;
} CLFS_STREAM_ID_INFORMATION, *PCLFS_STREAM_ID_INFORMATION, **PPCLFS_STREAM_ID_INFORMATION;

/* A stream's LSN, and the same place in the physical log. */
typedef struct _CLFS_PHYSICAL_LSN_INFORMATION {
    UCHAR StreamIdentifier;
    CLFS_LSN VirtualLsn;
    CLFS_LSN PhysicalLsn;
} CLFS_PHYSICAL_LSN_INFORMATION, *PCLFS_PHYSICAL_LSN_INFORMATION;

typedef ULONG CLS_CONTAINER_STATE, *PCLS_CONTAINER_STATE, **PPCLS_CONTAINER_STATE;
typedef CLS_CONTAINER_STATE CLFS_CONTAINER_STATE, *PCLFS_CONTAINER_STATE, **PPCLFS_CONTAINER_STATE;
#define ClfsContainerInitializing 0x01
#define ClfsContainerInactive 0x02
#define ClfsContainerActive 0x04
#define ClfsContainerActivePendingDelete 0x08
#define ClfsContainerPendingArchive 0x10
#define ClfsContainerPendingArchiveAndDelete 0x20

#define CLFS_MAX_CONTAINER_INFO 256

/* One container. FileNameActualLength counts characters of the whole name, FileNameLength those that are here. */
typedef struct _CLS_CONTAINER_INFORMATION {
    ULONG FileAttributes;
    ULONGLONG CreationTime;
    ULONGLONG LastAccessTime;
    ULONGLONG LastWriteTime;
    LONGLONG ContainerSize;
    ULONG FileNameActualLength;
    ULONG FileNameLength;
    WCHAR FileName[CLFS_MAX_CONTAINER_INFO];
    CLFS_CONTAINER_STATE State;
    CLFS_CONTAINER_ID PhysicalContainerId;
    CLFS_CONTAINER_ID LogicalContainerId;
} CLS_CONTAINER_INFORMATION, *PCLS_CONTAINER_INFORMATION, **PPCLS_CONTAINER_INFORMATION;
typedef CLS_CONTAINER_INFORMATION CLFS_CONTAINER_INFORMATION, *PCLFS_CONTAINER_INFORMATION,
    **PPCLFS_CONTAINER_INFORMATION;

typedef enum _CLS_LOG_INFORMATION_CLASS {
    ClfsLogBasicInformation,
    ClfsLogBasicInformationPhysical,
    ClfsLogPhysicalNameInformation,
    ClfsLogStreamIdentifierInformation,
    ClfsLogSystemMarkingInformation,
    ClfsLogPhysicalLsnInformation
} CLS_LOG_INFORMATION_CLASS, *PCLS_LOG_INFORMATION_CLASS, **PPCLS_LOG_INFORMATION_CLASS;
typedef CLS_LOG_INFORMATION_CLASS CLFS_LOG_INFORMATION_CLASS, *PCLFS_LOG_INFORMATION_CLASS,
    **PPCLFS_LOG_INFORMATION_CLASS;

typedef enum _CLFS_IOSTATS_CLASS {
    ClfsIoStatsDefault = 0x0000,
    ClfsIoStatsMax = 0xFFFF
} CLFS_IOSTATS_CLASS, *PCLFS_IOSTATS_CLASS, **PPCLFS_IOSTATS_CLASS;

typedef struct _CLS_IO_STATISTICS_HEADER {
    UCHAR ubMajorVersion;
    UCHAR ubMinorVersion;
    CLFS_IOSTATS_CLASS eStatsClass;
    USHORT cbLength;
    ULONG coffData;
} CLS_IO_STATISTICS_HEADER, *PCLS_IO_STATISTICS_HEADER, **PPCLS_IO_STATISTICS_HEADER;
typedef CLS_IO_STATISTICS_HEADER CLFS_IO_STATISTICS_HEADER, *PCLFS_IO_STATISTICS_HEADER,
    **PPCLFS_IO_STATISTICS_HEADER;

/* Flushes, and bytes flushed, of records and of metadata. */
typedef struct _CLS_IO_STATISTICS {
    CLS_IO_STATISTICS_HEADER hdrIoStats;
    ULONGLONG cFlush;
    ULONGLONG cbFlush;
    ULONGLONG cMetaFlush;
    ULONGLONG cbMetaFlush;
} CLS_IO_STATISTICS, *PCLS_IO_STATISTICS, **PPCLS_IO_STATISTICS;
typedef CLS_IO_STATISTICS CLFS_IO_STATISTICS, *PCLFS_IO_STATISTICS, **PPCLFS_IO_STATISTICS;

typedef UCHAR CLFS_SCAN_MODE, *PCLFS_SCAN_MODE;
#define CLFS_SCAN_INIT 0x01
#define CLFS_SCAN_FORWARD 0x02
#define CLFS_SCAN_BACKWARD 0x04
#define CLFS_SCAN_CLOSE 0x08
#define CLFS_SCAN_INITIALIZED 0x10
#define CLFS_SCAN_BUFFERED 0x20

/* A walk over a log's containers. What a step found is at pinfoContainer, which belongs to the walk. */
typedef struct _CLS_SCAN_CONTEXT {
    CLFS_NODE_ID cidNode;
    PLOG_FILE_OBJECT plfoLog;
    CLFSMGMT_ALIGNED_8 ULONG cIndex;
    CLFSMGMT_ALIGNED_8 ULONG cContainers;
    CLFSMGMT_ALIGNED_8 ULONG cContainersReturned;
    CLFSMGMT_ALIGNED_8 CLFS_SCAN_MODE eScanMode;
    CLFSMGMT_ALIGNED_8 PCLS_CONTAINER_INFORMATION pinfoContainer;
} CLS_SCAN_CONTEXT, *PCLS_SCAN_CONTEXT, **PPCLS_SCAN_CONTEXT;
typedef CLS_SCAN_CONTEXT CLFS_SCAN_CONTEXT, *PCLFS_SCAN_CONTEXT, **PPCLFS_SCAN_CONTEXT;

typedef struct _CLS_ARCHIVE_DESCRIPTOR {
    ULONGLONG coffLow;
    ULONGLONG coffHigh;
    CLS_CONTAINER_INFORMATION infoContainer;
} CLS_ARCHIVE_DESCRIPTOR, *PCLS_ARCHIVE_DESCRIPTOR, **PPCLS_ARCHIVE_DESCRIPTOR;
typedef CLS_ARCHIVE_DESCRIPTOR CLFS_ARCHIVE_DESCRIPTOR, *PCLFS_ARCHIVE_DESCRIPTOR, **PPCLFS_ARCHIVE_DESCRIPTOR;

typedef PVOID (*CLFS_BLOCK_ALLOCATION)(ULONG cbBufferLength, PVOID pvUserContext);
typedef VOID (*CLFS_BLOCK_DEALLOCATION)(PVOID pvBuffer, PVOID pvUserContext);

typedef enum _CLFS_LOG_ARCHIVE_MODE {
    ClfsLogArchiveEnabled = 1,
    ClfsLogArchiveDisabled = 2
} CLFS_LOG_ARCHIVE_MODE, *PCLFS_LOG_ARCHIVE_MODE;

/* ---- Management types ----------------------------------------------------------------------------------------------
 */
typedef enum _CLFS_MGMT_POLICY_TYPE {
    ClfsMgmtPolicyMaximumSize,
    ClfsMgmtPolicyMinimumSize,
    ClfsMgmtPolicyNewContainerSize,
    ClfsMgmtPolicyGrowthRate,
    ClfsMgmtPolicyLogTail,
    ClfsMgmtPolicyAutoShrink,
    ClfsMgmtPolicyAutoGrow,
    ClfsMgmtPolicyNewContainerPrefix,
    ClfsMgmtPolicyNewContainerSuffix,
    ClfsMgmtPolicyNewContainerExtension,
    ClfsMgmtPolicyInvalid
} CLFS_MGMT_POLICY_TYPE, *PCLFS_MGMT_POLICY_TYPE;

#define CLFS_MGMT_NUM_POLICIES ((ULONG)ClfsMgmtPolicyInvalid)
#define CLFS_LOG_SIZE_MINIMUM ((ULONGLONG)(0))
#define CLFS_LOG_SIZE_MAXIMUM ((ULONGLONG)(-1))

#define CLFS_MGMT_POLICY_VERSION (0x01)
#define LOG_POLICY_OVERWRITE (0x01)
/* Never implemented by Microsoft; refused with STATUS_NOT_SUPPORTED. */
#define LOG_POLICY_PERSIST (0x02)

/*
 * One policy. LengthInBytes counts the whole structure with the bytes of a string, which begin at PrefixString or
 * ExtensionString and need no NUL. Of two fields in one policy, one must be 0.
 */
typedef struct _CLFS_MGMT_POLICY {
    ULONG Version;
    ULONG LengthInBytes;
    ULONG PolicyFlags;
    CLFS_MGMT_POLICY_TYPE PolicyType;
    union {
        struct {
            ULONG Containers;
        } MaximumSize;
        struct {
            ULONG Containers;
        } MinimumSize;
        struct {
            ULONG SizeInBytes;
        } NewContainerSize;
        struct {
            ULONG AbsoluteGrowthInContainers;
            ULONG RelativeGrowthPercentage;
        } GrowthRate;
        struct {
            ULONG MinimumAvailablePercentage;
            ULONG MinimumAvailableContainers;
        } LogTail;
        struct {
            ULONG Percentage;
        } AutoShrink;
        struct {
            ULONG Enabled;
        } AutoGrow;
        struct {
            USHORT PrefixLengthInBytes;
            WCHAR PrefixString[1];
        } NewContainerPrefix;
        struct {
            ULONGLONG NextContainerSuffix;
        } NewContainerSuffix;
        struct {
            USHORT ExtensionLengthInBytes;
            WCHAR ExtensionString[1];
        } NewContainerExtension;
    } PolicyParameters;
} CLFS_MGMT_POLICY, *PCLFS_MGMT_POLICY;

/* Of Windows' user-mode interface; nothing here takes them. */
typedef enum _CLFS_MGMT_NOTIFICATION_TYPE {
    ClfsMgmtAdvanceTailNotification,
    ClfsMgmtLogFullHandlerNotification,
    ClfsMgmtLogUnpinnedNotification,
    ClfsMgmtLogWriteNotification
} CLFS_MGMT_NOTIFICATION_TYPE, *PCLFS_MGMT_NOTIFICATION_TYPE;

typedef struct _CLFS_MGMT_NOTIFICATION {
    CLFS_MGMT_NOTIFICATION_TYPE Notification;
    CLFS_LSN Lsn;
    USHORT LogIsPinned;
} CLFS_MGMT_NOTIFICATION, *PCLFS_MGMT_NOTIFICATION;

/* Names a registered client: opaque, never followed, and not used again after deregistration. */
typedef PVOID CLFS_MGMT_CLIENT, *PCLFS_MGMT_CLIENT;

/*
 * "Move your base to TargetLsn or beyond." May come at any time, also before registration returns. Do the least here:
 * note the target, wake a thread, return STATUS_PENDING; never return STATUS_SUCCESS, even if the base has moved.
 * The answer is the base's move or ClfsMgmtTailAdvanceFailure; an error returned counts as the latter. TargetLsn need
 * not name a record; the pointer is valid only during the call. Do not resize the log in it. IRQL: <= APC_LEVEL.
 */
typedef _Function_class_(CLFS_CLIENT_ADVANCE_TAIL_CALLBACK) _IRQL_requires_max_(APC_LEVEL) NTSTATUS (
    *PCLFS_CLIENT_ADVANCE_TAIL_CALLBACK)(_In_ PLOG_FILE_OBJECT LogFile, _In_ PCLFS_LSN TargetLsn,
                                         _In_ PVOID ClientData);

/*
 * Ends a log-full request: once for each ClfsMgmtHandleLogFileFull that returned STATUS_PENDING, possibly before it
 * returned. OperationStatus: STATUS_SUCCESS, or why there is no space. LogIsPinned: a tail still holds the log; with
 * an error, PCLFS_CLIENT_LOG_UNPINNED_CALLBACK follows when space comes free. IRQL: <= APC_LEVEL.
 */
typedef _Function_class_(CLFS_CLIENT_LFF_HANDLER_COMPLETE_CALLBACK) _IRQL_requires_max_(APC_LEVEL) VOID (
    *PCLFS_CLIENT_LFF_HANDLER_COMPLETE_CALLBACK)(_In_ PLOG_FILE_OBJECT LogFile, _In_ NTSTATUS OperationStatus,
                                                 _In_ BOOLEAN LogIsPinned, _In_ PVOID ClientData);

/* A log that was reported pinned has space again; at most once per such report, and after it. IRQL: <= APC_LEVEL. */
typedef _Function_class_(CLFS_CLIENT_LOG_UNPINNED_CALLBACK) _IRQL_requires_max_(APC_LEVEL) VOID (
    *PCLFS_CLIENT_LOG_UNPINNED_CALLBACK)(_In_ PLOG_FILE_OBJECT LogFile, _In_ PVOID ClientData);

/* Documented as not used, and never called: resizing ends before its routine returns. Pass NULL. */
typedef VOID (*PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK)(_In_ PLOG_FILE_OBJECT LogFile, _In_ NTSTATUS OperationStatus,
                                                     _In_ PVOID ClientData);

#define CLFS_MGMT_CLIENT_REGISTRATION_VERSION (0x1)

/* AdvanceTailCallback is required, the others may be NULL. Each callback has its own data, which is passed as it is. */
typedef struct _CLFS_MGMT_CLIENT_REGISTRATION {
    ULONG Version;
    PCLFS_CLIENT_ADVANCE_TAIL_CALLBACK AdvanceTailCallback;
    PVOID AdvanceTailCallbackData;
    PCLFS_CLIENT_LFF_HANDLER_COMPLETE_CALLBACK LogGrowthCompleteCallback;
    PVOID LogGrowthCompleteCallbackData;
    PCLFS_CLIENT_LOG_UNPINNED_CALLBACK LogUnpinnedCallback;
    PVOID LogUnpinnedCallbackData;
} CLFS_MGMT_CLIENT_REGISTRATION, *PCLFS_MGMT_CLIENT_REGISTRATION;

/* ---- Base routines -------------------------------------------------------------------------------------------------
 * Every routine below may also return, and its comment does not repeat:
 *   STATUS_INVALID_PARAMETER        a required pointer is NULL; a log file object, marshalling area or LSN is none; a
 *                                   flag, class or mode is unknown; a buffer at NULL has a size
 *   STATUS_ACCESS_DENIED            the log was opened without the access that the routine needs
 *   STATUS_INSUFFICIENT_RESOURCES   no memory
 *   STATUS_LOG_STATE_INVALID        the log was stopped by an earlier failure to write it, or is closed, or was opened
 *                                   by the process that this one was forked from
 *   a status of the file system
 * With any status but a success nothing has changed and no output was written, unless the comment says otherwise.
 */

/* The smallest LSN, and the one above all valid ones. */
extern CLFSUSER_API const CLFS_LSN CLFS_LSN_NULL;
extern CLFSUSER_API const CLFS_LSN CLFS_LSN_INVALID;

/*
 * Nobody needs to call them. ClfsInitialize makes ready what the first call of any other routine would;
 * ClfsFinalize does nothing. STATUS_SUCCESS, STATUS_INSUFFICIENT_RESOURCES. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsInitialize(void);

_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API VOID ClfsFinalize(void);

/*
 * Opens or creates a stream and, if need be, its physical log. Names: "log:<path>" (dedicated: one stream for life),
 * "log:<path>::<stream>" (a stream of a multiplexed log), "log:<path>::" (the multiplexed log itself); without ".blf".
 * fCreateDisposition: CREATE_NEW, OPEN_EXISTING, OPEN_ALWAYS. FILE_ATTRIBUTE_ARCHIVE makes a log with an archive tail.
 * fCreateOptions: FILE_SYNCHRONOUS_IO_ALERT or _NONALERT, not both; work is synchronous always. fLogOptionFlag:
 * CLFS_FLAG_IGNORE_SHARE_ACCESS; CLFS_FLAG_REENTRANT_FILE_SYSTEM, _REENTRANT_FILTER, _HIDDEN_SYSTEM_LOG change nothing.
 * The security descriptor is not used.
 * STATUS_NOT_SUPPORTED: CLFS_FLAG_NON_REENTRANT_FILTER or CLFS_FLAG_MINIFILTER_LEVEL, which ask for a target below a
 * filter (files are reached by their names, from above all filters); a new multiplexed log that is archived.
 * STATUS_OBJECT_NAME_INVALID: no such form of name. STATUS_OBJECT_NAME_COLLISION: CREATE_NEW, and it exists.
 * STATUS_OBJECT_NAME_NOT_FOUND, STATUS_OBJECT_PATH_NOT_FOUND: it, or its folder, does not exist. STATUS_LOG_DEDICATED,
 * STATUS_LOG_MULTIPLEXED: the log is of the other kind. STATUS_SHARING_VIOLATION: another opening forbids it.
 * STATUS_DELETE_PENDING: it is to be deleted. STATUS_LOG_METADATA_CORRUPT and its like: damaged. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsCreateLogFile(
    _Outptr_ PPLOG_FILE_OBJECT pplfoLog,
    _In_ PUNICODE_STRING puszLogFileName,
    _In_ ACCESS_MASK fDesiredAccess,
    _In_ ULONG dwShareMode,
    _In_opt_ PSECURITY_DESCRIPTOR psdLogFile,
    _In_ ULONG fCreateDisposition,
    _In_ ULONG fCreateOptions,
    _In_ ULONG fFlagsAndAttributes,
    _In_ ULONG fLogOptionFlag,
    _In_reads_bytes_opt_(cbContext) PVOID pvContext,
    _In_ ULONG cbContext);

/*
 * Closes the object; it is not used again. Marshalling areas, read contexts and clients made from it go on; with the
 * last of them and the last object the log closes. A status of the file system: the last records could not be written,
 * or a marked log not deleted; the object is closed all the same. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsCloseLogFileObject(
    _In_ PLOG_FILE_OBJECT plfoLog);

/*
 * Closes the object; when all objects of its stream are closed the stream is as if nothing had been written to it.
 * STATUS_ACCESS_DENIED, STATUS_LOG_MULTIPLEXED (the log itself, no stream of it): the object stays open. Else as
 * ClfsCloseLogFileObject. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsCloseAndResetLogFile(
    _In_ PLOG_FILE_OBJECT plfoLog);

/*
 * Marks the stream for deletion: it cannot be opened any more, and goes when it closes (see ClfsCloseLogFileObject); a
 * dedicated log with all its files, and a multiplexed one if the object is the log itself. The mark is kept in memory
 * only.
 * STATUS_ACCESS_DENIED: opened without DELETE. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsDeleteLogByPointer(
    _In_ PLOG_FILE_OBJECT plfoLog);

/*
 * Deletes a stream or a log by its name, at once if it is not open. pvReserved: NULL.
 * STATUS_SHARING_VIOLATION: it is open without FILE_SHARE_DELETE. STATUS_DELETE_PENDING: it is marked already.
 * fLogOptionFlag, and else: as ClfsCreateLogFile with OPEN_EXISTING. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsDeleteLogFile(
    _In_ PUNICODE_STRING puszLogFileName,
    _In_opt_ PVOID pvReserved,
    _In_ ULONG fLogOptionFlag,
    _In_reads_bytes_opt_(cbContext) PVOID pvContext,
    _In_ ULONG cbContext);

/*
 * Adds one container. pcbContainer: its size; required for the first one, whose size is rounded up (to 512 KiB, in a
 * multiplexed log to 1 MiB) and returned. Later ones are as large: NULL, or a size that is at least that when rounded
 * up. The path is absolute or begins with "%BLF%\".
 * STATUS_INVALID_PARAMETER: no size for the first, 0, too large, or, rounded up, smaller than the others.
 * STATUS_OBJECT_NAME_INVALID: no such path, or "." or ".." in it. STATUS_OBJECT_NAME_COLLISION: it exists.
 * STATUS_LOG_CONTAINER_LIMIT_EXCEEDED: there are 1,024. STATUS_DISK_FULL. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsAddLogContainer(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _Inout_opt_ PULONGLONG pcbContainer,
    _In_ PUNICODE_STRING puszContainerPath);

/*
 * Adds cContainers, all or none, also after a crash.
 * Errors: as ClfsAddLogContainer for the first that fails. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsAddLogContainerSet(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _In_ USHORT cContainers,
    _Inout_opt_ PULONGLONG pcbContainer,
    _In_reads_(cContainers) PUNICODE_STRING rguszContainerPath);

/*
 * Removes a container. fForce FALSE: an active one goes when the tail has passed it. TRUE: only an inactive one.
 * STATUS_LOG_CANT_DELETE: it is active and the removal forced, it is the last one, or its room is promised.
 * The path is the full one, or as it was added. STATUS_OBJECT_NAME_NOT_FOUND: the log has no container there.
 * IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsRemoveLogContainer(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _In_ PUNICODE_STRING puszContainerPath,
    _In_ BOOLEAN fForce);

/*
 * Removes cContainers, all or none, also after a crash.
 * Errors: as ClfsRemoveLogContainer for the first that fails; STATUS_OBJECT_NAME_NOT_FOUND also for one that is named
 * twice. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsRemoveLogContainerSet(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _In_ USHORT cContainers,
    _In_reads_(cContainers) PUNICODE_STRING rgwszContainerPath,
    _In_ BOOLEAN fForce);

/*
 * The full path of the container with this logical identifier, however it was added, into the caller's buffer (Length
 * is set). Its length in characters goes to pcActualLenContainerName, also with the warning.
 * STATUS_BUFFER_OVERFLOW: the buffer took a part. STATUS_OBJECT_NAME_NOT_FOUND: no such container.
 * IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsGetContainerName(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _In_ CLFS_CONTAINER_ID cidLogicalContainer,
    _Inout_ PUNICODE_STRING puszContainerName,
    _Out_opt_ PULONG pcActualLenContainerName);

/*
 * Begins a walk over the containers, at most cContainers per step, and takes no step yet. eScanMode: CLFS_SCAN_FORWARD
 * or CLFS_SCAN_BACKWARD; with CLFS_SCAN_INIT an open walk begins anew. Every walk is closed by ClfsScanLogContainers.
 * STATUS_INVALID_PARAMETER: also for no containers, or not one direction. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsCreateScanContext(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _In_ ULONG cFromContainer,
    _In_ ULONG cContainers,
    _In_ CLFS_SCAN_MODE eScanMode,
    _Inout_ PCLFS_SCAN_CONTEXT pcxScan);

/*
 * The next containers: cContainersReturned of them at pinfoContainer, until the next step. With CLFS_SCAN_CLOSE it ends
 * the walk, also after its log was closed. STATUS_NO_MORE_ENTRIES: there are none left. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsScanLogContainers(
    _Inout_ PCLFS_SCAN_CONTEXT pcxScan,
    _In_ CLFS_SCAN_MODE eScanMode);

/*
 * What the log is like now, by class. ClfsLogPhysicalLsnInformation takes a CLFS_PHYSICAL_LSN_INFORMATION in the input
 * buffer, the others take none. pcbInfoBuffer: in, the buffer's size; out, what was written or is needed.
 * STATUS_BUFFER_TOO_SMALL: the needed size is in *pcbInfoBuffer. STATUS_NOT_SUPPORTED: ClfsLogSystemMarkingInformation,
 * and physical LSNs asked of a stream. STATUS_LOG_RECORD_NONEXISTENT, STATUS_LOG_START_OF_LOG, STATUS_END_OF_FILE: not
 * the LSN of a record that is there. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsQueryLogFileInformation(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _In_ CLFS_LOG_INFORMATION_CLASS eInformationClass,
    _In_reads_bytes_opt_(cbinfoInputBuffer) PVOID pinfoInputBuffer,
    _In_ ULONG cbinfoInputBuffer,
    _Out_writes_bytes_opt_(*pcbInfoBuffer) PVOID pinfoBuffer,
    _Inout_ PULONG pcbInfoBuffer);

/*
 * The older form of ClfsQueryLogFileInformation, for ClfsLogBasicInformation only.
 * STATUS_BUFFER_TOO_SMALL: the needed size is in *pcbInfoBuffer. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsGetLogFileInformation(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _Out_ PCLFS_INFORMATION pinfoBuffer,
    _Inout_ PULONG pcbInfoBuffer);

/* STATUS_NOT_SUPPORTED for every class: nothing that is documented of a log can be set here. IRQL: <= APC_LEVEL. */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsSetLogFileInformation(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _In_ CLFS_LOG_INFORMATION_CLASS eInformationClass,
    _In_reads_bytes_(cbBuffer) PVOID pinfoBuffer,
    _In_ ULONG cbBuffer);

/*
 * Sets the archive tail: what lies below is archived and may be recycled. Durable when it returns.
 * STATUS_LOG_EPHEMERAL: the log is not archived. STATUS_LOG_TAIL_INVALID: below the archive tail, or behind the end.
 * STATUS_LOG_METADATA_FLUSH_FAILED: it could not be written. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsSetArchiveTail(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _In_ PCLFS_LSN plsnArchiveTail);

/* Not implemented, as Microsoft's: STATUS_NOT_SUPPORTED always. IRQL: <= APC_LEVEL. */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsSetEndOfLog(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _In_ PCLFS_LSN plsnEnd);

/*
 * How often, and how much, was flushed since the log was opened. eStatsClass is reserved: ClfsIoStatsDefault.
 * A buffer between the size of the header and that of CLFS_IO_STATISTICS gets the part that fits.
 * STATUS_BUFFER_TOO_SMALL: smaller than the header. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsGetIoStatistics(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _Inout_ PVOID pvStatsBuffer,
    _In_ ULONG cbStatsBuffer,
    _In_ CLFS_IOSTATS_CLASS eStatsClass,
    _Out_opt_ PULONG pcbStatsWritten);

/* ---- Marshalling areas: append, reserve, flush, restart, read ------------------------------------------------------
 */

/*
 * Makes a marshalling area: blocks of cbMarshallingBuffer bytes, rounded up to whole sectors, that records go through;
 * a block must hold a record. Both functions, or neither. Over Microsoft's clfs.sys they are called for the area's
 * blocks; a log of our own takes its own memory, which all areas of a stream share, and calls neither (decision 0010).
 * cMaxWriteBuffers: INFINITE, or any number; with 0 the area cannot write. cMaxReadBuffers: how many read contexts.
 * STATUS_LOG_NOT_ENOUGH_CONTAINERS: the log has fewer than two. STATUS_INVALID_PARAMETER: also for a size of 0, or too
 * large to be rounded up, and one function without the other. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsCreateMarshallingArea(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _In_ POOL_TYPE ePoolType,
    _In_opt_ PALLOCATE_FUNCTION pfnAllocBuffer,
    _In_opt_ PFREE_FUNCTION pfnFreeBuffer,
    _In_ ULONG cbMarshallingBuffer,
    _In_ ULONG cMaxWriteBuffers,
    _In_ ULONG cMaxReadBuffers,
    _Outptr_ PVOID *ppvMarshalContext);

/*
 * Ends the area: flushes its records and gives back its reservations. Its read contexts go on until they are ended.
 * A status of the file system: the flush failed; the area is gone all the same. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsDeleteMarshallingArea(
    _In_ PVOID pvMarshalContext);

/*
 * Appends one record of cWriteEntries pieces and reserves room for cReserveRecords more: all of it or nothing. Each
 * reservation is a record's data bytes, negative to give such a one back; it becomes what that takes in the log.
 * Without pieces it only reserves. fFlags: CLFS_FLAG_FORCE_APPEND, CLFS_FLAG_FORCE_FLUSH, CLFS_FLAG_USE_RESERVATION.
 * STATUS_LOG_FULL: no room; call ClfsMgmtHandleLogFileFull, then try again. STATUS_LOG_BLOCKS_EXHAUSTED: a record is
 * larger than a block. STATUS_LOG_SPACE_RESERVED_INVALID, STATUS_LOG_RECORDS_RESERVED_INVALID: more than is reserved.
 * STATUS_LOG_NOT_ENOUGH_CONTAINERS. STATUS_LOG_MULTIPLEXED: the log itself, not a stream of it.
 * STATUS_LOG_APPENDED_FLUSH_FAILED: appended and reserved, and the outputs are written, but the record did not get as
 * far as the flags ask; the log is stopped. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsReserveAndAppendLog(
    _In_ PVOID pvMarshalContext,
    _In_reads_opt_(cWriteEntries) PCLFS_WRITE_ENTRY rgWriteEntries,
    _In_ ULONG cWriteEntries,
    _In_opt_ PCLFS_LSN plsnUndoNext,
    _In_opt_ PCLFS_LSN plsnPrevious,
    _In_ ULONG cReserveRecords,
    _Inout_updates_opt_(cReserveRecords) PLONGLONG rgcbReservation,
    _In_ ULONG fFlags,
    _Out_opt_ PCLFS_LSN plsn);

/*
 * As ClfsReserveAndAppendLog, with each piece at a multiple of cbEntryAlignment in the record; gaps are zeros.
 * STATUS_INVALID_PARAMETER: also for an alignment of 0. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsReserveAndAppendLogAligned(
    _In_ PVOID pvMarshalContext,
    _In_reads_opt_(cWriteEntries) PCLFS_WRITE_ENTRY rgWriteEntries,
    _In_ ULONG cWriteEntries,
    _In_ ULONG cbEntryAlignment,
    _In_opt_ PCLFS_LSN plsnUndoNext,
    _In_opt_ PCLFS_LSN plsnPrevious,
    _In_ ULONG cReserveRecords,
    _Inout_updates_opt_(cReserveRecords) PLONGLONG rgcbReservation,
    _In_ ULONG fFlags,
    _Out_opt_ PCLFS_LSN plsn);

/*
 * The room that records of these data bytes need in the log: for ClfsAllocReservedLog.
 * STATUS_INVALID_PARAMETER: also for a size that is not above 0. STATUS_LOG_BLOCKS_EXHAUSTED: larger than a block.
 * STATUS_LOG_FULL: a block could hold it, but not with what is promised now. STATUS_LOG_MULTIPLEXED: the log itself.
 * IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsAlignReservedLog(
    _In_ PVOID pvMarshalContext,
    _In_ ULONG cRecords,
    _In_reads_(cRecords) LONGLONG rgcbReservation[],
    _Out_ PLONGLONG pcbAlignReservation);

/*
 * Reserves room for cRecords records, *pcbAdjustment bytes as ClfsAlignReservedLog told for as many.
 * STATUS_LOG_FULL: no room. STATUS_LOG_RECORDS_RESERVED_INVALID: no record. STATUS_LOG_SPACE_RESERVED_INVALID: no such
 * size for so many. STATUS_LOG_NOT_ENOUGH_CONTAINERS. STATUS_LOG_MULTIPLEXED. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsAllocReservedLog(
    _In_ PVOID pvMarshalContext,
    _In_ ULONG cRecords,
    _In_ PLONGLONG pcbAdjustment);

/*
 * Gives back room: cRecords records and -*pcbAdjustment bytes. A positive *pcbAdjustment says how much stays reserved,
 * for cRecords records. With the last record all room is given back.
 * STATUS_LOG_RECORDS_RESERVED_INVALID, STATUS_LOG_SPACE_RESERVED_INVALID: the area holds less. STATUS_LOG_MULTIPLEXED:
 * the log itself. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsFreeReservedLog(
    _In_ PVOID pvMarshalContext,
    _In_ ULONG cRecords,
    _In_ PLONGLONG pcbAdjustment);

/*
 * Makes every record of the area's stream durable. A status of the file system: it failed, and the log is stopped.
 * IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsFlushBuffers(
    _In_ PVOID pvMarshalContext);

/*
 * Makes every record up to plsnFlush, included, durable; all of them for CLFS_LSN_NULL. plsnLastFlushed: the records
 * below it are durable now. STATUS_INVALID_PARAMETER: also for an LSN that the stream has not reached.
 * STATUS_LOG_MULTIPLEXED: the log itself. Else as ClfsFlushBuffers. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsFlushToLsn(
    _In_ PVOID pvMarshalContext,
    _In_ PCLFS_LSN plsnFlush,
    _Out_opt_ PCLFS_LSN plsnLastFlushed);

/*
 * Moves the stream's base, and with it its tail: records below it are no longer needed. fFlags: 0.
 * This is how a client does what its advance-tail callback asked. The LSN need not be a record's; LastLsn is allowed.
 * STATUS_LOG_START_OF_LOG: below the base. STATUS_LOG_TAIL_INVALID: behind the end. STATUS_LOG_MULTIPLEXED: the log
 * itself has no tail. STATUS_LOG_METADATA_FLUSH_FAILED: it could not be written. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsAdvanceLogBase(
    _Inout_ PVOID pvMarshalContext,
    _In_ PCLFS_LSN plsnBase,
    _In_ ULONG fFlags);

/*
 * Appends a restart area, makes it durable and, with plsnBase, moves the base: all of it or nothing.
 * fFlags: 0 or CLFS_FLAG_USE_RESERVATION. pcbWritten: the room that it took. plsnNext: its LSN.
 * Errors: as ClfsReserveAndAppendLog and ClfsAdvanceLogBase, STATUS_LOG_FULL among them. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsWriteRestartArea(
    _Inout_ PVOID pvMarshalContext,
    _In_reads_bytes_(cbRestartBuffer) PVOID pvRestartBuffer,
    _In_ ULONG cbRestartBuffer,
    _In_opt_ PCLFS_LSN plsnBase,
    _In_ ULONG fFlags,
    _Out_opt_ PULONG pcbWritten,
    _Out_opt_ PCLFS_LSN plsnNext);

/*
 * The stream's newest restart area, and a read context that goes on from there. The buffer lives until the next read
 * with this context, or its end. STATUS_LOG_NO_RESTART: there is none; NT_SUCCESS is true then, and the outputs are
 * NULL, 0, CLFS_LSN_INVALID and no context. Else as ClfsReadLogRecord. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsReadRestartArea(
    _Inout_ PVOID pvMarshalContext,
    _Outptr_result_bytebuffer_(*pcbRestartBuffer) PVOID *ppvRestartBuffer,
    _Out_ PULONG pcbRestartBuffer,
    _Out_ PCLFS_LSN plsn,
    _Outptr_ PVOID *ppvReadContext);

/*
 * The restart area before the one that was read last in this context.
 * STATUS_LOG_START_OF_LOG: there is none. STATUS_LOG_READ_CONTEXT_INVALID: no such context, or it has read no restart
 * area. Else as ClfsReadLogRecord. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsReadPreviousRestartArea(
    _In_ PVOID pvReadContext,
    _Outptr_result_bytebuffer_(*pcbRestartBuffer) PVOID *ppvRestartBuffer,
    _Out_ PULONG pcbRestartBuffer,
    _Out_ PCLFS_LSN plsnRestart);

/*
 * Reads the record at *plsnFirst and begins a walk from it. The buffer lives until the next read with this context.
 * STATUS_LOG_START_OF_LOG: below the base. STATUS_END_OF_FILE: at or behind the end. STATUS_LOG_RECORD_NONEXISTENT: no
 * record's LSN. STATUS_LOG_READ_MODE_INVALID: no such mode. STATUS_LOG_BLOCKS_EXHAUSTED: the area has as many read
 * contexts as it may. STATUS_LOG_MULTIPLEXED: the log itself. STATUS_LOG_BLOCK_INVALID and its like: damaged.
 * IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsReadLogRecord(
    _In_ PVOID pvMarshalContext,
    _Inout_ PCLFS_LSN plsnFirst,
    _In_ CLFS_CONTEXT_MODE peContextMode,
    _Outptr_result_bytebuffer_(*pcbReadBuffer) PVOID *ppvReadBuffer,
    _Out_ PULONG pcbReadBuffer,
    _Out_ PCLFS_RECORD_TYPE peRecordType,
    _Out_ PCLFS_LSN plsnUndoNext,
    _Out_ PCLFS_LSN plsnPrevious,
    _Outptr_ PVOID *ppvReadContext);

/*
 * The next record of the walk, in its mode; plsnUser replaces the step. peRecordType: in, which kinds are wanted; out,
 * which it is. With an error the context stays where it was. STATUS_END_OF_FILE: there is none.
 * STATUS_LOG_START_OF_LOG: the chain goes on below the base. STATUS_LOG_READ_CONTEXT_INVALID: no such context.
 * Else as ClfsReadLogRecord. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsReadNextLogRecord(
    _Inout_ PVOID pvReadContext,
    _Outptr_result_bytebuffer_(*pcbBuffer) PVOID *ppvBuffer,
    _Out_ PULONG pcbBuffer,
    _Inout_ PCLFS_RECORD_TYPE peRecordType,
    _In_opt_ PCLFS_LSN plsnUser,
    _Out_ PCLFS_LSN plsnUndoNext,
    _Out_ PCLFS_LSN plsnPrevious,
    _Out_ PCLFS_LSN plsnRecord);

/*
 * Ends a read context and its buffers; a read that runs in it ends first.
 * STATUS_LOG_READ_CONTEXT_INVALID: no such context. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsTerminateReadLog(
    _In_ PVOID pvCursorContext);

/* ---- Log sequence numbers ------------------------------------------------------------------------------------------
 * Any IRQL. They read and compute only. For a NULL pointer: FALSE, 0, or CLFS_LSN_INVALID.
 */

/* Whether both are the same; the first is the smaller; the first is the larger. */
CLFSUSER_API BOOLEAN NTAPI ClfsLsnEqual(_In_ const CLFS_LSN *plsn1, _In_ const CLFS_LSN *plsn2);
CLFSUSER_API BOOLEAN NTAPI ClfsLsnLess(_In_ const CLFS_LSN *plsn1, _In_ const CLFS_LSN *plsn2);
CLFSUSER_API BOOLEAN NTAPI ClfsLsnGreater(_In_ const CLFS_LSN *plsn1, _In_ const CLFS_LSN *plsn2);

/* Whether it is CLFS_LSN_NULL; CLFS_LSN_INVALID. */
CLFSUSER_API BOOLEAN NTAPI ClfsLsnNull(_In_ const CLFS_LSN *plsn);
CLFSUSER_API BOOLEAN NTAPI ClfsLsnInvalid(_In_ const CLFS_LSN *plsn);

/* An LSN of its parts: offBlock in bytes, a multiple of 512; cRecord 0 to 511. CLFS_LSN_INVALID for other parts. */
CLFSUSER_API CLFS_LSN NTAPI ClfsLsnCreate(_In_ CLFS_CONTAINER_ID cidContainer, _In_ ULONG offBlock,
                                          _In_ ULONG cRecord);

/* The parts of an LSN: logical container, block's offset in bytes, number of the record in the block. */
CLFSUSER_API CLFS_CONTAINER_ID NTAPI ClfsLsnContainer(_In_ const CLFS_LSN *plsn);
CLFSUSER_API ULONG NTAPI ClfsLsnBlockOffset(_In_ const CLFS_LSN *plsn);
CLFSUSER_API ULONG NTAPI ClfsLsnRecordSequence(_In_ const CLFS_LSN *plsn);

/* The LSN right above, right below. CLFS_LSN_INVALID where there is none. */
CLFSUSER_API CLFS_LSN ClfsLaterLsn(_In_ PCLFS_LSN plsn);
CLFSUSER_API CLFS_LSN ClfsEarlierLsn(_In_ PCLFS_LSN plsn);

/*
 * The bytes between the blocks of two LSNs, in a log of containers of cbContainer bytes; up to cbMaxBlock too few.
 * STATUS_INVALID_PARAMETER: NULL, no valid LSN, the first above the second, or containers of no size.
 */
CLFSUSER_API NTSTATUS ClfsLsnDifference(
    _In_ PCLFS_LSN plsnStart,
    _In_ PCLFS_LSN plsnFinish,
    _In_ ULONG cbContainer,
    _In_ ULONG cbMaxBlock,
    _Out_ PLONGLONG pcbDifference);

/* ---- Management routines -------------------------------------------------------------------------------------------
 * Policies belong to the physical log and are shared by its streams. Each routine may also return
 * STATUS_INSUFFICIENT_RESOURCES (no memory), STATUS_UNSUCCESSFUL (management of this log has stopped), and
 * STATUS_LOG_STATE_INVALID (the log was opened by the process that this one was forked from).
 */

/*
 * Makes the caller a client of the log: its tail is watched and its callbacks may run, from this very call on.
 * A stream may have several. *ClientCookie names it, and the log stays open, until ClfsMgmtDeregisterManagedClient.
 * STATUS_INVALID_PARAMETER: no open log, RegistrationData or ClientCookie is NULL, Version is not
 * CLFS_MGMT_CLIENT_REGISTRATION_VERSION, or there is no AdvanceTailCallback. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtRegisterManagedClient(
    _In_ PLOG_FILE_OBJECT LogFile,
    _In_ PCLFS_MGMT_CLIENT_REGISTRATION RegistrationData,
    _Out_ PCLFS_MGMT_CLIENT ClientCookie);

/*
 * Ends a client. Waits for its callbacks that run in other threads; none runs afterwards, and open requests of it end
 * in silence. From within its own callback it does not wait, and none starts any more.
 * STATUS_INVALID_PARAMETER: NULL. STATUS_INVALID_PARAMETER_1: no such client, or not any more. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtDeregisterManagedClient(
    _In_ CLFS_MGMT_CLIENT ClientCookie);

/*
 * The client cannot move its tail as it was asked to. Reason goes to everybody whose request waits for it; a success
 * code is accepted. Until the base moves or this is called, the client is not asked again.
 * STATUS_INVALID_PARAMETER: NULL. STATUS_INVALID_PARAMETER_1: no such client. IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtTailAdvanceFailure(
    _In_ CLFS_MGMT_CLIENT Client,
    _In_ NTSTATUS Reason);

/*
 * The client found the log full: grow it by policy; if it cannot grow, ask clients to move their tails.
 * STATUS_SUCCESS: there is space; no callback follows. STATUS_PENDING: exactly one completion callback follows, or has
 * come already. STATUS_LOG_FULL_HANDLER_IN_PROGRESS: an earlier request of this client is open.
 * STATUS_INVALID_PARAMETER_1: NULL, or no such client. STATUS_INVALID_PARAMETER: it manages no log. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtHandleLogFileFull(
    _In_ CLFS_MGMT_CLIENT Client);

/*
 * Installs a policy, until the log's last user closes it. It acts later, when space is needed.
 * STATUS_INVALID_PARAMETER_1: no open log. _2: Policy is NULL. _3: PolicyLength below sizeof(CLFS_MGMT_POLICY).
 * STATUS_INVALID_PARAMETER: wrong Version or type, LengthInBytes or a string that does not fit, two fields of which one
 * must be 0, a percentage above 100. STATUS_NOT_SUPPORTED: a flag other than LOG_POLICY_OVERWRITE.
 * STATUS_LOG_POLICY_ALREADY_INSTALLED: one of this type is, and LOG_POLICY_OVERWRITE is not set.
 * STATUS_OBJECT_PATH_NOT_FOUND: a string that is too long. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtInstallPolicy(
    _In_ PLOG_FILE_OBJECT LogFile,
    _In_reads_bytes_(PolicyLength) PCLFS_MGMT_POLICY Policy,
    _In_ ULONG PolicyLength);

/*
 * The policy of this type that is installed; a default is not one. PolicyLength: in, the buffer's size; out, the
 * policy's. STATUS_INVALID_PARAMETER_1: no open log. _2: PolicyLength is NULL, or *PolicyLength is below
 * sizeof(CLFS_MGMT_POLICY). STATUS_INVALID_PARAMETER: no such type, or Policy is NULL. STATUS_BUFFER_TOO_SMALL: too
 * small for this policy's string. With both of these the needed size is in *PolicyLength.
 * STATUS_LOG_POLICY_NOT_INSTALLED. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtQueryPolicy(
    _In_ PLOG_FILE_OBJECT LogFile,
    _In_ CLFS_MGMT_POLICY_TYPE PolicyType,
    _Out_writes_bytes_opt_(*PolicyLength) PCLFS_MGMT_POLICY Policy,
    _Inout_ PULONG PolicyLength);

/*
 * Removes a policy: its default counts again.
 * STATUS_INVALID_PARAMETER_1: no open log. STATUS_INVALID_PARAMETER: no such type. STATUS_LOG_POLICY_NOT_INSTALLED.
 * IRQL: <= APC_LEVEL.
 */
_IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtRemovePolicy(
    _In_ PLOG_FILE_OBJECT LogFile,
    _In_ CLFS_MGMT_POLICY_TYPE PolicyType);

/*
 * Adds or removes containers until the log has *NewSizeInContainers, or as many as the MaximumSize policy allows:
 * compare ResultingSizeInContainers. 0 stands for the minimum, and removes nothing; 1,024 or more for the maximum.
 * Not from an advance-tail callback. The last two parameters are not used: NULL.
 * STATUS_INVALID_PARAMETER_1: no open log, or a size of 1. _2: NewSizeInContainers is NULL. STATUS_LOG_POLICY_INVALID:
 * minimum above maximum. STATUS_COULD_NOT_RESIZE_LOG: below the minimum, or not enough could be removed.
 * STATUS_LOG_POLICY_CONFLICT: no maximum for 1,024 or more, or not enough could be added. What was done before a
 * failure stays. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtSetLogFileSize(
    _In_ PLOG_FILE_OBJECT LogFile,
    _In_ PULONGLONG NewSizeInContainers,
    _Out_opt_ PULONGLONG ResultingSizeInContainers,
    _In_opt_ PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK CompletionRoutine,
    _In_opt_ PVOID CompletionRoutineData);

/*
 * The cookie's type in ClfsMgmtSetLogFileSizeAsClient, as the kit beside this header has it: by value since 26100,
 * before that, and in mingw's, PCLFS_MGMT_CLIENT, which means the same value: the cookie itself, never its address. C
 * takes cookie and (PCLFS_MGMT_CLIENT)cookie with either kit, C++ the latter.
 */
#if defined(WDK_NTDDI_VERSION) && WDK_NTDDI_VERSION < 0x0A000010
#define CLFSMGMT_COOKIE_TYPE PCLFS_MGMT_CLIENT
#else
#define CLFSMGMT_COOKIE_TYPE CLFS_MGMT_CLIENT
#endif

/*
 * As ClfsMgmtSetLogFileSize, and its statuses with the same numbers, on behalf of a client, which may be NULL.
 * STATUS_INVALID_PARAMETER: also for a cookie of no client of this log. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtSetLogFileSizeAsClient(
    _In_ PLOG_FILE_OBJECT LogFile,
    _In_opt_ CLFSMGMT_COOKIE_TYPE ClientCookie,
    _In_ PULONGLONG NewSizeInContainers,
    _Out_opt_ PULONGLONG ResultingSizeInContainers,
    _In_opt_ PCLFS_SET_LOG_SIZE_COMPLETE_CALLBACK CompletionRoutine,
    _In_opt_ PVOID CompletionRoutineData);
#endif /* !CLFSMGMT_BESIDE_WDK */

/* ---- Missing beside older settings of the WDK ----------------------------------------------------------------------
 */
#if !defined(CLFSMGMT_BESIDE_WDK) || NTDDI_VERSION < 0x0A000005
/*
 * As ClfsCreateMarshallingArea, with blocks at multiples of cAlignmentSize, a power of two or 0, and
 * CLFS_MARSHALLING_FLAG_*. In Microsoft's since Windows 10 1803. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsCreateMarshallingAreaEx(
    _In_ PLOG_FILE_OBJECT plfoLog,
    _In_ POOL_TYPE ePoolType,
    _In_opt_ PALLOCATE_FUNCTION pfnAllocBuffer,
    _In_opt_ PFREE_FUNCTION pfnFreeBuffer,
    _In_ ULONG cbMarshallingBuffer,
    _In_ ULONG cMaxWriteBuffers,
    _In_ ULONG cMaxReadBuffers,
    _In_ ULONG cAlignmentSize,
    _In_ ULONGLONG fFlags,
    _Outptr_ PVOID *ppvMarshalContext);
#endif

/* ---- Our extensions ------------------------------------------------------------------------------------------------
 * Not in Microsoft's: who uses them needs clfsmgmt.sys, the open clfs.sys or libclfsmgmt.
 */
/* Whose tail holds the log's oldest containers. */
typedef enum _CLFS_MGMTX_PIN_CAUSE {
    ClfsMgmtxPinClient = 0,     /* a registered client's */
    ClfsMgmtxPinStream = 1,     /* that of a stream which no registered client answers for */
    ClfsMgmtxPinArchiveTail = 2 /* the archive tail */
} CLFS_MGMTX_PIN_CAUSE, *PCLFS_MGMTX_PIN_CAUSE;

/* One holder of the log's oldest containers, and what was asked of it since it last did as asked. */
typedef struct _CLFS_MGMTX_PIN {
    UCHAR StreamIdentifier;  /* its stream; 0 for the physical log and for the archive tail */
    UCHAR Cause;             /* CLFS_MGMTX_PIN_CAUSE */
    USHORT Reserved;         /* 0 */
    ULONG TimesAsked;        /* how often it was asked to move */
    CLFS_LSN TailLsn;        /* where its tail is */
    CLFS_LSN TargetLsn;      /* to where it was last asked to move; CLFS_LSN_INVALID: it was not asked */
    LONGLONG AskedSince;     /* when it was first asked: 100 ns since 1601, UTC; 0: it was not asked */
    NTSTATUS LastRefusal;    /* what it last said when it could not; STATUS_SUCCESS: nothing */
    ULONG Reserved2;         /* 0 */
    CLFS_MGMT_CLIENT Client; /* its cookie; NULL where Cause is not ClfsMgmtxPinClient */
} CLFS_MGMTX_PIN, *PCLFS_MGMTX_PIN;

#define CLFS_MGMTX_STATISTICS_VERSION 1

/* What happened to the physical log since it was first opened. */
typedef struct _CLFS_MGMTX_STATISTICS {
    ULONG Version; /* in: CLFS_MGMTX_STATISTICS_VERSION */
    ULONG Reserved;
    ULONGLONG Requests;          /* log-full requests */
    ULONGLONG Succeeded;         /* of these, ended with space */
    ULONGLONG Pinned;            /* of these, ended by saying that the log is pinned */
    ULONGLONG Failed;            /* of these, ended with an error; the pinned ones are among them */
    ULONGLONG Asks;              /* times that a client was asked to move its tail */
    ULONGLONG Unpinned;          /* notifications that a pinned log has space again */
    ULONGLONG ContainersAdded;   /* by management, for whatever reason */
    ULONGLONG ContainersRemoved; /* likewise */
} CLFS_MGMTX_STATISTICS, *PCLFS_MGMTX_STATISTICS;

#define CLFS_MGMTX_RESOURCES_VERSION 1

/* What the image owns now. In user mode only Logs and Clients are counted, and the others are 0. */
typedef struct _CLFS_MGMTX_RESOURCES {
    ULONG Version; /* in: CLFS_MGMTX_RESOURCES_VERSION */
    ULONG Reserved;
    ULONGLONG PoolBlocks; /* blocks of pool with the image's own tag */
    ULONGLONG HeapBlocks; /* blocks of pool taken through the language's allocator */
    ULONGLONG Handles;    /* open handles: files and threads */
    ULONGLONG References; /* references on objects: log file objects, clients' security */
    ULONGLONG WorkItems;  /* pieces of work that are queued or under way */
    ULONGLONG Threads;    /* system threads; once started they run until the image goes */
    ULONGLONG Logs;       /* logs that are open or under management */
    ULONGLONG Clients;    /* registered clients */
} CLFS_MGMTX_RESOURCES, *PCLFS_MGMTX_RESOURCES;

/*
 * Who holds the log's oldest containers. PinCount: in, the room in Pins; out, how many there are.
 * STATUS_SUCCESS. STATUS_BUFFER_TOO_SMALL: the needed count is in *PinCount, and Pins is not written.
 * STATUS_INVALID_PARAMETER_1: no open log. _2: Pins is NULL, though *PinCount is not 0. _3: PinCount is NULL.
 * STATUS_INSUFFICIENT_RESOURCES: no memory. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtxQueryPins(
    _In_ PLOG_FILE_OBJECT LogFile,
    _Out_writes_to_opt_(*PinCount, *PinCount) PCLFS_MGMTX_PIN Pins,
    _Inout_ PULONG PinCount);

/*
 * What has happened to the log so far. The caller sets Version; the rest is written.
 * STATUS_SUCCESS. STATUS_INVALID_PARAMETER_1: no open log. _2: Statistics is NULL.
 * STATUS_INVALID_PARAMETER: Version is not CLFS_MGMTX_STATISTICS_VERSION. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtxQueryStatistics(
    _In_ PLOG_FILE_OBJECT LogFile,
    _Inout_ PCLFS_MGMTX_STATISTICS Statistics);

/*
 * Reads the first record at or above *plsnFirst, which need not be a record's, and begins a walk from it; *plsnFirst
 * becomes its LSN. Below the base it begins at the base: CLFS_LSN_NULL finds the stream's first record, also where the base
 * is no record's LSN. The buffer lives until the next read with this context. Of the open clfs.sys and libclfsmgmt only.
 * STATUS_END_OF_FILE: there is no record at or above it. Else as ClfsReadLogRecord. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtxReadLogRecordFrom(
    _In_ PVOID pvMarshalContext,
    _Inout_ PCLFS_LSN plsnFirst,
    _In_ CLFS_CONTEXT_MODE peContextMode,
    _Outptr_result_bytebuffer_(*pcbReadBuffer) PVOID *ppvReadBuffer,
    _Out_ PULONG pcbReadBuffer,
    _Out_ PCLFS_RECORD_TYPE peRecordType,
    _Out_ PCLFS_LSN plsnUndoNext,
    _Out_ PCLFS_LSN plsnPrevious,
    _Outptr_ PVOID *ppvReadContext);

/*
 * What the image owns now: for tests, and to find what was not given back. The caller sets Version; the rest is
 * written. The counts are read one after the other. It makes nothing, so it answers before anything was opened too, and after
 * the image's service has been stopped.
 * STATUS_SUCCESS. STATUS_INVALID_PARAMETER_1: Resources is NULL. STATUS_INVALID_PARAMETER: Version is not
 * CLFS_MGMTX_RESOURCES_VERSION. IRQL: <= APC_LEVEL.
 */
_Must_inspect_result_ _IRQL_requires_max_(APC_LEVEL)
CLFSUSER_API NTSTATUS ClfsMgmtxQueryResources(_Inout_ PCLFS_MGMTX_RESOURCES Resources);

#pragma pack(pop)

#if defined(__cplusplus)
}
#endif

#endif /* !CLFSMGMT_TOO_EARLY */
#endif /* CLFSMGMTX_H */
