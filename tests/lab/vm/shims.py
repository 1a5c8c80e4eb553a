#!/usr/bin/env python3
"""Builds the shims: what our images ask of the kernel and of KMDF, and Wine does not have.

    shims.py FOLDER IMAGE…        vmkernel.exe and WDFLDR.SYS, for these images

The export table of vmkernel.exe is made from what the images import and what Wine's own ntoskrnl.exe exports: what is
written in `shims/vmkernel` is taken from there, all else is forwarded; a name that Wine lacks, or has only as a stub that
ends the driver's host, must be written.
"""

import pathlib
import re
import shutil
import subprocess
import sys

import pefile

HERE = pathlib.Path(__file__).resolve().parent
WINE = pathlib.Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows")
WDF = HERE.parent / "kmdf-client" / "wdf"
HEADERS = "/usr/share/mingw-w64/include/ddk"
COMPILE = ["x86_64-w64-mingw32-gcc", "-c", "-O2", "-Wall", "-Wextra", "-Werror", "-Wno-array-bounds", "-ffreestanding",
           "-fno-stack-protector", "-mno-stack-arg-probe", f"-I{HEADERS}"]
LINK = ["/nologo", "/driver", "/subsystem:native", "/entry:DriverEntry", "/dynamicbase", "/debug", "/nodefaultlib"]
PREFIX = "vm_"


def tool(name):
    return shutil.which(name) or sys.exit(f"shims.py: {name} is missing")


def wine_kernel():
    """Wine's ntoskrnl.exe, as a PE file."""
    path = WINE / "ntoskrnl.exe"
    return path if path.exists() else sys.exit("shims.py: Wine's ntoskrnl.exe is not where Debian has it")


class Kernel:
    """What Wine's kernel exports, and which of it are stubs."""

    def __init__(self, path):
        self.pe = pefile.PE(str(path))
        self.code = self.pe.get_memory_mapped_image()
        self.names = {s.name.decode(): s.address for s in self.pe.DIRECTORY_ENTRY_EXPORT.symbols if s.name}

    def is_stub(self, name):
        """A stub of Wine's begins by loading the module's name and its own, to say them: `lea register, [rip + text]`."""
        address, loaded = self.names[name], set()
        for at in range(address, min(address + 64, len(self.code) - 7)):
            if self.code[at] in (0x48, 0x4C) and self.code[at + 1] == 0x8D and self.code[at + 2] & 0xC7 == 0x05:
                target = at + 7 + int.from_bytes(self.code[at + 3:at + 7], "little", signed=True)
                loaded.add(bytes(self.code[target:target + 80]).split(b"\0")[0])
        return {b"ntoskrnl.exe", name.encode()} <= loaded

    def has(self, name):
        return name in self.names and not self.is_stub(name)


def imported(images):
    """All that the images take from the kernel, under either of its names."""
    names = set()
    for image in images:
        for entry in getattr(pefile.PE(str(image)), "DIRECTORY_ENTRY_IMPORT", []):
            if entry.dll.decode().lower() in ("ntoskrnl.exe", "vmkernel.exe"):
                names |= {symbol.name.decode() for symbol in entry.imports}
    return names


def compile_folder(folder, work):
    """The objects of all sources in a folder."""
    objects = []
    for source in sorted(folder.glob("*.c")):
        target = work / f"{folder.name}-{source.stem}.obj"
        subprocess.run([*COMPILE, str(source), f"-I{folder}", f"-I{WDF}", "-o", str(target)], check=True)
        objects.append(target)
    return objects


def symbols(objects, kind):
    """The symbols of this kind (T: defined, U: wanted) in objects."""
    text = subprocess.run([tool("llvm-nm"), *map(str, objects)], check=True, capture_output=True, text=True).stdout
    return set(re.findall(rf"\b{kind} (\w+)$", text, re.MULTILINE))


def import_library(place, objects, kernel):
    """A library of what the objects want of Wine's kernel, which really has it."""
    wanted = {name.removeprefix("__imp_") for name in symbols(objects, "U")} - symbols(objects, "T")
    lacking = sorted(name for name in wanted if not kernel.has(name))
    if lacking:
        sys.exit(f"shims.py: a shim itself wants {', '.join(lacking)}, which Wine has not or as a stub only")
    definition = place.with_suffix(".def")
    definition.write_text("\n".join(["LIBRARY ntoskrnl.exe", "EXPORTS", *sorted(wanted), ""]))
    library = place.with_suffix(".lib")
    subprocess.run([tool("llvm-dlltool"), "-m", "i386:x86-64", "-d", str(definition), "-l", str(library)], check=True)
    return library


def export_lines(names, written, kernel):
    """One line of the definition file for each name: written here, or forwarded."""
    lines, lacking = [], []
    for name in sorted(names):
        if PREFIX + name in written:
            lines.append(f"    {name} = {PREFIX}{name}")
        elif kernel.has(name):
            lines.append(f"    {name} = ntoskrnl.exe.{name}")
        else:
            lacking.append(name)
    if lacking:
        sys.exit(f"shims.py: shims/vmkernel lacks what Wine has not or as a stub only: {', '.join(lacking)}")
    return lines


def link(output, objects, library, lines):
    definition = output.with_suffix(".def")
    definition.write_text("\n".join([f"LIBRARY {output.name}", "EXPORTS", *lines, ""]))
    subprocess.run([tool("lld-link"), *LINK, f"/out:{output}", f"/def:{definition}", *map(str, objects), str(library)],
                   check=True)


def build_kernel(folder, images, kernel):
    work = folder / "objects"
    objects = compile_folder(HERE / "shims" / "vmkernel", work)
    lines = export_lines(imported(images), symbols(objects, "T"), kernel)
    link(folder / "vmkernel.exe", objects, import_library(work / "vmkernel", objects, kernel), lines)
    forwarded = sum("ntoskrnl.exe." in line for line in lines)
    print(f"vmkernel.exe: {forwarded} names forwarded to Wine's kernel, {len(lines) - forwarded} written or watched")


def build_framework(folder, kernel):
    work = folder / "objects"
    objects = compile_folder(HERE / "shims" / "wdfldr", work)
    lines = [f"    {name}" for name in ("WdfVersionBind", "WdfVersionUnbind", "WdfVersionBindClass", "WdfVersionUnbindClass")]
    link(folder / "wdfldr.sys", objects, import_library(work / "wdfldr", objects, kernel), lines)


def build(folder, images):
    (folder / "objects").mkdir(parents=True, exist_ok=True)
    kernel = Kernel(wine_kernel())
    build_kernel(folder, images, kernel)
    build_framework(folder, kernel)


if __name__ == "__main__":
    build(pathlib.Path(sys.argv[1]), sys.argv[2:])
