"""A driver that names every routine, linked with a Clfs.lib: its imports show what the library binds to where.

It stands for a driver that is relinked: compiled by mingw-w64 with our header, alone and behind the WDK's (of which
mingw-w64 has its own), linked by lld.
"""

import subprocess

import image
import libraries
import tables

DDK = "/usr/share/mingw-w64/include/ddk"
# Which headers, and where the compiler finds the WDK's.
HEADERS = {"alone": (["clfsmgmtx.h"], []), "behind wdm.h": (["wdm.h", "clfsmgmtx.h"], ["-isystem", DDK])}

SOURCE = """{includes}
{declarations}
/* Uses each routine by its address, and each datum by its value. */
void *volatile sink;
ULONGLONG volatile value;
NTSTATUS __stdcall DriverEntry(void *driver, void *path);
NTSTATUS __stdcall DriverEntry(void *driver, void *path)
{{
    (void)driver;
    (void)path;
{uses}
    return 0;
}}
"""


def source(headers, names):
    # What no header declares is declared as whoever calls it all the same would do.
    undeclared = tables.listed("undeclared.txt")
    declarations = "\n".join(f"__declspec(dllimport) void {name}(void);" for name in sorted(names) if name in undeclared)
    includes = "\n".join(f"#include <{header}>" for header in headers)
    uses = "\n".join(f"    value = {name}.Internal;" if data else f"    sink = (void *)(ULONG_PTR)&{name};"
                     for name, data in sorted(names.items()))
    return SOURCE.format(includes=includes, declarations=declarations, uses=uses)


def run(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else [(done.stdout + done.stderr).strip()[:2000]]


def check(work, headers, library, wanted):
    """`wanted`: name → (module, is data)."""
    names, folders = headers
    text = work / "smoke.c"
    text.write_text(source(names, {name: data for name, (_, data) in wanted.items()}))
    mingw = "/usr/share/mingw-w64/include"
    wrong = run(["x86_64-w64-mingw32-gcc", "-c", "-O1", "-Wall", "-ffreestanding", "-I", tables.ROOT / "include",
                 *folders, "-isystem", mingw, text, "-o", work / "smoke.o"])
    wrong = wrong or run([libraries.tool("lld-link"), "/nologo", "/driver", "/subsystem:native", "/entry:DriverEntry",
                          "/nodefaultlib", f"/out:{work / 'smoke.sys'}", work / "smoke.o", library])
    if wrong:
        return wrong
    found = image.imports(image.read(work / "smoke.sys"))
    listed = {(module, name) for name, (module, _) in wanted.items()}
    return [f"{name} comes from {module}" for module, name in sorted(found - listed)] + [
        f"{name} does not come from {module}" for module, name in sorted(listed - found)]
