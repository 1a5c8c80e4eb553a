#!/usr/bin/env python3
"""Checks what tools/driver/build made: images and their code, import libraries, names. Prints one line for each check.

    check.py [FOLDER]    target/driver
"""

import pathlib
import sys
import tempfile

import code_of_image as code
import image
import libraries
import library
import names
import smoke
import stack
import tables

SIZE_AIM = 96 * 1024
MACHINES = {"": 0x8664, "arm64": 0xAA64}


class Outcome:
    """Counts checks, and prints them."""

    def __init__(self):
        self.passed = self.failed = 0

    def __call__(self, what, wrong):
        if wrong:
            self.failed += 1
            print(f"FAIL {what}", *wrong, sep="\n     ")
        else:
            self.passed += 1
            print(f"ok   {what}")


def check_image(outcome, name, pe, folder):
    file = f"{name}.sys"
    outcome(f"{file}: exports are the golden list",
            image.compare_exports(file, *_golden_and_found(file, pe)))
    outcome(f"{file}: machine, subsystem, characteristics", image.headers(pe))
    outcome(f"{file}: no section is writable and executable", image.sections(pe))
    outcome(f"{file}: relocations", image.relocations(pe))
    outcome(f"{file}: checksum", image.checksum(pe))
    outcome(f"{file}: its PDB is beside it", image.pdb(pe, folder / f"{name}.pdb"))


def _golden_and_found(file, pe):
    module, found = image.exports(pe)
    return module, tables.listed(f"{file}.txt"), found


def check_libraries(outcome, package):
    ours = {n: ("clfs.sys", d) for n, d in tables.definition("clfs").public().items()}
    over = {n: (module, d) for module, found in libraries.routes().items() for n, d in found.items()}
    for place, machine in MACHINES.items():
        for path, wanted in (("Clfs.lib", over), ("ours/Clfs.lib", ours)):
            data = (package / place / path).read_bytes()
            outcome(f"{place or 'x64'} {path}: each name binds to its module", library.compare(data, machine, wanted))
    for title, headers in smoke.HEADERS.items():
        for path, wanted in (("Clfs.lib", over), ("ours/Clfs.lib", ours)):
            with tempfile.TemporaryDirectory() as work:
                wrong = smoke.check(pathlib.Path(work), headers, package / path, wanted)
            outcome(f"a driver with our header {title} links with {path}", wrong)


def check_names(outcome, package):
    rust = []
    for folder in ("exports", "kernel"):
        for path in sorted((tables.ROOT / "src" / folder).rglob("*.rs")):
            rust += names.in_rust(path.read_text())
    bound = {symbol for _, symbol, _, _ in library.imports((package / "ours" / "Clfs.lib").read_bytes())}
    images = ("clfsmgmt", "clfs")
    outcome("header, .def files, Rust, goldens and library name the same", names.compare(
        names.in_header((tables.ROOT / "include" / "clfsmgmtx.h").read_text()), rust,
        {name: tables.definition(name) for name in images},
        {name: set(tables.listed(f"{name}.sys.txt")) for name in images}, bound))


def check_code(outcome, folder, name):
    found = code.symbols((folder / name / "deps" / f"{name}.map").read_text())
    path = folder / "package" / f"{name}.sys"
    text = code.disassembly(path)
    wrong = [] if found else ["the map lists no symbol"]
    outcome(f"{name}.sys: no code that panics among {len(found)} symbols",
            wrong + code.explain_panics(path, found, text))
    frames = code.frames(text, found)
    outcome(f"{name}.sys: no function takes more than {code.FRAME_MAX} bytes of stack", code.deep(frames))
    chains = stack.of_image(text, found)
    outcome(f"{name}.sys: no chain of calls takes more than {stack.CHAIN_MAX} bytes of stack", stack.too_deep(chains))
    deepest = max(frames, key=frames.get)
    print(f"note {name}.sys: deepest frame {frames[deepest]} bytes, {code.plain(deepest)}")
    print(f"note {name}.sys: deepest chain of calls {max(size for size, _ in chains.values())} bytes")


def main(folder):
    folder = pathlib.Path(folder)
    package, outcome, imports = folder / "package", Outcome(), {}
    for name in ("clfsmgmt", "clfs"):
        path = package / f"{name}.sys"
        pe = image.read(path)
        check_image(outcome, name, pe, package)
        check_code(outcome, folder, name)
        imports[path.name] = image.imports(pe)
        size = path.stat().st_size
        aim = f", aim {SIZE_AIM // 1024} KiB" + (": larger" if size > SIZE_AIM else "") if name == "clfsmgmt" else ""
        print(f"note {path.name}: {size / 1024:.1f} KiB{aim}")
    rows = tables.imports()
    outcome("imports are those of docs/imports.md",
            image.compare_imports(set(rows), tables.compilers(rows), imports))
    check_libraries(outcome, package)
    check_names(outcome, package)
    print(f"{outcome.passed} passed, {outcome.failed} failed, 0 skipped")
    return 1 if outcome.failed else 0


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or [tables.ROOT / "target" / "driver"])))
