#!/usr/bin/env python3
"""Makes a copy of wdk-build that runs on Linux, from the very file that Cargo.lock names.

wdk-build refuses any host but Windows, in four places that have nothing to do with what it computes. Each edit below
must apply exactly once: a new version fails here, not later. The other wdk crates are used as they are, and this
checks that too: what Cargo unpacked is what the registry's file holds, and that file has the checksum of Cargo.lock.

    stage_wdk_build.py LOCK CARGO_HOME DESTINATION
"""

import hashlib
import io
import pathlib
import sys
import tarfile
import tomllib

PATCHED = "wdk-build"
UNMODIFIED = ("wdk", "wdk-alloc", "wdk-macros", "wdk-panic", "wdk-sys")

REFUSAL = """    compile_error!(
        "windows-drivers-rs is designed to be run on a Windows host machine in a WDK environment. \\
         Please build using a Windows target."
    );
"""

# (file, text, times, replacement). A set or removed variable matters to cargo-make only, which is not used here.
EDITS = (
    ("Cargo.toml", '[dependencies.windows]\n', 1, "[target.'cfg(windows)'.dependencies.windows]\n"),
    ("src/utils.rs", "use windows::{\n", 1, "#[cfg(windows)]\nuse windows::{\n"),
    ("src/utils.rs", "    ffi::{CStr, OsStr},\n", 1, "    ffi::OsStr,\n"),
    ("src/utils.rs", "    if let Some(path) = read_registry_key_string_value(\n", 2,
     "    #[cfg(windows)]\n    if let Some(path) = read_registry_key_string_value(\n"),
    ("src/utils.rs", "fn read_registry_key_string_value(\n", 1,
     "#[cfg(windows)]\nfn read_registry_key_string_value(\n"),
    ("src/utils.rs", REFUSAL, 2, "    unreachable!(\"only cargo-make does this\");\n"),
    ("src/cargo_make.rs", "std::os::windows::fs::symlink_file(", 2, "std::os::unix::fs::symlink("),
)


def fail(message):
    sys.exit(f"stage_wdk_build.py: {message}")


def locked(lock, name):
    """Version and checksum of the package in Cargo.lock."""
    found = [p for p in tomllib.loads(lock.read_text())["package"] if p["name"] == name]
    if len(found) != 1 or "checksum" not in found[0]:
        fail(f"{lock} does not name {name} once with a checksum")
    return found[0]["version"], found[0]["checksum"]


def archive(home, lock, name):
    """The registry's file of the package: its stem, and path → content."""
    version, checksum = locked(lock, name)
    stem = f"{name}-{version}"
    for path in home.glob(f"registry/cache/*/{stem}.crate"):
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != checksum:
            fail(f"{path} does not have the checksum of Cargo.lock")
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            files = {m.name.removeprefix(stem + "/"): tar.extractfile(m).read() for m in tar if m.isfile()}
        return stem, files
    fail(f"{stem} is not in {home}; run cargo fetch first")


def edited(files):
    """The files with every edit applied."""
    files = dict(files)
    for name, text, times, replacement in EDITS:
        content = files[name].decode().replace("\r\n", "\n")
        if content.count(text) != times:
            fail(f"{PATCHED}: {name} holds {text.strip()!r} {content.count(text)} times, not {times}")
        files[name] = content.replace(text, replacement).encode()
    return files


def check_unmodified(home, lock, name):
    stem, files = archive(home, lock, name)
    for folder in home.glob(f"registry/src/*/{stem}"):
        for path, content in files.items():
            if (folder / path).read_bytes() != content:
                fail(f"{folder / path} is not what the registry holds")
        print(f"{stem}: as the registry holds it")
        return
    fail(f"{stem} is not unpacked in {home}")


def main(lock, home, destination):
    lock, home, destination = pathlib.Path(lock), pathlib.Path(home), pathlib.Path(destination)
    for name in UNMODIFIED:
        check_unmodified(home, lock, name)
    stem, files = archive(home, lock, PATCHED)
    for path, content in edited(files).items():
        target = destination / path
        # An unchanged file keeps its time, so that Cargo does not build it again.
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    print(f"{stem}: copied with {len(EDITS)} edits")


if __name__ == "__main__":
    main(*sys.argv[1:])
