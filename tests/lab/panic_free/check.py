#!/usr/bin/env python3
"""Shows that no panic is reachable from the library's operations, and that nobody has forgotten one.

Builds the package of this folder as the drivers are built, for speed and for size, and looks at what the optimiser
left. The panic handler calls a function that is defined nowhere: where nothing asks for it, no panic can be reached.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TARGET = ROOT / "target" / "panic-free"
IMAGE = TARGET / "release" / "libpanic_free.so"
# What the panic handler calls, and what every panic goes through on its way there.
HANDLER = "panic_is_reachable"
WAY = re.compile(rf"{HANDLER}|rust_begin_unwind|core9panicking|core(\[\w+\])?::panicking|::handle_error|capacity_overflow")
# Layers whose public operations a driver exports, and the sources that name them.
LAYERS = ("abi", "log", "manager", "library", "foreign")
SOURCES = ("handles.rs", "logs.rs", "management.rs", "others.rs", "words.rs")


def build(opt_level, *options):
    """Builds the image; gives back its symbols, name → kind as nm has it."""
    environment = os.environ | {"CARGO_PROFILE_RELEASE_OPT_LEVEL": opt_level}
    command = ["cargo", "build", "--quiet", "--locked", "--release", "--target-dir", TARGET, *options]
    subprocess.run(command, cwd=HERE, env=environment, check=True)
    lines = subprocess.run(["nm", IMAGE], capture_output=True, text=True, check=True).stdout.splitlines()
    return {line.split()[-1]: line.split()[-2] for line in lines}


def operations():
    """The operations that the sources name: each is an exported symbol."""
    texts = [(HERE / "src" / name).read_text(encoding="utf-8") for name in SOURCES]
    blocks = [text.split("operations! {")[1].split("\n}")[0] for text in texts]
    return [name for block in blocks for name in re.findall(r"^    (\w+)\(", block, re.M)]


def forgotten():
    """Public functions of the layers that no operation calls."""
    called = "".join(path.read_text(encoding="utf-8") for path in (HERE / "src").glob("*.rs"))
    sources = sorted(path for layer in LAYERS for path in (ROOT / "src" / layer).rglob("*.rs"))
    # Faults for tests are in no image.
    for path in (path for path in sources if path.name != "mutants.rs"):
        for name in re.findall(r"^(?:    )?pub (?:const )?fn (\w+)", path.read_text(encoding="utf-8"), re.M):
            if not re.search(rf"\b{name}\(", called):
                yield f"{path.relative_to(ROOT)}: {name}"


def is_panic(name):
    return bool(WAY.search(name))


def callers():
    """Where a panic is called from: places in the sources, innermost first."""
    text = subprocess.run(["objdump", "-dC", "--no-show-raw-insn", IMAGE], capture_output=True, text=True, check=True)
    inside, addresses = "", []
    for line in text.stdout.splitlines():
        if begin := re.match(r"[0-9a-f]+ <(.*)>:$", line):
            inside = begin[1]
        elif (call := re.match(r"\s*([0-9a-f]+):\s+(?:call|j)\w*\s.*?<(.*)>$", line)) and is_panic(call[2]):
            if not is_panic(inside):
                addresses.append(call[1])
    for address in addresses:
        command = ["addr2line", "-iCfpe", IMAGE, address]
        yield subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def judge(symbols, expected):
    """What is wrong with an image, in words."""
    missing = [name for name in expected if symbols.get(name) != "T"]
    if missing:
        return f"not in the image: {', '.join(missing)}"
    panics = sorted(filter(is_panic, symbols))
    return f"panic functions linked: {', '.join(panics)}" if panics else ""


def main():
    failed = 0

    def note(name, fault):
        nonlocal failed
        failed += bool(fault)
        print(f"FAIL {name}: {fault}" if fault else f"ok   {name}", flush=True)

    expected = operations()
    note("every public operation is looked at", "; ".join(forgotten()))
    for opt_level in ("3", "s"):
        fault = judge(build(opt_level), expected)
        note(f"opt-level {opt_level}: {len(expected)} operations, no panic function linked", fault)
        if fault:
            print("\n".join(callers()))
    spoilt = judge(build("3", "--features", "reachable-panic"), expected)
    seen = HANDLER in spoilt and any("panics_beyond_the_end" in place for place in callers())
    note("a reachable panic is found, with its place", "" if seen else f"it was not: {spoilt!r}")
    print(f"{4 - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
