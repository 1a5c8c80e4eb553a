/* What a record holds: who wrote it, and bytes that follow from that. */
#include "storm.h"

#include <string.h>

enum { MAGIC = 0x4D524F53 };

typedef struct HEAD {
    uint32_t magic, length;
    IDENTITY identity;
    uint64_t sum;
} HEAD;

static uint64_t mix(uint64_t value) {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static uint64_t seed_of(IDENTITY identity) {
    return mix(identity.number + mix(((uint64_t)identity.life << 32) | identity.writer));
}

/* Most are small; one in 32 is of nearly a block. */
static uint32_t length_of(uint64_t seed) {
    uint32_t most = seed % 32 == 0 ? RECORD_BYTES_MAX : seed % 8 == 0 ? 9000 : 700;
    return (uint32_t)(sizeof(HEAD) + (seed >> 8) % (most - sizeof(HEAD)));
}

static void spell(uint64_t seed, UCHAR *bytes, size_t length) {
    for (size_t at = 0; at < length; at += sizeof seed) {
        seed += 0x9E3779B97F4A7C15u;
        uint64_t word = mix(seed);
        memcpy(bytes + at, &word, length - at < sizeof word ? length - at : sizeof word);
    }
}

ULONG make_record(IDENTITY identity, UCHAR *bytes) {
    uint64_t seed = seed_of(identity);
    HEAD head = {MAGIC, length_of(seed), identity, seed};
    memcpy(bytes, &head, sizeof head);
    spell(seed, bytes + sizeof head, head.length - sizeof head);
    return head.length;
}

int identify(const void *bytes, size_t length, IDENTITY *identity) {
    static _Thread_local UCHAR expected[RECORD_BYTES_MAX];
    HEAD head;
    if (length < sizeof head)
        return 0;
    memcpy(&head, bytes, sizeof head);
    *identity = head.identity;
    return head.magic == MAGIC && make_record(head.identity, expected) == length &&
           memcmp(bytes, expected, length) == 0;
}
