#!/usr/bin/env python3
"""Compiles include/clfsmgmtx.h with every compiler at hand, in every setting, and compares it with mingw's wdm.h.

Layouts, numbers and prototypes are static assertions and assignments that either compile or do not. Each table is spelled
out from published documentation, so that a header agrees with the facts and not with itself. Only the example is linked
and run, as its head comment says, against target/release/libclfsmgmt.so.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(ROOT / "cli/tests/end_to_end")]

import statuses  # noqa: E402 - the folders are known only now
from checks import Checks, Skip  # noqa: E402

HEADER = ROOT / "include/clfsmgmtx.h"
EXAMPLE = ROOT / "examples/c/log_full.c"
LIBRARY = ROOT / "target/release/libclfsmgmt.so"
DDK = Path("/usr/share/mingw-w64/include/ddk")
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only", f"-I{ROOT / 'include'}", f"-I{HERE}"]

C11, CPP17 = ["-std=c11"], ["-x", "c++", "-std=c++17"]
MINGW_C, MINGW_CPP = "x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-g++"
HOST = [("gcc", C11), ("g++", CPP17), ("clang", C11), ("clang++", CPP17)]
MINGW = [(MINGW_C, C11), (MINGW_CPP, CPP17)]

AFTER_WDM = ["-DAFTER_WDM", "-isystem", str(DDK)]
# What clang alone can stand in for: other systems' sizes and packing, without their headers.
KERNEL = ["-D_KERNEL_MODE", "-ffreestanding", "-nostdlibinc"]
ELSEWHERE = [
    ("in kernel mode, Microsoft's layout, x64", ["--target=x86_64-pc-windows-msvc", *KERNEL]),
    ("in kernel mode, Microsoft's layout, ARM64", ["--target=aarch64-pc-windows-msvc", *KERNEL]),
    ("on macOS, ARM64", ["--target=arm64-apple-macos11", "-ffreestanding", "-nostdlibinc"]),
]
SETTINGS = [
    *(("alone", compiler, []) for compiler in HOST),
    *((where, ("clang", C11), options) for where, options in ELSEWHERE),
    ("alone, packed by 1", ("gcc", C11), ["-fpack-struct=1"]),
    *(("on Windows", compiler, []) for compiler in MINGW),
    *(("after windows.h", compiler, ["-DAFTER_WINDOWS"]) for compiler in MINGW),
    *(("after winternl.h", compiler, ["-DAFTER_WINTERNL"]) for compiler in MINGW),
    *(("in kernel mode without wdm.h", compiler, ["-D_KERNEL_MODE"]) for compiler in MINGW),
    *(("after wdm.h", compiler, AFTER_WDM) for compiler in MINGW),
    ("after wdm.h of Vista", (MINGW_C, C11), [*AFTER_WDM, "-D_WIN32_WINNT=0x0600", "-DNTDDI_VERSION=0x06000000"]),
    *(("after ntddk.h", compiler, [*AFTER_WDM, "-DAFTER_NTDDK"]) for compiler in MINGW),
    *(("beside a kit of 22621", compiler, ["-DWDK_NTDDI_VERSION=0x0A00000C"]) for compiler in HOST[:2]),
    *(("beside a kit of 26100", compiler, ["-DWDK_NTDDI_VERSION=0x0A000010"]) for compiler in HOST[:2]),
]
SOURCES = ["layout.c", "values.c", "prototypes.c", "usage.c"]

# Declared by mingw's wdm.h, but exported by no published list of clfs.sys (clfs-management.md 7.1).
NOT_EXPORTED = {"ClfsGetLastLsn", "ClfsLsnIncrement", "ClfsValidTopLevelContext"}
PUBLISHED_ROUTINES = 58


def compile_source(source, compiler, options):
    """Compiles one file strictly; gives back whether it did, and what the compiler said."""
    command, language = compiler
    source = HERE / source
    if shutil.which(command) is None:
        raise Skip(f"{command} is missing")
    if "-DAFTER_WDM" in options and not declared_by_mingw():
        raise Skip("this mingw-w64's wdm.h has no CLFS")
    done = subprocess.run(
        [command, *STRICT, *options, *language, str(source)], capture_output=True, text=True, errors="replace"
    )
    return done.returncode == 0, done.stdout + done.stderr


def must_compile(source, compiler, options):
    compiles, says = compile_source(source, compiler, options)
    assert compiles, says[:3000]


def must_not_compile(source, compiler, options, reason):
    """A wrong number or type, or a forbidden setting, must be found, and for the right reason."""
    compiles, says = compile_source(source, compiler, options)
    assert not compiles, "it compiled"
    assert reason in says, f"not because of {reason!r}: {says[:2000]}"


def check_kit_26100(compiler):
    """After a wdm.h that takes the cookie by value, as that of WDK 26100 does: mingw's, with the one type changed."""
    if not declared_by_mingw():
        raise Skip("this mingw-w64's wdm.h has no CLFS")
    text, changed = re.subn(r"(ClfsMgmtSetLogFileSizeAsClient\(\s*PLOG_FILE_OBJECT LogFile,\s*)PCLFS_MGMT_CLIENT ",
                            r"\1CLFS_MGMT_CLIENT ", (DDK / "wdm.h").read_text(errors="replace"))
    assert changed == 1, f"{changed} declarations"
    with tempfile.TemporaryDirectory(prefix="clfsmgmt-") as folder:
        (Path(folder) / "wdm.h").write_text(text)
        options = ["-isystem", folder, *AFTER_WDM, "-DAFTER_WDM_26100"]
        for source in ("prototypes.c", "usage.c"):
            must_compile(source, compiler, options)


def check_no_stdint():
    """km/crt has no <stdint.h>: where Windows is compiled for, in either mode, the header does not want it."""
    with tempfile.TemporaryDirectory(prefix="clfsmgmt-") as folder:
        (Path(folder) / "stdint.h").write_text("#error \"stdint.h\"\n")
        for _, options in ELSEWHERE[:2]:
            must_compile("usage.c", HOST[2], ["-isystem", folder, *options])


def check_order():
    """Before <wdm.h>: one error, and it says what to do. Who says that no <wdm.h> comes is believed."""
    if not declared_by_mingw():
        raise Skip("this mingw-w64's wdm.h has no CLFS")
    compiles, says = compile_source("before_wdm.c", MINGW[0], ["-isystem", str(DDK), "-D_KERNEL_MODE"])
    errors = re.findall(r"error: .*", says)
    assert not compiles and len(errors) == 1 and "include <wdm.h>" in errors[0], says[:2000]
    must_compile("usage.c", MINGW[0], ["-isystem", str(DDK), "-D_KERNEL_MODE", "-DCLFSMGMT_WITHOUT_WDM"])


def check_beside_sdk():
    """<clfsmgmtw32.h> includes the SDK's <clfsmgmt.h>: it finds that, although our folder is searched first."""
    with tempfile.TemporaryDirectory(prefix="clfsmgmt-") as folder:
        (Path(folder) / "clfsmgmtw32.h").write_text("#include <clfsmgmt.h>\n")
        types = "#define SDK_POLICY_VERSION 1\ntypedef struct { int version; } SDK_POLICY;\n"
        (Path(folder) / "clfsmgmt.h").write_text(types)
        must_compile("beside_sdk.c", HOST[0], ["-isystem", folder])


def declared(text):
    """The routines that a header declares: names with an opening bracket, outside of comments."""
    without_comments = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
    return set(re.findall(r"\b(Clfs[A-Z]\w*)\(", without_comments))


def declared_by_mingw():
    wdm = DDK / "wdm.h"
    if not wdm.exists():
        return set()
    found = declared(wdm.read_text(errors="replace"))
    return found if "ClfsMgmtRegisterManagedClient" in found else set()


def tabled():
    """The routines in prototypes.h."""
    return re.findall(r"^ROUTINE\([\w ]+, (\w+),", (HERE / "prototypes.h").read_text(), flags=re.M)


def check_names():
    names = tabled()
    assert len(names) == len(set(names)), "prototypes.h names a routine twice"
    ours = declared(HEADER.read_text())
    assert ours == set(names), f"only in one of header and prototypes.h: {sorted(ours ^ set(names))}"
    published = [name for name in names if not name.startswith("ClfsMgmtx")]
    assert len(published) == PUBLISHED_ROUTINES, f"{len(published)} published routines"


def check_mingw_names():
    theirs = declared_by_mingw()
    if not theirs:
        raise Skip("no wdm.h of mingw-w64 with CLFS")
    ours = {name for name in tabled() if not name.startswith("ClfsMgmtx")}
    assert theirs - NOT_EXPORTED == ours, f"only in one of them: {sorted((theirs - NOT_EXPORTED) ^ ours)}"


def check_contracts():
    """Every routine's comment says at which IRQL it may be called, and that agrees with its annotation."""
    text = HEADER.read_text()
    helpers = text.index("/* ---- Log sequence numbers"), text.index("/* ---- Management routines")
    pattern = re.compile(r"/\*(?P<comment>(?:(?!\*/).)*)\*/\n(?P<code>(?:(?!/\*).)*?CLFSUSER_API \w+ (?P<name>Clfs\w+)\()", re.S)
    commented = [match for match in pattern.finditer(text) if not helpers[0] < match.start("name") < helpers[1]]
    for match in commented:
        name = match["name"]
        assert "IRQL: <= APC_LEVEL." in " ".join(match["comment"].replace("*", " ").split()), f"{name}: no IRQL"
        assert "_IRQL_requires_max_(APC_LEVEL)" in match["code"], f"{name}: no annotation"
    # All but the LSN helpers, and ClfsFinalize, which shares a comment with ClfsInitialize.
    assert len(commented) == len(tabled()) - 12 - 1, f"{len(commented)} routines have a comment of their own"


def check_example():
    """The command in the example's head comment builds it; it meets a full log as often as it was told to, and ends well."""
    exported = routines_of_library()
    missing = sorted(set(tabled()) - exported)
    if missing:
        raise Skip(f"{LIBRARY.name} lacks {len(missing)} routines: {', '.join(missing[:3])}, ...")
    build = re.search(r"^ \*   (cc .*)$", EXAMPLE.read_text(), flags=re.M)[1]
    with tempfile.TemporaryDirectory(prefix="clfsmgmt-") as folder:
        program = Path(folder) / "log_full"
        build = build.replace("-o log_full", f"-o {program}")
        done = subprocess.run(["sh", "-c", build], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[:3000]
        for run in ("on a new log", "on the same log again"):
            done = subprocess.run([program, f"{folder}/log", "6"], capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, f"{run}: {done.returncode}: {done.stdout}{done.stderr}"
            assert len(re.findall(r"^round \d+: full", done.stdout, flags=re.M)) == 6, f"{run}: {done.stdout}"
            assert "moved it to container" in done.stdout, f"{run}: nobody was asked: {done.stdout}"


def routines_of_library():
    if not LIBRARY.exists() or shutil.which("nm") is None:
        raise Skip(f"{LIBRARY} or nm is missing")
    symbols = subprocess.run(["nm", "-D", "--defined-only", LIBRARY], capture_output=True, text=True, check=True)
    return {line.split()[-1] for line in symbols.stdout.splitlines()}


def main():
    checks = Checks()
    checks.run("the header declares the routines of prototypes.h, 58 published ones among them", check_names)
    checks.run("mingw's wdm.h declares the same routines", check_mingw_names)
    checks.run("each routine's comment and annotation name its IRQL", check_contracts)
    checks.run("each routine's comment names every status that the code and the tests know", statuses.check)
    checks.run("a status that a comment lacks is found", statuses.check_itself)
    for where, compiler, options in SETTINGS:
        for source in SOURCES:
            name = f"{source} compiles {where}, {compiler[0]}"
            checks.run(name, must_compile, source, compiler, options)
    for compiler in MINGW:
        checks.run(f"the cookie goes by value after a wdm.h of 26100, {compiler[0]}", check_kit_26100, compiler)
    checks.run("no stdint.h is wanted where Windows is compiled for", check_no_stdint)
    checks.run("the header before wdm.h is one error that says so", check_order)
    checks.run("the SDK's management headers find each other with our folder in front", check_beside_sdk)
    gcc = HOST[0]
    for source, reason in [
        ("layout.c", "offset of CLFS_MGMT_POLICY.PolicyParameters"),
        ("values.c", "STATUS_LOG_PINNED"),
        ("prototypes.c", "incompatible"),
    ]:
        checks.run(f"a wrong line in {source} is found", must_not_compile, source, gcc, ["-DMUST_FAIL"], reason)
    for compiler in (HOST[0], HOST[2]):
        checks.run(f"{EXAMPLE.name} compiles, {compiler[0]}", must_compile, EXAMPLE, compiler, [])
    checks.run(f"{EXAMPLE.name} runs", check_example)
    for where, options, reason in [
        ("after clfsw32.h", ["-DAFTER_CLFSW32", "-D_WIN32_WINNT=0x0600"], "not both in one file"),
        ("after wdm.h of Windows XP", [*AFTER_WDM, "-D_WIN32_WINNT=0x0501", "-DNTDDI_VERSION=0x05010000"], "Vista"),
    ]:
        checks.run(f"the header refuses to be used {where}", must_not_compile, "usage.c", MINGW[0], options, reason)
    checks.close()


if __name__ == "__main__":
    main()
