#!/usr/bin/env python3
"""Shows that a linked image holds no code that panics: reads the linker's map, which lists what /OPT:REF left.

    check_panics.py MAP [IMAGE PDB]    with the image: who calls what is left, by llvm-objdump

A panic needs a message or a location, so it ends in one of the functions named below, whoever begins it. Where none of
them is in the image, no path leads to the panic handler.
"""

import re
import shutil
import subprocess
import sys

# Mangled names hold the path in one of two ways: 4core9panicking (legacy and v0 alike spell each part with its length).
SIGNS = (
    "core9panicking",
    "rust_begin_unwind",
    "rust_panic",
    "kernel_panic_handler",
    "capacity_overflow",
    "handle_alloc_error",
    "raw_vec12handle_error",
    "4core6option13unwrap_failed",
    "4core6option13expect_failed",
    "4core6result13unwrap_failed",
    "slice_index_fail",
    "slice_start_index",
    "slice_end_index",
    "slice_error_fail",
    "len_mismatch_fail",
    "KeBugCheckEx",
)

# " 0001:00000010       symbol       0000000180001010     object": section and offset, name, address, where from.
LINE = re.compile(r"^\s*[0-9a-f]{4}:[0-9a-f]{8}\s+(\S+)\s+([0-9a-f]{16})\s", re.IGNORECASE)


def symbols(text):
    """What the map lists: symbol → address."""
    return {match[1]: int(match[2], 16) for line in text.splitlines() if (match := LINE.match(line))}


def left(found):
    """The symbols that tell of panics."""
    return sorted(name for name in found if any(sign in name for sign in SIGNS))


def callers(disassembly, found, names):
    """Who calls these: callee → functions, from llvm-objdump's text and the addresses of the map."""
    wanted = {found[name]: name for name in names}
    starts = sorted((address, name) for name, address in found.items())
    result = {name: set() for name in names}
    for line in disassembly.splitlines():
        match = re.match(r"\s*([0-9a-f]+):.*\b(?:call|jmp)q?\s+0x([0-9a-f]+)", line)
        if match and (target := int(match[2], 16)) in wanted:
            at = int(match[1], 16)
            inside = [name for address, name in starts if address <= at][-1:]
            result[wanted[target]] |= set(inside)
    return result


def main(map_path, image=None):
    with open(map_path, encoding="utf-8") as file:
        found = symbols(file.read())
    if not found:
        sys.exit(f"check_panics.py: {map_path} lists no symbol")
    names = left(found)
    calls = {}
    if names and image:
        tool = shutil.which("llvm-objdump-19") or shutil.which("llvm-objdump")
        text = subprocess.run([tool, "-d", "--no-show-raw-insn", image], capture_output=True, text=True, check=True)
        calls = callers(text.stdout, found, names)
    for name in names:
        print(f"{name}\n    called by {', '.join(sorted(calls.get(name, []))) or 'nobody that is named'}")
    print(f"{len(found)} symbols, {len(names)} of panics")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
