#!/usr/bin/env python3
"""Makes the folder of drivers of one stack: our images as they are shipped, for a kernel that is Wine's.

    sysroot.py STACK PACKAGE COMPANION FOLDER

One thing is changed in each image: the module that its import table calls "ntoskrnl.exe" is called "vmkernel.exe", the
shim in `shims/vmkernel`. In the stack "interposed", clfs.sys has the names of management taken out of its export table
too: it stands for Microsoft's, below ours.
"""

import pathlib
import struct
import sys

import pefile

KERNEL, SHIM = b"ntoskrnl.exe", b"vmkernel.exe"
MANAGEMENT = "ClfsMgmt"
STACKS = {"open": ("clfs",), "interposed": ("clfs", "clfsmgmt")}


class Wrong(Exception):
    """What was found is not what may be loaded."""


def import_modules(pe):
    """Module name → the places in the file where the import table spells it."""
    places = {}
    for entry in getattr(pe, "DIRECTORY_ENTRY_IMPORT", []):
        places.setdefault(entry.dll, []).append(pe.get_offset_from_rva(entry.struct.Name))
    return places


def rename_kernel(data):
    """The image with the other module's name; the rest as it was."""
    changed = bytearray(data)
    places = import_modules(pefile.PE(data=data)).get(KERNEL, [])
    if not places:
        raise Wrong("imports nothing of ntoskrnl.exe")
    for place in places:
        changed[place:place + len(SHIM)] = SHIM
    return bytes(changed)


def without_management(data):
    """The image whose export table lacks the names that begin with ClfsMgmt; their code stays, unreachable by name."""
    pe = pefile.PE(data=data)
    table = pe.DIRECTORY_ENTRY_EXPORT
    fields = table.struct
    names = [(pe.get_dword_at_rva(fields.AddressOfNames + 4 * at), pe.get_word_at_rva(fields.AddressOfNameOrdinals + 2 * at))
             for at in range(fields.NumberOfNames)]
    kept = [(name, ordinal) for name, ordinal in names
            if not pe.get_string_at_rva(name).decode().startswith(MANAGEMENT)]
    if len(kept) == len(names):
        raise Wrong("exports no management that could be taken out")
    changed = bytearray(data)
    count = fields.get_file_offset() + 24
    struct.pack_into("<I", changed, count, len(kept))
    for at in range(len(names)):
        name, ordinal = kept[at] if at < len(kept) else (0, 0)
        struct.pack_into("<I", changed, pe.get_offset_from_rva(fields.AddressOfNames) + 4 * at, name)
        struct.pack_into("<H", changed, pe.get_offset_from_rva(fields.AddressOfNameOrdinals) + 2 * at, ordinal)
    # By ordinal they are not to be had either.
    gone = {ordinal for _, ordinal in names} - {ordinal for _, ordinal in kept}
    for ordinal in gone:
        struct.pack_into("<I", changed, pe.get_offset_from_rva(fields.AddressOfFunctions) + 4 * ordinal, 0)
    return bytes(changed)


def only_renamed(before, after):
    """Whether the files are the same byte by byte but for the module's name in one place, looked at without what made the
    change."""
    at = next((at for at, (one, other) in enumerate(zip(before, after)) if one != other), None)
    return (at is not None and before[at:at + len(KERNEL) + 1] == KERNEL + b"\0"
            and after == before[:at] + SHIM + before[at + len(KERNEL):])


def only_unexported(before, after):
    """Whether the files are the same byte by byte but for the export table (the number of names, the three lists), and what
    the second one exports is in the first one at the same address."""
    pe = pefile.PE(data=before)
    fields = pe.DIRECTORY_ENTRY_EXPORT.struct
    places = [(fields.get_file_offset() + 24, 4)] + [
        (pe.get_offset_from_rva(start), size * number) for start, size, number in (
            (fields.AddressOfFunctions, 4, fields.NumberOfFunctions), (fields.AddressOfNames, 4, fields.NumberOfNames),
            (fields.AddressOfNameOrdinals, 2, fields.NumberOfNames))]
    blank = [bytearray(before), bytearray(after)]
    for start, size in places:
        for one in blank:
            one[start:start + size] = bytes(size)
    return blank[0] == blank[1] and addresses(after).items() <= addresses(before).items()


def imports(data):
    """Module → the names that an image takes from it."""
    found = {}
    for entry in getattr(pefile.PE(data=data), "DIRECTORY_ENTRY_IMPORT", []):
        found.setdefault(entry.dll.decode().lower(), set()).update(symbol.name.decode() for symbol in entry.imports)
    return found


def addresses(data):
    """Exported name → where it leads to."""
    return {symbol.name.decode(): symbol.address for symbol in pefile.PE(data=data).DIRECTORY_ENTRY_EXPORT.symbols if symbol.name}


def exports(data):
    return set(addresses(data))


def build(stack, package, companion):
    """File name → (as it is shipped, as it is loaded) of the stack's images."""
    sources = {f"{name}.sys": (package / f"{name}.sys").read_bytes() for name in STACKS[stack]}
    if companion is not None:
        sources["clfsclient.sys"] = companion.read_bytes()
    images = {name: (data, rename_kernel(data)) for name, data in sources.items()}
    if stack == "interposed":
        before, after = images["clfs.sys"]
        images["clfs.sys"] = (before, without_management(after))
    return images


def check(stack, images):
    """(sentence, is true) for everything that must hold of the images."""
    loaded = {name: after for name, (_, after) in images.items()}
    for name, (before, after) in images.items():
        if (stack, name) != ("interposed", "clfs.sys"):
            yield f"{name} is the one that is shipped, but for the name of the kernel's module", only_renamed(before, after)
    provided = {name: exports(data) for name, data in loaded.items() if name != "clfsclient.sys"}
    for name, data in loaded.items():
        for module, names in imports(data).items():
            if module in loaded:
                lacking = sorted(names - provided.get(module, set()))
                yield f"{name} finds in {module} all {len(names)} names that it imports {' '.join(lacking)}".rstrip(), not lacking
    if stack == "interposed":
        before, after = images["clfs.sys"]
        gone = exports(before) - exports(after)
        is_right = bool(gone) and gone == {name for name in exports(before) if name.startswith(MANAGEMENT)}
        yield f"the clfs.sys below lacks the {len(gone)} names of management, and no other", is_right
        yield ("nothing else of it was changed, but for the name of the kernel's module",
               only_unexported(rename_kernel(before), after))
    if "clfsclient.sys" in loaded:
        manager = "clfsmgmt.sys" if stack == "interposed" else "clfs.sys"
        taken = {module: {n for n in names if n.startswith(MANAGEMENT)} for module, names in imports(loaded["clfsclient.sys"]).items()}
        modules = {module for module, names in taken.items() if names}
        yield f"the companion takes its management from {manager} alone", modules == {manager}


def main():
    stack, package, companion, folder = sys.argv[1], *map(pathlib.Path, sys.argv[2:5])
    images = build(stack, package, companion if companion.exists() else None)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (_, after) in images.items():
        (folder / name).write_bytes(after)
    failed = 0
    for sentence, is_true in check(stack, images):
        print(f"{'ok  ' if is_true else 'FAIL'} {stack}: {sentence}")
        failed += not is_true
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
