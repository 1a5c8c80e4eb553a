#!/usr/bin/env python3
"""Builds libclfsmgmt and runs every C test below this folder against it, in several ways.

    run.py [--only TEXT] [--way WAY]…

Each `*.c` here and one folder down is a program of its own, compiled against `include/clfsmgmtx.h`. Ways: `plain`;
`sanitized` (AddressSanitizer and UndefinedBehaviorSanitizer, leaks fail); `valgrind` (errors and lost blocks fail).
A way whose tools are missing is skipped, and said to be. Every run has a temporary folder as its working directory.

Standard library only. The last line is `N passed, N failed, N skipped`: tests, once for each way.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
LIBRARY_FOLDER = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug"
# What one program may take in one way before it counts as stuck.
TIMEOUT_SECONDS = 240
FLAGS = ["-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", f"-I{ROOT / 'include'}", f"-I{HERE}"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]
VALGRIND = ["valgrind", "--quiet", "--error-exitcode=9", "--leak-check=full", "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite", "--num-callers=30", f"--suppressions={HERE / 'valgrind.supp'}"]
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")


class Way:
    """One way to build and run the programs."""

    def __init__(self, name, flags=(), runner=()):
        self.name, self.flags, self.runner = name, list(flags), list(runner)

    def missing(self, folder):
        """Why this way cannot be gone here, or None."""
        probe = folder / f"probe-{self.name}"
        probe.with_suffix(".c").write_text("int main(void) { return 0; }\n")
        if self.runner and shutil.which(self.runner[0]) is None:
            return f"{self.runner[0]} is not installed"
        built = run(["gcc", *self.flags, "-o", str(probe), str(probe.with_suffix(".c"))])
        return None if built.returncode == 0 else f"gcc cannot build with {' '.join(self.flags)}"


WAYS = [Way("plain"), Way("sanitized", SANITIZERS), Way("valgrind", runner=VALGRIND)]


class Result:
    """What one program said in one way."""

    def __init__(self, name, passed=0, failed=0, skipped=0, text=""):
        self.name, self.passed, self.failed, self.skipped, self.text = name, passed, failed, skipped, text

    def tell(self):
        """One line, or all of it when something failed."""
        said = self.text if self.failed else "\n".join(re.findall(r"^skip .*", self.text, re.M))
        print(f"{'FAIL' if self.failed else 'ok  '} {self.name}: {self.passed} passed, {self.failed} failed", flush=True)
        for line in said.splitlines():
            print(f"     {line}" if not line.startswith("skip ") else line, flush=True)


def run(command, **options):
    """Runs to the end; output and messages are one text."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", **options)


def build_library():
    """The library as the Rust tests build it: overflow checks and debug assertions are on."""
    done = run(["cargo", "build", "--quiet", "--locked", "--package", "clfsmgmt", "--lib"], cwd=ROOT)
    if done.returncode != 0:
        sys.exit(f"the library does not build:\n{done.stdout}")


def counted(name, code, text):
    """The result of a program that ended with `code`."""
    closing = [found for found in map(CLOSING.match, text.splitlines()) if found]
    if len(closing) != 1:
        return Result(name, failed=1, text=f"{text}\nended with {code}, without one closing line")
    passed, failed, skipped = map(int, closing[0].groups())
    if code != 0 and failed == 0:
        failed, text = 1, f"{text}\nended with {code}"
    if passed + failed + skipped == 0:
        failed, text = 1, f"{text}\nran no test"
    return Result(name, passed, failed, skipped, text)


def run_program(source, way, folder):
    """Compiles and runs one program in one way."""
    name = f"{source.relative_to(HERE).with_suffix('')} ({way.name})"
    place = folder / name.replace("/", "-").replace(" ", "-")
    place.mkdir()
    program = place / "program"
    link = [f"-L{LIBRARY_FOLDER}", "-lclfsmgmt", f"-Wl,-rpath,{LIBRARY_FOLDER}"]
    built = run(["gcc", *FLAGS, *way.flags, "-o", str(program), str(source), *link])
    if built.returncode != 0:
        return Result(name, failed=1, text=built.stdout)
    work = place / "work"
    work.mkdir()
    environment = {**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1", "ASAN_OPTIONS": "detect_leaks=1",
                   "TMPDIR": str(work)}
    try:
        done = run([*way.runner, str(program)], cwd=work, env=environment, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired as stuck:
        said = stuck.stdout.decode(errors="replace") if isinstance(stuck.stdout, bytes) else stuck.stdout or ""
        return Result(name, failed=1, text=f"{said}\nstuck after {TIMEOUT_SECONDS} s")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return counted(name, done.returncode, done.stdout)


def check_itself():
    """A check that cannot fail proves nothing: what must count as failed does."""
    assert counted("x", 0, "ok   a\n1 passed, 0 failed, 0 skipped\n").failed == 0
    assert counted("x", 9, "ok   a\n1 passed, 0 failed, 0 skipped\nInvalid read\n").failed == 1
    assert counted("x", 1, "FAIL a\n1 passed, 2 failed, 0 skipped\n").failed == 2
    assert counted("x", 0, "ok   a\n").failed == 1
    assert counted("x", -11, "").failed == 1
    assert counted("x", 0, "0 passed, 0 failed, 0 skipped\n").failed == 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="programs whose path holds this text")
    parser.add_argument("--way", action="append", choices=[way.name for way in WAYS], help="not all ways")
    wanted = parser.parse_args()
    check_itself()
    build_library()
    sources = [path for pattern in ("*.c", "*/*.c") for path in sorted(HERE.glob(pattern))]
    sources = [path for path in sources if wanted.only in str(path.relative_to(HERE))]
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory(prefix="clfsmgmt-c-") as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = []
        for way in WAYS:
            missing = way.missing(Path(folder)) if not wanted.way or way.name in wanted.way else "not asked for"
            if missing:
                skipped += 1
                print(f"skip {way.name}: {missing}", flush=True)
                continue
            jobs += [pool.submit(run_program, source, way, Path(folder)) for source in sources]
        for job in jobs:
            result = job.result()
            result.tell()
            passed, failed, skipped = passed + result.passed, failed + result.failed, skipped + result.skipped
    if not sources:
        print("FAIL there is no C test")
        failed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
