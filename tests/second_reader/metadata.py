"""The base log file of a CLFS log: its two copies, streams and containers.

Written from the published facts about the format alone, and shares no code with the library. Standard library only. It
asks little: what is read must be right, what is wrong is the other readers' subject. A fault is a `Damaged`.
"""

import struct
import uuid
import zlib

SECTOR = 512
INVALID = 0xFFFFFFFF_00000000
CLIENT_NODE, CONTAINER_NODE, SYMBOL_NODE = 0xC1FDF007, 0xC1FDF008, 0xC1FDF006
MULTIPLEXED = 0x40
# Where the base record has its slots, and how many.
CLIENT_SLOTS, CLIENT_COUNT = 0x138, 124
CONTAINER_SLOTS, CONTAINER_COUNT = 0x328, 1024
# A symbol lies right before its context.
SYMBOL_BYTES = 0x30
METADATA_SIGNATURE, DATA_SIGNATURE, FIRST, LAST = 0x10, 0x04, 0x40, 0x20


class Damaged(Exception):
    """Something is not as the format has it; the text says what."""


def number(data, at, size):
    """A little-endian number."""
    if at < 0 or at + size > len(data):
        raise Damaged(f"nothing at {at:#x}")
    return int.from_bytes(data[at : at + size], "little")


def sectors_of(block):
    return number(block, 4, 2)


def saved_bytes_offset(sectors):
    """Where the displaced last two bytes of each sector are kept."""
    return sectors * SECTOR - (2 * sectors + 7) // 8 * 8


def expected_signature(kind, index, sectors, usn):
    flag = (FIRST if index == 0 else 0) | (LAST if index == sectors - 1 else 0)
    return bytes([kind | flag, usn])


def decoded(block, kind):
    """The block with its sectors' own last bytes in place."""
    sectors, usn = sectors_of(block), number(block, 2, 1)
    if sectors == 0 or len(block) != sectors * SECTOR or bytes(block[:2]) != b"\x15\x00":
        raise Damaged("no block of version 15.0")
    for index in range(sectors):
        end = (index + 1) * SECTOR
        if block[end - 2 : end] != expected_signature(kind, index, sectors, usn):
            raise Damaged(f"the signature of sector {index}")
    saved = number(block, 0x68, 4)
    if saved != saved_bytes_offset(sectors):
        raise Damaged("the place of the saved bytes")
    out = bytearray(block)
    # In blocks of more than 256 sectors the array itself has signatures in it: from behind, each is whole when needed.
    for index in reversed(range(sectors)):
        end = (index + 1) * SECTOR
        out[end - 2 : end] = out[saved + 2 * index : saved + 2 * index + 2]
    return bytes(out)


def metadata_record(image, offset, size):
    """The record of a metadata block."""
    block = image[offset : offset + size]
    if len(block) != size or sectors_of(block) * SECTOR != size:
        raise Damaged(f"the block at {offset:#x} is not whole")
    plain = block[:0x0C] + bytes(4) + block[0x10:]
    if zlib.crc32(plain) != number(block, 0x0C, 4):
        raise Damaged(f"the checksum of the block at {offset:#x}")
    return decoded(block, METADATA_SIGNATURE)[number(block, 0x28, 4) :]


def newest(image, places):
    """The record with the higher dump count of those copies that are whole."""
    records, faults = [], []
    for offset, size in places:
        try:
            records.append(metadata_record(image, offset, size))
        except Damaged as fault:
            faults.append(str(fault))
    if not records:
        raise Damaged("; ".join(faults))
    return max(records, key=lambda record: number(record, 0, 8))


def name_of(record, context):
    """The name of a context: its symbol lies before it and says where."""
    symbol = context - SYMBOL_BYTES
    if number(record, symbol, 4) != SYMBOL_NODE:
        raise Damaged(f"no symbol at {symbol:#x}")
    start = end = number(record, symbol + 32, 4)
    while number(record, end, 2):
        end += 2
    return record[start:end].decode("utf-16-le", "replace")


def slots(record, start, count, node):
    for slot in range(count):
        offset = number(record, start + 4 * slot, 4)
        if not offset:
            continue
        if number(record, offset, 4) != node:
            raise Damaged(f"the context of slot {slot}")
        yield offset


def stream(record, at):
    fields = struct.unpack_from("<5Q", record, at + 64)
    archive_tail, base, last, restart, physical_base = fields
    return {
        "id": record[at + 8],
        "name": name_of(record, at),
        "archive_tail": archive_tail,
        "base": base,
        "last": last,
        "restart": restart,
        "physical_base": physical_base,
    }


def container(record, at):
    return {
        "name": name_of(record, at),
        "size": number(record, at + 8, 8),
        "physical_id": number(record, at + 16, 4),
        "logical_id": number(record, at + 20, 4),
        "usn": record[at + 32],
    }


class Metadata:
    """What a base log file says."""

    def __init__(self, image):
        control = newest(image, [(0, 0x400), (0x400, 0x400)])
        if number(control, 8, 8) != 0xC1F5C1F500005F1C:
            raise Damaged("the control record's magic")
        # Descriptors of 24 bytes: size at 8, file offset at 12. Numbers 2 and 3 are the general block and its shadow.
        places = [(number(control, at + 12, 4), number(control, at + 8, 4)) for at in (80 + 48, 80 + 72)]
        record = newest(image, places)
        self.dump_count = number(record, 0, 8)
        self.log_id = str(uuid.UUID(bytes_le=record[8:24]))
        self.is_multiplexed = bool(record[0x1332] & MULTIPLEXED)
        self.usn = record[0x1333]
        clients = slots(record, CLIENT_SLOTS, CLIENT_COUNT, CLIENT_NODE)
        self.streams = [stream(record, at) for at in clients]
        contexts = slots(record, CONTAINER_SLOTS, CONTAINER_COUNT, CONTAINER_NODE)
        self.containers = sorted((container(record, at) for at in contexts), key=lambda one: one["logical_id"])
