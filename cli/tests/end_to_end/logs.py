"""Leaves logs for other readers in a folder: nearly fresh, after the default replay, and recycled many times.

usage: logs.py PATH/TO/clfsmgmt FOLDER      (then FOLDER/*/*.blf)
"""

import sys
from functools import partial
from pathlib import Path

import traces
from checks import Checks, Program, expect


def replay_and_check(program, folder, *arguments, **bounds):
    numbers, _ = program.replay(*arguments, folder=folder)
    expect(numbers, records_lost=0, **bounds)
    program.check_log(folder)


def main():
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} PATH/TO/clfsmgmt FOLDER")
    program, folder = Program(sys.argv[1]), Path(sys.argv[2])
    one = folder / "one.csv"
    traces.write(one, [(0, 1, 1, "commit", 100)])
    small = ("--container-size", "1MiB", "--durability", "checkpoint")
    often = {"containers_recycled": lambda count: count >= 20}
    checks = Checks()
    checks.run("a log of one record is sound", replay_and_check, program, folder / "fresh", one)
    checks.run("the log of the default replay is sound", replay_and_check, program, folder / "default")
    for streams in (1, 8, 64):
        options = (*small, "--max-containers", "16", "--streams", streams)
        run = partial(replay_and_check, program, folder / f"recycled-{streams}", *options, **often)
        checks.run(f"a log of {streams} streams that was recycled many times is sound", run)
    grown = (replay_and_check, program, folder / "shrunk", *small, "--auto-grow", "--auto-shrink", "50%")
    checks.run("a log that grew and shrank is sound", *grown)
    checks.close()


if __name__ == "__main__":
    main()
