#!/usr/bin/env python3
"""A storm through the C library over a disk that is slow, fails and lies, killed at random moments.

    run.py PROGRAM [--kills N] [--minutes N] [--seed N] [--keep FOLDER]

PROGRAM is the clfsmgmt beside its library. Sixteen threads write to one log (storm.h) until SIGKILL, over a disk in
user mode (disk.c): it has only what was flushed, and some of the rest. Each life has one of three modes: `slow`,
`fails` (one in 40 flushes fails and drops what it was for), `lies` (one in 40 drops it and says nothing).

Checked after each kill, by the library itself (check.c), on copies:

* the files as the kernel still has them, in all modes: each record and restart area whose SUCCESS was told is there;
  each record that is there was written, behind the one before it;
* the disk, as power loss would leave it: the same. In `lies` what is lost is the disk's own: the log is refused with a
  status, and `inspect --check` finds something in it; or it is opened, each record in it was written, and none
  is missing between two of a writer;
* no opening meanwhile was refused as damaged, no writer found another's record, and without a fault no call failed.

The next life begins with the disk of the last one; with the disk before it if that one lied. The last line is
`N passed, N failed, N skipped`: lives.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from log_check import LogCheck
from promises import Promises, Told

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
FLAGS = ["-std=c11", "-g", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", f"-I{ROOT / 'include'}"]
STREAMS, THREADS, CONTAINERS, LIVES_EACH = 4, 16, 6, 10_000
FAULTS = {"slow": {"STORM_SLOW": "20000"}, "fails": {"STORM_SLOW": "2000", "STORM_FAILS": "25"},
          "lies": {"STORM_SLOW": "2000", "STORM_LIES": "25"}}


def compile_all(folder, library_folder):
    """The storm and the disk."""
    sources = [str(HERE / f"{name}.c") for name in ("storm", "write", "check", "handle", "record")]
    library = [f"-L{library_folder}", "-lclfsmgmt", f"-Wl,-rpath,{library_folder}"]
    for words in (["-o", folder / "storm", *sources, *library],
                  ["-shared", "-fPIC", "-o", folder / "disk.so", HERE / "disk.c"]):
        subprocess.run(["gcc", *FLAGS, *map(str, words)], check=True)


def copy(source, target):
    """A folder in the place of another."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


class Run:
    """All lives of one run."""

    def __init__(self, folder, program, seed):
        self.log_check = LogCheck(program, folder / "storm", STREAMS)
        self.folder, self.chance, self.number = folder, random.Random(seed), 0
        self.promises = Promises()
        self.sums = dict.fromkeys(["kills", "promises told", "failing flushes", "records checked", "promises kept",
                                   "disks that lied", "of these refused", "promises that a lie broke"], 0)
        (folder / "disk").mkdir()

    def write(self, mode):
        """One life until it is killed; its lines, and whether it ended by itself."""
        environment = {**os.environ, **FAULTS[mode], "STORM_SEED": str(self.chance.randrange(1 << 30)),
                       "LD_PRELOAD": str(self.folder / "disk.so"), "STORM_CACHE": str(self.folder / "cache"),
                       "STORM_DISK": str(self.folder / "disk")}
        words = [self.folder / "storm", "write", self.folder / "cache/log", STREAMS, THREADS, CONTAINERS,
                 self.number * LIVES_EACH]
        # A file, because a pipe that is full would hold the storm up.
        with open(self.folder / "told", "wb") as told:
            process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=told,
                                       env=environment)
            time.sleep(self.chance.uniform(0.02, 0.8))
            process.kill()
            code = process.wait()
        return (self.folder / "told").read_text(errors="replace"), code

    def check(self, name, is_lied_to, faults):
        """Compares the log in a folder with the promises; gives back the bases."""
        copy(self.folder / name, self.folder / "checked")
        verdict = self.log_check.check(self.folder / "checked", self.promises, is_lied_to)
        for figure, count in verdict.figures.items():
            self.sums[figure] = self.sums.get(figure, 0) + count
        faults += [f"{name}: {fault}" for fault in verdict.faults]
        if name == "cache" and self.number % 40 == 1 and not faults:
            faults += self.log_check.check_itself(self.folder / "checked", self.promises)
        return verdict.bases

    def listen(self, lines, mode):
        """Takes note of what was told; what must not be."""
        told = Told(self.promises)
        told.begin(self.number)
        for line in lines.splitlines(keepends=True):
            if line.endswith("\n"):
                told.take(line.rstrip("\n"))
        faults = [f"the storm says: {fault}" for fault in told.faults]
        if mode != "lies":
            faults += [f"an opening was refused: {failure}" for failure in told.damage]
        if mode == "slow":
            faults += [f"a call failed without a fault: {failure}" for failure in told.failures]
        self.sums["promises told"] += told.acknowledged
        self.sums["failing flushes"] += len(told.failed_flushes()) if mode == "fails" else 0
        return faults

    def live(self, mode):
        """One life; its faults."""
        self.number += 1
        copy(self.folder / "disk", self.folder / "before")
        copy(self.folder / "disk", self.folder / "cache")
        before = self.promises.kept_at(1 << 60, 0)
        lines, code = self.write(mode)
        self.sums["kills"] += 1
        faults = self.listen(lines, mode)
        if code != -9:
            faults.append(f"the storm ended with {code}")
        self.check("cache", False, faults)
        self.sums["disks that lied"] += mode == "lies"
        bases = self.check("disk", mode == "lies", faults)
        if mode == "lies":
            copy(self.folder / "before", self.folder / "disk")
            self.promises = before
        else:
            self.promises.forget_below(bases, STREAMS)
        if faults or (not self.promises.records and self.number % 2 == 0) or self.number % 40 == 0:
            # From nothing again: also where the disk failed while the log was made.
            shutil.rmtree(self.folder / "disk")
            (self.folder / "disk").mkdir()
            self.promises = Promises()
        return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--mode", choices=list(FAULTS), help="of all lives; else one after the other")
    parser.add_argument("--keep", type=Path, help="where a failing life's folders stay")
    wanted = parser.parse_args()
    print(f"seed {wanted.seed}", flush=True)
    start, failed = time.monotonic(), 0
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 1 << 28 else None
    with tempfile.TemporaryDirectory(prefix="clfsmgmt-storm-", dir=place) as folder:
        run = Run(Path(folder), wanted.program.resolve(), wanted.seed)
        compile_all(run.folder, wanted.program.resolve().parent)
        while run.number < wanted.kills and time.monotonic() < start + wanted.minutes * 60:
            mode = wanted.mode or ("fails", "slow", "fails", "lies")[run.number % 4]
            faults = run.live(mode)
            failed += bool(faults)
            if faults:
                print(f"FAIL life {run.number}, {mode}", flush=True)
            for fault in faults[:10]:
                print(f"     {fault}", flush=True)
            if faults and wanted.keep:
                shutil.copytree(run.folder, wanted.keep / f"life-{run.number}", dirs_exist_ok=True)
    print("note " + ", ".join(f"{count} {name}" for name, count in run.sums.items()))
    print(f"{run.number - failed} passed, {failed} failed, 0 skipped", flush=True)
    sys.exit(1 if failed or run.number == 0 else 0)


if __name__ == "__main__":
    main()
