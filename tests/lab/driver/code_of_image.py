#!/usr/bin/env python3
"""The code of a linked image: what is left of panics in it, and how much stack its functions take.

    code_of_image.py FOLDER NAME    target/driver clfsmgmt: tells both, with the source lines

The linker's map lists what /OPT:REF left. A panic needs a message or a location, so it ends in one of the functions named
below, whoever begins it: where none of them is in the image, no path leads to the panic handler, and where
`handle_alloc_error` and its like are not, no memory is taken infallibly. A deep frame is as bad as a panic: a kernel stack
has 24 KiB, of which callers and file systems below take theirs.
"""

import pathlib
import re
import subprocess
import sys

import libraries

# Mangled names spell each part of a path with its length: 4core9panicking.
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
# Between these nothing is explained: one calls the other.
MACHINERY = ("rust_begin_unwind", "kernel_panic_handler", "KeBugCheckEx", "core9panicking9panic_fmt")
FRAME_MAX = 6 * 1024

# " 0001:00000010       symbol       0000000180001010     object": section and offset, name, address, where from.
LINE = re.compile(r"^\s*[0-9a-f]{4}:[0-9a-f]{8}\s+(\S+)\s+([0-9a-f]{16})\s", re.IGNORECASE)
CALL = re.compile(r"^\s*([0-9a-f]+):\s+(?:call|jmp|j[a-z]{1,2})q?\s+0x([0-9a-f]+)")
FRAME = re.compile(r"^\s*([0-9a-f]+):\s+(?:subq\s+\$0x([0-9a-f]+), %rsp|movl\s+\$0x([0-9a-f]+), %eax)")
PROBED = re.compile(r"^\s*[0-9a-f]+:\s+subq\s+%rax, %rsp")


def symbols(text):
    """What the map lists: symbol → address."""
    return {match[1]: int(match[2], 16) for line in text.splitlines() if (match := LINE.match(line))}


def disassembly(path):
    command = [libraries.tool("llvm-objdump"), "-d", "--no-show-raw-insn", path]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def panics(found):
    """The symbols that tell of panics."""
    return sorted(name for name in found if any(sign in name for sign in SIGNS))


def calls(text, target):
    """The addresses of the instructions that go to `target`."""
    return [int(match[1], 16) for line in text.splitlines()
            if (match := CALL.match(line)) and int(match[2], 16) == target]


def function_at(found, address):
    """The symbol that the address belongs to."""
    before = [(start, name) for name, start in found.items() if start <= address]
    return max(before)[1] if before else "?"


def lines_at(path, address):
    """The source lines of an address, from the PDB beside the image: what was inlined where, innermost first."""
    command = [libraries.tool("llvm-symbolizer"), f"--obj={path.name}", "--output-style=GNU", "--demangle",
               "--functions=short", "--relativenames", hex(address)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=path.parent)
    places = re.findall(r"(\S*\.rs):(\d+)", done.stdout)
    return " < ".join(f"{file.rpartition('/src/')[2]}:{line}" for file, line in places[:6])


def explain_panics(path, found, text):
    """Each symbol that tells of panics, with the places that call it."""
    told = []
    for name in panics(found):
        told.append(plain(name))
        if not any(part in name for part in MACHINERY):
            told += [f"    in {plain(function_at(found, at))}: {lines_at(path, at)}" for at in calls(text, found[name])]
    return told


def frames(text, found):
    """The stack that each function takes at once: symbol → bytes. A large frame is probed before it is taken."""
    taken, waiting = {}, None
    starts = sorted((address, name) for name, address in found.items())
    names, place = [name for _, name in starts], 0
    for line in text.splitlines():
        if waiting and PROBED.match(line):
            address, size = waiting
        elif (match := FRAME.match(line)) and match[2]:
            address, size = int(match[1], 16), int(match[2], 16)
        else:
            waiting = (int(match[1], 16), int(match[3], 16)) if match else waiting
            continue
        waiting = None
        while place + 1 < len(starts) and starts[place + 1][0] <= address:
            place += 1
        taken[names[place]] = max(taken.get(names[place], 0), size)
    return taken


def deep(taken, limit=FRAME_MAX):
    return [f"{plain(name)} takes {size} bytes of stack" for name, size in sorted(taken.items()) if size > limit]


def plain(name):
    """A mangled name as one reads it."""
    command = [libraries.tool("llvm-cxxfilt"), name]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return text if len(text) <= 120 else f"{text[:70]} … {text[-40:]}"


def main(folder, name):
    folder = pathlib.Path(folder).resolve()
    path = folder / "package" / f"{name}.sys"
    found, text = symbols((folder / name / "deps" / f"{name}.map").read_text()), disassembly(path)
    print(*explain_panics(path, found, text), sep="\n")
    for function, size in sorted(frames(text, found).items(), key=lambda item: -item[1])[:20]:
        print(f"{size:6} bytes of stack: {plain(function)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
