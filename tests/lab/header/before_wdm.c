/* The mistake that is to be told in one sentence: our header before <wdm.h>. */
#include "clfsmgmtx.h"
#include <wdm.h>

NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path);

NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    (void)driver, (void)path;
    return STATUS_SUCCESS;
}
