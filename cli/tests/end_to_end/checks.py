"""Runs end-to-end checks and counts them: one line each, and `N passed, N failed, N skipped` alone on the last line.

Used by every file of this folder; standard library only. A check is a function that raises `AssertionError` when it
fails and `Skip` when it cannot run here.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

# What one run of the program may take before it counts as stuck.
TIMEOUT_SECONDS = 300


class Skip(Exception):
    """The check cannot run on this machine; the text says why."""


class Checks:
    """The checks of one file."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def run(self, name, check, *arguments):
        """Runs one check and prints its line; gives back what it returned, or None."""
        start = time.monotonic()
        result = None
        try:
            result = check(*arguments)
        except Skip as why:
            self.skipped += 1
            print(f"skip {name}: {why}", flush=True)
        except AssertionError as fault:
            self.failed += 1
            print(f"FAIL {name}: {fault}", flush=True)
        except Exception:  # a check that breaks is a check that failed
            self.failed += 1
            print(f"FAIL {name}:\n{traceback.format_exc()}", flush=True)
        else:
            self.passed += 1
            print(f"ok   {name} ({time.monotonic() - start:.1f} s)", flush=True)
        return result

    def close(self):
        """Prints the closing line and leaves."""
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        sys.exit(1 if self.failed else 0)


class Program:
    """The program under test."""

    def __init__(self, path):
        self.path = str(Path(path).resolve())

    def run(self, *arguments, **options):
        """Runs it to its end, without a terminal; gives back code, output and messages."""
        options.setdefault("timeout", TIMEOUT_SECONDS)
        options.setdefault("stdin", subprocess.DEVNULL)
        # Text with stray bytes shows up in messages; it must not break the check.
        return subprocess.run(
            [self.path, *map(str, arguments)], capture_output=True, text=True, errors="replace", **options
        )

    def replay(self, *arguments, folder):
        """A replay that must succeed; its log stays in `folder`. Gives back the numbers and everything printed."""
        numbers = Path(f"{folder}.json")
        done = self.run("replay", *arguments, "--log", folder, "--json", numbers)
        says = done.stdout + done.stderr
        assert done.returncode == 0, f"replay ended with {done.returncode}: {says[-2000:]}"
        assert numbers.exists(), f"replay left no {numbers}: {says[-2000:]}"
        return json.loads(numbers.read_text()), says

    def check_log(self, folder):
        """`inspect --check` on the log in `folder` must find nothing."""
        log = base_log_file(folder)
        done = self.run("inspect", "--check", log)
        assert done.returncode == 0, f"inspect --check {log}: {done.returncode}: {done.stdout}{done.stderr}"


def program_from_arguments():
    """The program that the command line names."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} PATH/TO/clfsmgmt")
    return Program(sys.argv[1])


def base_log_file(folder):
    """The one `.blf` in a folder."""
    logs = sorted(Path(folder).glob("*.blf"))
    assert len(logs) == 1, f"{folder} holds {len(logs)} base log files, one was expected"
    return logs[0]


def expect(numbers, **bounds):
    """Compares numbers of a report: `expect(n, pinned=2)` or `expect(n, pinned=lambda pinned: pinned > 0)`."""
    for key, bound in bounds.items():
        assert key in numbers, f"the JSON lacks {key}"
        value = numbers[key]
        if callable(bound):
            assert bound(value), f"{key} is {value}"
        else:
            assert value == bound, f"{key} is {value}, not {bound}"


def expect_whole(numbers, records):
    """Nothing is lost, the bound is kept, and every record of the trace is accounted for."""
    total = numbers["records_appended"] + numbers["records_skipped"]
    assert total == records, f"appended + skipped is {total}, the trace has {records}"
    expect(numbers, records_lost=0)
    peak, most = numbers["containers_peak"], numbers["containers_max"]
    assert most is not None, "containers_max is missing: nothing bounds the log"
    assert peak <= most, f"containers_peak {peak} is above containers_max {most}"
    # The counts must fit together, so that an episode or a request cannot vanish.
    requests, served = numbers["log_full_requests"], numbers["log_full_succeeded"] + numbers["log_full_failed"]
    assert requests == served, f"{requests} log-full requests, but {served} ended"
    assert numbers["pinned"] == numbers["unpinned"], f"pinned {numbers['pinned']} times, unpinned {numbers['unpinned']}"


@contextmanager
def work_folder():
    """A temporary folder that goes away however the checks end."""
    # SIGTERM must clean up too: turned into the exception that a keyboard interrupt is.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="clfsmgmt-", dir=os.environ.get("CLFSMGMT_TEST_DIR")) as folder:
        yield Path(folder)
