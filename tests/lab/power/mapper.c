#define _GNU_SOURCE
#include "mapper.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { CALL_BYTES = 1024 };

typedef union CALL {
    struct dm_ioctl head;
    char bytes[CALL_BYTES];
} CALL;

static int control = -1;

static int run(unsigned long request, const char *name, unsigned flags, CALL *call) {
    call->head.version[0] = 4;
    call->head.data_size = sizeof *call;
    call->head.data_start = sizeof call->head;
    call->head.flags = flags;
    snprintf(call->head.name, sizeof call->head.name, "%s", name);
    if (control < 0)
        control = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
    return ioctl(control, request, call);
}

static int load_table(const char *name, const SEGMENT *segments, unsigned count) {
    CALL call = {.head = {.target_count = count}};
    unsigned long long begin = 0;
    size_t at = sizeof call.head;
    for (unsigned number = 0; number < count; number++) {
        struct dm_target_spec line = {.sector_start = begin, .length = segments[number].sectors};
        char *parameters = call.bytes + at + sizeof line;
        size_t length = (size_t)snprintf(parameters, 100, "%s", segments[number].parameters) + 1;
        snprintf(line.target_type, sizeof line.target_type, "%s", segments[number].target);
        /* The next line's place, from this one's. */
        line.next = (unsigned)((sizeof line + length + 7) / 8 * 8);
        memcpy(call.bytes + at, &line, sizeof line);
        at += line.next;
        begin += line.length;
    }
    return run(DM_TABLE_LOAD, name, 0, &call);
}

int make_device(const char *name, const SEGMENT *segments, unsigned count) {
    CALL call = {0}, resume = {0};
    if (run(DM_DEV_CREATE, name, 0, &call) != 0 || load_table(name, segments, count) != 0)
        return -1;
    return run(DM_DEV_SUSPEND, name, 0, &resume);
}

int change_device(const char *name, const SEGMENT *segments, unsigned count) {
    CALL suspend = {0}, resume = {0};
    if (load_table(name, segments, count) != 0)
        return -1;
    int outcome = run(DM_DEV_SUSPEND, name, DM_SUSPEND_FLAG | DM_SKIP_LOCKFS_FLAG | DM_NOFLUSH_FLAG, &suspend);
    return run(DM_DEV_SUSPEND, name, 0, &resume) != 0 ? -1 : outcome;
}

int send_message(const char *name, const char *text) {
    CALL call = {0};
    /* A message begins with the sector that it is for; none here. */
    size_t at = sizeof call.head + sizeof(struct dm_target_msg);
    snprintf(call.bytes + at, sizeof call - at, "%s", text);
    return run(DM_TARGET_MSG, name, 0, &call);
}
