/* Streams of a log, opened, read and closed. */
#include "storm.h"

#include <stdio.h>
#include <string.h>

static UNICODE_STRING wide(const char *text, WCHAR *buffer) {
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at++)
        buffer[at] = (WCHAR)text[at];
    return (UNICODE_STRING){(USHORT)(length * sizeof(WCHAR)), (USHORT)(length * sizeof(WCHAR)), buffer};
}

NTSTATUS open_handle(const char *name, unsigned stream, ULONG disposition, HANDLE *handle) {
    char text[600];
    WCHAR buffer[600];
    snprintf(text, sizeof text, "log:%s::s%u", name, stream);
    UNICODE_STRING string = wide(text, buffer);
    *handle = (HANDLE){NULL, NULL};
    return ClfsCreateLogFile(&handle->file, &string, GENERIC_READ | GENERIC_WRITE, SHARE_ALL, NULL, disposition, 0,
                             FILE_ATTRIBUTE_NORMAL, 0, NULL, 0);
}

void close_handle(HANDLE *handle) {
    if (handle->area != NULL && ClfsDeleteMarshallingArea(handle->area) == STATUS_SUCCESS)
        handle->area = NULL;
    if (handle->file != NULL)
        (void)!ClfsCloseLogFileObject(handle->file);
    *handle = (HANDLE){NULL, NULL};
}

NTSTATUS get_information(PLOG_FILE_OBJECT file, CLFS_INFORMATION *information) {
    ULONG length = sizeof *information;
    memset(information, 0, sizeof *information);
    return ClfsGetLogFileInformation(file, information, &length);
}

NTSTATUS add_containers(PLOG_FILE_OBJECT file, unsigned count, ULONGLONG bytes) {
    CLFS_INFORMATION found;
    NTSTATUS status = get_information(file, &found);
    unsigned missing = status == STATUS_SUCCESS && found.TotalContainers < count ? count - found.TotalContainers : 0;
    for (unsigned number = 0; missing > 0 && number < 1000; number++) {
        char text[40];
        WCHAR buffer[40];
        snprintf(text, sizeof text, "%%BLF%%\\container-%02u", number);
        UNICODE_STRING string = wide(text, buffer);
        status = ClfsAddLogContainer(file, &bytes, &string);
        /* One of the log's, or a file that was made when power was lost, of which the log does not know. */
        if (status == STATUS_OBJECT_NAME_COLLISION)
            continue;
        if (status != STATUS_SUCCESS)
            break;
        missing--;
    }
    return status;
}

NTSTATUS read_all(const HANDLE *handle, int (*each)(void *state, CLFS_LSN lsn, const void *bytes, ULONG length),
                  void *state) {
    CLFS_INFORMATION found;
    NTSTATUS status = get_information(handle->file, &found);
    if (status != STATUS_SUCCESS)
        return status;
    PVOID bytes, context;
    ULONG length;
    CLFS_RECORD_TYPE type;
    CLFS_LSN lsn = found.BaseLsn, undo, previous;
    status = ClfsReadLogRecord(handle->area, &lsn, ClfsContextForward, &bytes, &length, &type, &undo, &previous,
                               &context);
    if (status != STATUS_SUCCESS)
        return status == STATUS_END_OF_FILE ? STATUS_SUCCESS : status;
    while (status == STATUS_SUCCESS) {
        if (type == ClfsDataRecord && !each(state, lsn, bytes, length))
            break;
        type = ClfsDataRecord;
        status = ClfsReadNextLogRecord(context, &bytes, &length, &type, NULL, &undo, &previous, &lsn);
    }
    (void)!ClfsTerminateReadLog(context);
    return status == STATUS_END_OF_FILE ? STATUS_SUCCESS : status;
}

NTSTATUS read_restart(const HANDLE *handle, CLFS_LSN *lsn, IDENTITY *identity, int *is_ours) {
    PVOID bytes, context;
    ULONG length;
    NTSTATUS status = ClfsReadRestartArea(handle->area, &bytes, &length, lsn, &context);
    if (status == STATUS_SUCCESS) {
        *is_ours = identify(bytes, length, identity);
        (void)!ClfsTerminateReadLog(context);
    }
    return status;
}
