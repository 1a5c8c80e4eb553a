"""The bundled trace, replayed with the defaults and across the options: nothing lost, every bound kept.

usage: replay.py PATH/TO/clfsmgmt
"""

import os
import shutil
import signal
import subprocess
import time

from checks import Checks, expect, expect_whole, program_from_arguments, work_folder

# Records of cli/data/pgbench-tpcb.waldump.gz.
RECORDS = 85_982

# Each row changes something else than its neighbours; the last ones set the extremes against each other.
MATRIX = [
    ("--streams", "1"),
    ("--streams", "64"),
    ("--container-size", "1MiB"),
    ("--container-size", "4MiB"),
    ("--container-size", "64MiB"),
    ("--growth", "2"),
    ("--growth", "10%"),
    ("--tail", "35%"),
    ("--tail", "4"),
    ("--auto-grow", "--auto-shrink", "50%"),
    ("--streams", "64", "--container-size", "1MiB", "--growth", "10%", "--tail", "4"),
    ("--streams", "1", "--container-size", "64MiB", "--growth", "2", "--tail", "35%"),
    ("--streams", "64", "--container-size", "64MiB", "--growth", "10%", "--tail", "35%"),
    ("--streams", "1", "--container-size", "1MiB", "--growth", "2", "--tail", "4"),
    # Hardly a log: two containers, or none to grow by, or none to ask for; a share of a block for each of many streams.
    ("--max-containers", "2"),
    ("--growth", "0", "--tail", "0"),
    ("--max-containers", "2", "--streams", "1", "--checkpoint-ms", "0", "--auto-grow"),
    ("--streams", "64", "--container-size", "1MiB", "--max-containers", "3"),
]


def defaults(program, folder):
    """No option that changes anything: what README's first command does."""
    page = folder / "default.html"
    numbers, _ = program.replay("--report", page, folder=folder / "default")
    expect_whole(numbers, RECORDS)
    served = numbers["log_full_requests"]
    expect(
        numbers,
        records_appended=RECORDS,
        records_skipped=0,
        transactions_aborted=0,
        records_verified=lambda verified: verified > 0,
        bytes_appended=lambda count: count > 0,
        containers_recycled=lambda count: count > 0,
        log_full_requests=lambda count: count > 0,
        log_full_succeeded=served,
        tails_asked=lambda count: count > 0,
        seconds=lambda seconds: seconds > 0,
        raw_seconds=lambda seconds: seconds > 0,
    )
    assert "</html>" in page.read_text(encoding="utf-8").lower(), "the report is no whole page"
    ratio = numbers["seconds"] / numbers["raw_seconds"]
    print(f"     {numbers['seconds']:.2f} s, {ratio:.2f} times the bare writes")


def row_of_matrix(program, folder, options):
    """One combination; the log that it leaves is sound as well."""
    numbers, _ = program.replay("--durability", "checkpoint", *options, folder=folder)
    expect_whole(numbers, RECORDS)
    program.check_log(folder)
    # Sixteen logs of up to gigabytes need not lie side by side.
    shutil.rmtree(folder)


def interrupted(program, folder, number):
    """A replay that is interrupted ends by the signal, and its folder is gone."""
    folder.mkdir()
    running = subprocess.Popen(
        [program.path, "replay"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    deadline = time.monotonic() + 60
    while not list(folder.glob("*/*Container*")) and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(number)
    code = running.wait(timeout=60)
    assert code == -number, f"ended with {code}"
    left = [path.name for path in folder.iterdir()]
    assert not left, f"left behind: {left}"


def main():
    program = program_from_arguments()
    checks = Checks()
    with work_folder() as folder:
        checks.run("replay with the defaults", defaults, program, folder)
        checks.run("inspect --check after it", program.check_log, folder / "default")
        for number in (signal.SIGINT, signal.SIGTERM):
            checks.run(f"interrupted by {number.name}", interrupted, program, folder / number.name, number)
        for number, options in enumerate(MATRIX):
            checks.run(f"replay {' '.join(options)}", row_of_matrix, program, folder / f"matrix-{number}", options)
    checks.close()


if __name__ == "__main__":
    main()
