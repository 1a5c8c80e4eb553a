#!/usr/bin/env python3
"""Makes import libraries: those that the drivers are linked with, and those that are shipped.

    libraries.py kit FOLDER        what a WDK holds: ntoskrnl.lib, clfs.lib, and empty ones
    libraries.py client FOLDER     the same for the companion of tests/lab/kmdf-client, and WdfLdr.lib
    libraries.py package FOLDER    Clfs.lib over Microsoft's clfs.sys, ours/Clfs.lib over the open one; the same in arm64/
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import tables

MACHINES = {"": "i386:x86-64", "arm64": "arm64"}
# Named by code that no image reaches, in alloc and in wdk-panic: the linker wants the name before it drops the code.
# Neither image imports them, which the check of the imports shows.
UNREACHED = ("KeBugCheckEx", "strlen")
CLIENT = tables.ROOT / "tests" / "lab" / "kmdf-client"
# What the framework's loader exports to those who bind.
LOADER = ("WdfVersionBind", "WdfVersionBindClass", "WdfVersionUnbind", "WdfVersionUnbindClass")
EMPTY = ("hal", "wmilib", "BufferOverflowFastFailK")


def tool(name):
    """An LLVM tool; Debian has them by these names in a folder of their own, which tests/run puts first."""
    return shutil.which(name) or sys.exit(f"libraries.py: {name} is missing")


def definition_text(module, names):
    """A definition file that an import library is made from: names → is data."""
    lines = [f"    {name}{' DATA' if data else ''}" for name, data in sorted(names.items())]
    return "\n".join([f"LIBRARY {module}", "EXPORTS", *lines, ""])


def import_library(library, module, names, machine="i386:x86-64"):
    """One import library that binds the names to the module; its definition file stays beside it."""
    source = library.with_suffix(".def")
    text = definition_text(module, names)
    if library.exists() and source.exists() and source.read_text() == text:
        return
    source.write_text(text)
    subprocess.run([tool("llvm-dlltool"), "-m", machine, "-d", source, "-l", library], check=True)


def join(library, parts):
    """One library of several."""
    subprocess.run([tool("llvm-lib"), "/nologo", f"/out:{library}", *map(str, parts)], check=True)


def kit(folder):
    rows = tables.imports()
    kernel = {name: data for (module, name), (data, _) in rows.items() if module == "ntoskrnl.exe"}
    base(folder, kernel | dict.fromkeys(UNREACHED, False))


def client(folder):
    base(folder, tables.Definition((CLIENT / "ntoskrnl.def").read_text()).public())
    import_library(folder / "WdfLdr.lib", "WDFLDR.SYS", dict.fromkeys(LOADER, False))


def base(folder, kernel):
    """The libraries that every driver is linked with; of the kernel these names."""
    import_library(folder / "ntoskrnl.lib", "ntoskrnl.exe", kernel)
    import_library(folder / "clfs.lib", "clfs.sys", tables.listed("microsoft.txt"))
    for name in EMPTY:
        import_library(folder / f"{name}.lib", f"{name}.sys", {})


def routes():
    """What the shipped Clfs.lib binds to where: module → names."""
    ours = tables.definition("clfsmgmt").public()
    microsoft = tables.listed("microsoft.txt") | tables.listed("undeclared.txt")
    return {"clfsmgmt.sys": ours, "clfs.sys": {n: d for n, d in microsoft.items() if n not in ours}}


def package(folder):
    for place, machine in MACHINES.items():
        target = folder / place
        with tempfile.TemporaryDirectory() as work:
            parts = []
            for module, names in routes().items():
                part = pathlib.Path(work) / f"{module.removesuffix('.sys')}.lib"
                import_library(part, module, names, machine)
                parts.append(part)
            (target / "ours").mkdir(parents=True, exist_ok=True)
            join(target / "Clfs.lib", parts)
            whole = pathlib.Path(work) / "Clfs.lib"
            import_library(whole, "clfs.sys", tables.definition("clfs").public(), machine)
            shutil.copy(whole, target / "ours" / "Clfs.lib")


if __name__ == "__main__":
    {"kit": kit, "client": client, "package": package}[sys.argv[1]](pathlib.Path(sys.argv[2]))
