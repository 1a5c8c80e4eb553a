#!/usr/bin/env python3
"""The deepest chain of calls in an image, as far as the disassembly tells it: frames, pushed registers, return addresses.

    stack.py FOLDER NAME    target/driver clfs: the deepest chain, and those of the exported routines

A kernel stack has 24 KiB, of which callers and file systems below take theirs. Calls through pointers (clients, the kernel)
are not followed, and a chain that comes round again is cut: both are what a chain ends in.
"""

import bisect
import pathlib
import re
import sys

import code_of_image as code

# More than any real chain: the linker folds equal functions into one, so drops seem to lead to drops of other types.
CHAIN_MAX = 16 * 1024

INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*)$")
TARGET = re.compile(r"^0x([0-9a-f]+)")


def functions(text, found):
    """What each function takes besides its frame, and whom it calls: symbol → (bytes, symbols)."""
    starts = sorted((address, name) for name, address in found.items())
    addresses = [address for address, _ in starts]
    taken, called = {}, {}
    for line in text.splitlines():
        if not (match := INSTRUCTION.match(line)):
            continue
        place = bisect.bisect_right(addresses, int(match[1], 16)) - 1
        if place < 0:
            continue
        name = starts[place][1]
        taken.setdefault(name, 8)
        called.setdefault(name, set())
        if match[2].startswith("push"):
            taken[name] += 8
        elif match[2].startswith(("call", "j")) and (target := TARGET.match(match[3])):
            place = bisect.bisect_right(addresses, int(target[1], 16)) - 1
            # A jump inside the function is none to another.
            if place >= 0 and starts[place][1] != name:
                called[name].add(starts[place][1])
    return taken, called


def chains(taken, called, frames):
    """The deepest chain that begins in each function: symbol → (bytes, symbols)."""
    sys.setrecursionlimit(10_000)
    deepest, under_way = {}, set()

    def follow(name):
        if name in deepest:
            return deepest[name]
        if name in under_way:
            return 0, []
        under_way.add(name)
        below = max((follow(other) for other in sorted(called.get(name, ()))), key=lambda chain: chain[0], default=(0, []))
        under_way.discard(name)
        deepest[name] = (taken.get(name, 8) + frames.get(name, 0) + below[0], [name, *below[1]])
        return deepest[name]

    for name in sorted(taken):
        follow(name)
    return deepest


def of_image(text, found):
    return chains(*functions(text, found), code.frames(text, found))


def too_deep(found_chains, limit=CHAIN_MAX):
    """The deepest chain, where it is deeper than it may be."""
    size, names = max(found_chains.values(), key=lambda chain: chain[0], default=(0, []))
    return [] if size <= limit else [f"{size} bytes of stack: " + " > ".join(code.plain(name) for name in names)]


def main(folder, name):
    folder = pathlib.Path(folder).resolve()
    found = code.symbols((folder / name / "deps" / f"{name}.map").read_text())
    text = code.disassembly(folder / "package" / f"{name}.sys")
    frames, deepest = code.frames(text, found), of_image(text, found)
    size, chain = max(deepest.values(), key=lambda one: one[0])
    print(f"deepest: {size} bytes")
    for step in chain:
        print(f"{frames.get(step, 0):6} {code.plain(step)}")
    exported = sorted((one for one in deepest.items() if one[0].lower().startswith("clfs")), key=lambda one: -one[1][0])
    for routine, (size, _) in exported[:12]:
        print(f"{size:6} below {routine}")


if __name__ == "__main__":
    main(*sys.argv[1:])
