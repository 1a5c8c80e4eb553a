#!/usr/bin/env python3
"""Makes the export table of an image exactly what its definition file says, or says what is not.

    exports.py check IMAGE DEFINITION    tells the names that only one of them has; 1 if there are any
    exports.py strip IMAGE DEFINITION    takes out of the table what the file does not name; before the image is signed

A linker takes exports from definition files and from directives in its input (`/EXPORT:` in a section .drectve), and a
file cannot take away what a directive has named. What rustc hands over as a file today (every `no_mangle` symbol,
those of wdk-sys too) it hands over as directives from some version on (rust-lang/rust, pull request 158294).

Standard library only.
"""

import pathlib
import struct
import sys

import tables

EXPORTS, SECURITY = 0, 4
# IMAGE_EXPORT_DIRECTORY: where the counts and the addresses of its three arrays are.
NUMBERS = struct.Struct("<6I")
NUMBERS_AT = 16


class Image:
    """A PE32+ image: what of it an export table takes."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.header = struct.unpack_from("<I", data, 0x3C)[0]
        if data[self.header:self.header + 4] != b"PE\0\0" or self.word(self.header + 24) != 0x20B:
            raise ValueError("not an image of 64 bits")
        first, count = self.header + 24 + self.word(self.header + 20), self.word(self.header + 6)
        self.sections = [struct.unpack_from("<4I", data, first + 40 * n + 8) for n in range(count)]

    def word(self, at):
        return struct.unpack_from("<H", self.data, at)[0]

    def number(self, at):
        return struct.unpack_from("<I", self.data, at)[0]

    def directory(self, which):
        """Address and size of a data directory."""
        return struct.unpack_from("<2I", self.data, self.header + 24 + 112 + 8 * which)

    def place(self, address):
        """Where in the file an address is."""
        for size, start, raw_size, raw in self.sections:
            if start <= address < start + max(size, raw_size):
                return address - start + raw
        raise ValueError(f"address {address:#x} is in no section")

    def text(self, address):
        at = self.place(address)
        return self.data[at:self.data.index(0, at)].decode()

    def update_checksum(self):
        """As the loader computes it: words, the carry added, and the length."""
        at = self.header + 24 + 64
        struct.pack_into("<I", self.data, at, 0)
        words = bytes(self.data) + b"\0" * (len(self.data) % 2)
        total = sum(struct.unpack(f"<{len(words) // 2}H", words))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        struct.pack_into("<I", self.data, at, total + len(self.data))


class Table:
    """The export table of an image."""

    def __init__(self, image):
        self.image = image
        address, size = image.directory(EXPORTS)
        if size == 0:
            raise ValueError("the image exports nothing")
        self.at = image.place(address) + NUMBERS_AT
        (_, _, count, functions, names, ordinals) = NUMBERS.unpack_from(image.data, self.at)
        self.functions, self.names_at, self.ordinals_at = map(image.place, (functions, names, ordinals))
        self.rows = [(image.number(self.names_at + 4 * n), image.word(self.ordinals_at + 2 * n)) for n in range(count)]

    def names(self):
        return [self.image.text(name) for name, _ in self.rows]

    def keep(self, wanted):
        """Takes out every other name: its row, its address if no name is left for it, and its text."""
        data = self.image.data
        kept = [row for row in self.rows if self.image.text(row[0]) in wanted]
        left = {ordinal for _, ordinal in kept}
        for name, ordinal in set(self.rows) - set(kept):
            at = self.image.place(name)
            data[at:data.index(0, at)] = bytes(data.index(0, at) - at)
            if ordinal not in left:
                struct.pack_into("<I", data, self.functions + 4 * ordinal, 0)
        for n in range(len(self.rows)):
            name, ordinal = kept[n] if n < len(kept) else (0, 0)
            struct.pack_into("<I", data, self.names_at + 4 * n, name)
            struct.pack_into("<H", data, self.ordinals_at + 2 * n, ordinal)
        # NumberOfNames.
        struct.pack_into("<I", data, self.at + 8, len(kept))
        self.rows = kept


def differences(names, wanted):
    return [f"{name} is exported and not in the definition file" for name in sorted(set(names) - wanted)] + [
        f"{name} is in the definition file and not exported" for name in sorted(wanted - set(names))]


def strip(data, wanted):
    """The image with no other exports than `wanted`; unchanged if there are none."""
    image = Image(data)
    table = Table(image)
    if set(table.names()) <= wanted:
        return data
    if image.directory(SECURITY)[1]:
        raise ValueError("the image is signed: take names out before")
    table.keep(wanted)
    image.update_checksum()
    return bytes(image.data)


def main(what, path, definition):
    path, wanted = pathlib.Path(path), set(tables.Definition(pathlib.Path(definition).read_text()).exports)
    if what == "strip":
        before, after = path.read_bytes(), strip(path.read_bytes(), wanted)
        if after != before:
            path.write_bytes(after)
    wrong = differences(Table(Image(path.read_bytes())).names(), wanted)
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("check", "strip"):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
