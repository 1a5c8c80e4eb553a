/* The device mapper, by its own calls: what `dmsetup` would do takes a process each time. */
#ifndef CLFSMGMT_POWER_MAPPER_H
#define CLFSMGMT_POWER_MAPPER_H

/* So many sectors of a device, in their order. */
typedef struct SEGMENT {
    unsigned long long sectors;
    const char *target, *parameters;
} SEGMENT;

/* Makes a device of these segments; 0 if that worked, as all of these. */
int make_device(const char *name, const SEGMENT *segments, unsigned count);

/* Gives the device other segments, while it is in use: nothing is flushed for it. */
int change_device(const char *name, const SEGMENT *segments, unsigned count);

int send_message(const char *name, const char *text);

#endif
