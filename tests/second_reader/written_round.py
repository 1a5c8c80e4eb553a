"""Kills a program that writes a dedicated log round and round, again and again, and has three readers look at what is left.

usage: written_round.py PATH/TO/clfsmgmt PATH/TO/written_round FOLDER [--laps 300] [--kills 100] [--dissect PYTHON]

After each kill: `inspect --check` says that all is well, what was acknowledged is found in `inspect --records` byte for byte,
and the second reader lists the same. dissect.clfs looks at every tenth. Behind the last the log has gone round so often.
"""

import argparse
import random
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "cli/tests/end_to_end"))
from checks import Checks  # noqa: E402

HERE = Path(__file__).resolve().parent
DISSECT = HERE.parents[1] / "cli/tests/dissect/compare_records.py"


class Told:
    """What the writer has said."""

    def __init__(self):
        self.durable, self.waiting = {}, {}
        self.base = 0

    def hear(self, line):
        word, *numbers = line.split()
        if word == "record":
            lsn, length, crc = map(int, numbers)
            self.waiting[lsn] = (length, crc)
        elif word in ("durable", "laps"):
            self.durable.update(self.waiting)
            self.waiting = {}
        elif word == "moving":
            self.base = int(numbers[0])
        # A base may be moved before the records below it are durable.
        self.durable = {lsn: given for lsn, given in self.durable.items() if lsn >= self.base}

    def write(self, path):
        lines = (f"0 {lsn} {length} {crc}\n" for lsn, (length, crc) in sorted(self.durable.items()))
        path.write_text("".join(lines))


def live(writer, log, laps, seconds, told):
    """Lets the writer work up to a lap and then for a moment, and kills it."""
    told.waiting = {}
    child = subprocess.Popen([writer, log, str(laps)], stdout=subprocess.PIPE, text=True)
    timer = threading.Timer(seconds, child.kill) if seconds else None
    if timer:
        timer.start()
    for line in child.stdout:
        if line.endswith("\n"):
            told.hear(line)
    code = child.wait()
    if timer:
        timer.cancel()
    assert code in (0, -9), f"the writer ended with {code}"
    return len(told.durable)


def ended_well(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"exit code {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("writer")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--laps", type=int, default=300)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--dissect")
    options = parser.parse_args()
    log, checks, told, records = options.folder / "log.blf", Checks(), Told(), 0
    for kill in range(options.kills):
        # A life in which nothing is killed brings the log on, so that the kills are spread over all laps.
        laps = max(1, options.laps * kill // options.kills)
        checks.run(f"{kill}: written to lap {laps}", live, options.writer, log, laps, None, told)
        name = f"kill {kill} in lap {laps}"
        count = checks.run(f"{name}: written", live, options.writer, log, 10**6, random.uniform(0.02, 0.4), told)
        records += count or 0
        told.write(options.folder / "acknowledged.txt")
        checks.run(f"{name}: inspect --check", ended_well, options.program, "inspect", "--check", log)
        compare = checks.run(f"{name}: the readers", ended_well, sys.executable, HERE / "compare.py", options.program, log)
        if compare and options.dissect and kill % 10 == 0:
            checks.run(f"{name}: dissect.clfs", ended_well, options.dissect, DISSECT, options.program, log)
    checks.run(f"written to lap {options.laps}", live, options.writer, log, options.laps, None, told)
    print(f"note {options.kills} kills over {options.laps} laps, {records} acknowledged records looked for")
    checks.close()


if __name__ == "__main__":
    main()
