#!/usr/bin/env python3
"""Logs on file systems that lack something, fail, or are full.

    check.py PATH/TO/clfsmgmt

What a file system lacks (locks, folders that can be flushed) is done without, with one word of warning; what is broken
is refused. strace makes the calls of the very program fail. Where there is no room no log is made, with room again it
is, and a disk that fills then takes nothing that was acknowledged: shown by a storm (tests/lab/storm) on a tmpfs and on
an ext4 in a file, which not everybody may mount. The last line is `N passed, N failed, N skipped`.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1].parent / "cli/tests/end_to_end"), str(HERE.parent / "storm")]

from checks import Checks, Skip, program_from_arguments, work_folder  # noqa: E402
from log_check import LogCheck  # noqa: E402
from promises import Promises, Told  # noqa: E402
from run import compile_all  # noqa: E402

# Where mke2fs is, for whoever is not root too.
os.environ["PATH"] += ":/usr/sbin:/sbin"
STREAMS, THREADS, CONTAINERS, MIB = 2, 8, 4, 1 << 20
TRACE = "time_us,stream,transaction,kind,bytes\n0,,1,data,100\n1,,1,commit,34\n"


# --- calls that fail -------------------------------------------------------------------------------------------------


class Injected:
    """The program, with one of its calls failing."""

    def __init__(self, program, folder):
        self.program, self.folder, self.number = program, folder, 0
        probe = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, text=True,
                               check=False)
        self.lacks = "" if probe.returncode == 0 else f"no process may be traced here: {probe.stderr.strip()}"
        (folder / "trace.csv").write_text(TRACE)

    def run(self, call, error, *arguments):
        """Code, and all that it said."""
        if self.lacks:
            raise Skip(self.lacks)
        words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}"]
        done = subprocess.run([*words, self.program.path, *map(str, arguments)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", timeout=120, check=False)
        return done.returncode, done.stdout + done.stderr

    def replay(self, call, error):
        """A replay into a new folder."""
        self.number += 1
        log = self.folder / f"log-{self.number}"
        code, says = self.run(call, error, "replay", self.folder / "trace.csv", "--log", log)
        return code, says, log


def check_done_without(injected, call, error, warning):
    """The replay works, and says once what it did without; the log that it left is whole."""
    code, says, log = injected.replay(call, error)
    assert code == 0 and "Nothing was lost" in says, f"{code}: {says[-600:]}"
    assert says.count("warning:") == 1 and warning in says, says[-600:]
    injected.program.check_log(log)


def check_refused(injected, call, error, words):
    """The replay ends with an error that says why, and does not hang or claim anything."""
    code, says, _ = injected.replay(call, error)
    assert code not in (0, 101) and "Nothing was lost" not in says, f"{code}: {says[-600:]}"
    assert words in says, says[-600:]


def check_read_without_locks(injected, error):
    """A log can be read where there is no lock, whatever the reason."""
    good = injected.folder / "good"
    if not good.exists():
        injected.program.replay(injected.folder / "trace.csv", folder=good)
    code, says = injected.run("flock", error, "inspect", good / "replay.blf")
    assert code == 0, f"{code}: {says[-600:]}"


# --- disks that are full ---------------------------------------------------------------------------------------------


class Mounted:
    """A small file system; it goes when the block ends."""

    def __init__(self, folder, kind, size):
        self.place, self.kind, self.size = folder / f"mounted-{kind}", kind, size
        self.image = folder / f"{kind}.img"

    def __enter__(self):
        self.place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={self.size}", "tmpfs", str(self.place)]
        if self.kind == "ext4":
            with open(self.image, "wb") as image:
                image.truncate(self.size)
            subprocess.run(["mke2fs", "-q", "-t", "ext4", "-m", "0", str(self.image)], check=True)
            command = ["mount", "-o", "loop", str(self.image), str(self.place)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Skip(f"may not mount here: {done.stderr.strip()}")
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", str(self.place)], check=False)

    def fill(self, path):
        """A file that leaves no room for another block."""
        with open(path, "wb", buffering=0) as file:
            for size in (MIB, 4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass


class Storm:
    """A storm that runs; its lines so far."""

    def __init__(self, program, log, promises, number):
        self.told, self.lines = Told(promises), log.parent.parent / f"told-{number}"
        self.told.begin(number)
        words = [program, "write", log, STREAMS, THREADS, CONTAINERS, number * 10_000]
        with open(self.lines, "wb") as file:
            self.process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=file)

    def wait_for(self, letter, seconds=60):
        """Until a line begins so."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and f"\n{letter} " not in "\n" + self.lines.read_text(errors="replace"):
            time.sleep(0.02)
        assert f"\n{letter} " in "\n" + self.lines.read_text(errors="replace"), f"no line {letter} in {seconds} s"

    def kill(self):
        """Ends it; what must not have been said fails the check."""
        self.process.kill()
        code = self.process.wait()
        assert code == -9, f"the storm ended with {code}"
        for line in self.lines.read_text(errors="replace").splitlines(keepends=True):
            if line.endswith("\n"):
                self.told.take(line.rstrip("\n"))
        assert not self.told.faults, self.told.faults[:5]
        assert not self.told.damage, self.told.damage[:5]


def expect_kept(check, folder, promises):
    """Every promise is kept."""
    verdict = check.check(folder, promises, False)
    assert not verdict.faults, verdict.faults
    assert verdict.figures.get("promises kept", 0) > 0, verdict.figures


def check_full(folder, kind, check):
    """No log is made where there is no room; with room it is, and it goes on over a disk that fills meanwhile."""
    with Mounted(folder, kind, 24 * MIB) as disk:
        promises, log = Promises(), disk.place / "log"
        disk.fill(disk.place / "filler")
        storm = Storm(check.storm, log, promises, 1)
        storm.wait_for("F")
        # There is room again: the same process goes on.
        os.unlink(disk.place / "filler")
        storm.wait_for("L")
        storm.wait_for("A")
        # The log has all of its containers by now; a full disk is no trouble of its writers.
        disk.fill(disk.place / "filler")
        time.sleep(0.5)
        storm.kill()
        expect_kept(check, disk.place, promises)
        os.unlink(disk.place / "filler")
        storm = Storm(check.storm, log, promises, 2)
        storm.wait_for("A")
        storm.kill()
        if kind == "ext4":
            # What the kernel has of it is not all: mounted again.
            subprocess.run(["umount", str(disk.place)], check=True)
            subprocess.run(["mount", "-o", "loop", str(disk.image), str(disk.place)], check=True)
        expect_kept(check, disk.place, promises)


def main():
    checks, program = Checks(), program_from_arguments()
    with work_folder() as folder:
        injected = Injected(program, folder)
        for error in ("EINVAL", "EOPNOTSUPP"):
            checks.run(f"a folder that cannot be flushed ({error}) is done without", check_done_without, injected,
                       "fsync", error, "the folder cannot be flushed")
        checks.run("a folder whose flush fails is refused", check_refused, injected, "fsync", "EIO", "error")
        for error in ("ENOLCK", "EOPNOTSUPP"):
            checks.run(f"locks that are not to be had ({error}) are done without", check_done_without, injected,
                       "flock", error, "the file cannot be locked")
        checks.run("a lock that somebody else has is refused", check_refused, injected, "flock", "EWOULDBLOCK", "error")
        for error in ("ENOLCK", "EIO"):
            checks.run(f"a log is read without locks ({error})", check_read_without_locks, injected, error)
        for call in ("fdatasync", "pwrite64"):
            checks.run(f"a disk that fails ({call}) is refused", check_refused, injected, call, "EIO", "error")
        checks.run("a full disk is refused", check_refused, injected, "pwrite64", "ENOSPC", "space")
        compile_all(folder, Path(program.path).parent)
        check = LogCheck(Path(program.path), folder / "storm", STREAMS)
        for kind in ("tmpfs", "ext4"):
            checks.run(f"a full disk ({kind}) loses nothing, and with room the log goes on", check_full, folder, kind,
                       check)
    checks.close()


if __name__ == "__main__":
    main()
