"""What dm-log-writes recorded of a disk, in the order in which it became certain.

The form is the kernel's (Documentation/admin-guide/device-mapper/log-writes.rst, and `struct log_write_super` and
`log_write_entry` that it describes): a super block, then entries of one sector each, a write's bytes behind its own.
What was not flushed when a flush began is not before it in the record; a mark is behind what was certain then.
"""

import struct

MAGIC, VERSION = 0x6A736677736872, 1
SUPER, ENTRY = struct.Struct("<QQQI"), struct.Struct("<QQQQ")
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8


class Entry:
    """One write, flush or mark."""

    def __init__(self, sector, count, flags, at, mark):
        self.sector, self.count, self.flags, self.at, self.mark = sector, count, flags, at, mark

    def makes_certain(self):
        """Whether the disk said, when it was done, that something is certain."""
        return bool(self.flags & (FLUSH | FUA))


class WriteRecord:
    """The record in a file."""

    def __init__(self, path):
        self.file = open(path, "rb")
        magic, version, self.entries, self.sector_bytes = SUPER.unpack(self.file.read(SUPER.size))
        if (magic, version) != (MAGIC, VERSION):
            raise ValueError(f"{path} is no record of dm-log-writes")

    def __iter__(self):
        place = self.sector_bytes
        for _ in range(self.entries):
            self.file.seek(place)
            sector, count, flags, length = ENTRY.unpack(self.file.read(ENTRY.size))
            mark = self.file.read(length).rstrip(b"\0").decode() if flags & MARK else None
            place += self.sector_bytes
            yield Entry(sector, count, flags, place, mark)
            if not flags & DISCARD:
                place += count * self.sector_bytes

    def apply(self, entry, image):
        """Does to an image what was done to the disk."""
        begin, length = entry.sector * self.sector_bytes, entry.count * self.sector_bytes
        if entry.flags & DISCARD or length == 0:
            return
        self.file.seek(entry.at)
        image[begin:begin + length] = self.file.read(length)
