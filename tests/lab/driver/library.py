"""Reads import libraries: archives of short import objects."""

import struct

CODE, DATA = 0, 1


def members(data):
    """(name, content) of each member of an archive."""
    if not data.startswith(b"!<arch>\n"):
        raise ValueError("not an archive")
    at = 8
    while at + 60 <= len(data):
        name, size = data[at:at + 16].rstrip(), int(data[at + 48:at + 58])
        yield name, data[at + 60:at + 60 + size]
        at += 60 + size + size % 2


def index(data):
    """The symbols that the linker finds in the library: its first member."""
    content = next(members(data))[1]
    count = struct.unpack_from(">I", content)[0]
    return [name.decode() for name in content[4 + 4 * count:].split(b"\0")[:count]]


def imports(data):
    """The short import objects: (machine, symbol, module, is data), one for each name."""
    found = []
    for _, content in members(data):
        if content[:4] != b"\0\0\xff\xff":
            continue
        machine, kind = struct.unpack_from("<H", content, 6)[0], struct.unpack_from("<H", content, 18)[0] & 3
        symbol, module = content[20:].split(b"\0")[:2]
        found.append((machine, symbol.decode(), module.decode(), kind == DATA))
    return found


def compare(data, machine, wanted):
    """The library binds exactly `wanted`, name → (module, is data); data is reached through `__imp_` only."""
    wrong, found = [], {}
    for its_machine, symbol, module, is_data in imports(data):
        if its_machine != machine:
            wrong.append(f"{symbol} is for machine {its_machine:#x}")
        if symbol in found:
            wrong.append(f"{symbol} is there twice")
        found[symbol] = (module, is_data)
    for name in sorted(found.keys() | wanted.keys()):
        if found.get(name) != wanted.get(name):
            wrong.append(f"{name} is bound to {found.get(name)}, and should be to {wanted.get(name)}")
    symbols = index(data)
    for name, (_, is_data) in sorted(wanted.items()):
        if f"__imp_{name}" not in symbols:
            wrong.append(f"the index lacks __imp_{name}")
        if (name in symbols) == is_data:
            wrong.append(f"the index {'holds' if is_data else 'lacks'} {name}")
    return wrong
