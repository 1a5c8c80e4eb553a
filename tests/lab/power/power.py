#!/usr/bin/env python3
"""Power loss under a real kernel: a storm and replays in a machine that is switched off, again and again.

    power.py PROGRAM KERNEL [--cuts N] [--minutes N] [--prefixes N] [--seed N] [--keep FOLDER]

PROGRAM is the clfsmgmt beside its library, KERNEL a folder with Debian's kernel package in it. The file system lies on
dm-flakey, that on dm-log-writes (guest.c). Each life of the machine has one of three modes:

* `plain`: nothing fails until it is switched off;
* `errors`: all writes of the disk fail for a while, again and again;
* `lies`: they are dropped in silence for a while, again and again.

Checked, each time with the library itself, which opens the log for writing (tests/lab/storm/check.c):

* the disk as switching off left it: each record and restart area whose SUCCESS was told over the serial line is there,
  with its LSN, writer, life, number and bytes, from a base on that somebody moved; each record that is there is one
  that was written, behind the one before it;
* each prefix of what dm-log-writes recorded, up to a flush or a FUA write (`--prefixes`: so many of each life, evenly):
  the same for all that was promised before it;
* in the next life the real kernel mounts that disk, or one of these prefixes, and the log is checked in there before
  the storm goes on with it: the writers find where they were;
* a replay that had ended before: `inspect --check` finds nothing in its log;
* `errors` and `plain`: no opening is refused as damaged, inside and outside;
* `lies`: where nothing had been dropped yet, the same. Behind that what is lost is the disk's own: the log is refused
  with a status, and `inspect --check` finds something in it; or it is opened, each record in it was written, and none
  is missing between two of a writer.

The last line is `N passed, N failed, N skipped`.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "storm"))

from lives import STREAMS, Life, Setting  # noqa: E402
from log_check import LogCheck  # noqa: E402
from machine import Machine, build, make_disk  # noqa: E402
from promises import Promises  # noqa: E402

FIGURES = ["cuts", "promises told", "failing flushes", "mounted again", "flushes recorded", "prefixes tried",
           "records checked", "promises kept", "replays ended", "replay logs checked", "prefixes behind a lie",
           "of these refused", "promises that a lie broke"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("kernel", type=Path)
    parser.add_argument("--cuts", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=1e9, help="no machine is switched on after that")
    parser.add_argument("--prefixes", type=int, default=30, help="of each life; 0: all")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--mode", choices=["plain", "errors", "lies"], help="of all lives; else one after the other")
    parser.add_argument("--keep", type=Path, help="where the disks of a failing life stay")
    wanted = parser.parse_args()
    print(f"seed {wanted.seed}", flush=True)
    chance, start, sums, failed, lives = random.Random(wanted.seed), time.monotonic(), dict.fromkeys(FIGURES, 0), 0, 0
    with tempfile.TemporaryDirectory(prefix="clfsmgmt-power-") as folder, ThreadPoolExecutor(2) as pool:
        folder = Path(folder)
        storm = build(folder, wanted.kernel.resolve(), wanted.program.resolve().parent)
        log_check = LogCheck(wanted.program.resolve(), storm, STREAMS)
        setting = Setting(folder, wanted.kernel.resolve(), log_check, wanted.prefixes, pool)
        disk, promises = folder / "disk.img", Promises()
        # Starts it, and puts it away.
        make_disk(disk)
        Machine(folder, wanted.kernel.resolve(), disk, folder / "record.img", "", "")
        while lives < wanted.cuts and time.monotonic() < start + wanted.minutes * 60:
            lives += 1
            # A log that is gone on with for ever would show less of how one begins.
            if lives % 8 == 1 or not disk.exists():
                setting.data = make_disk(disk)
                promises = Promises()
            mode = wanted.mode or ("lies", "errors", "plain", "errors")[lives % 4]
            life = Life(setting, lives, mode, chance)
            promises = life.live(disk, promises)
            for name, count in life.figures.items():
                sums[name] = sums.get(name, 0) + count
            faults = life.faults
            failed += bool(faults)
            print(f"{'FAIL' if faults else 'ok  '} life {lives}, {mode}: {life.tell()}", flush=True)
            for fault in faults[:20]:
                print(f"     {fault}", flush=True)
            if faults and wanted.keep:
                shutil.copytree(folder, wanted.keep / f"life-{lives}", dirs_exist_ok=True,
                                ignore=shutil.ignore_patterns("monitor"))
            if faults or life.is_barren:
                disk.unlink(missing_ok=True)
    print("note " + ", ".join(f"{count} {name}" for name, count in sums.items()))
    print(f"{lives - failed} passed, {failed} failed, 0 skipped", flush=True)
    sys.exit(1 if failed or lives == 0 else 0)


if __name__ == "__main__":
    main()
