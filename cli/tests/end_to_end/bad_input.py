"""Bad input: exit code 2, one line that names the place and the mend, and an existing log left as it was.

usage: bad_input.py PATH/TO/clfsmgmt
"""

import gzip
import hashlib
import os
import re
import resource
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import traces
from checks import Checks, Skip, base_log_file, program_from_arguments, work_folder

BUNDLED = Path(__file__).resolve().parents[2] / "data" / "pgbench-tpcb.waldump.gz"
# The form of every message: `place: what is wrong; what to do`.
MEND = re.compile(r"; \S")
SMALL_DISK_BYTES = 3 << 20
# Four containers of 2 MiB, of the eight that the defaults allow.
MIDDLE_DISK_BYTES = 9 << 20


def fingerprint(folder):
    """Every file below a folder, with its bytes."""
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def refused(program, place, *arguments, **options):
    """The program must refuse: code 2, one line, with `place` (a pattern) and a mend in it."""
    done = program.run(*arguments, **options)
    lines = done.stderr.splitlines()
    assert done.returncode == 2, f"exit code {done.returncode}, not 2: {done.stderr}"
    assert len(lines) == 1, f"{len(lines)} lines instead of one: {done.stderr}"
    assert re.search(place, lines[0]), f"no {place!r} in: {lines[0]}"
    assert MEND.search(lines[0]), f"no mend (after a semicolon) in: {lines[0]}"
    print(f"     {lines[0]}")


def refused_leaving(program, log, place, *arguments):
    """Refused on a fresh folder for the right reason, and on an existing log without touching it."""
    refused(program, place, *arguments, "--log", log.with_name("fresh"))
    before = fingerprint(log)
    done = program.run(*arguments, "--log", log)
    assert done.returncode == 2, f"on an existing log: exit code {done.returncode}: {done.stderr}"
    assert fingerprint(log) == before, "the existing log was touched"


def make_bad_traces(folder):
    """Traces that are broken, each with the place that the message must name."""
    text = gzip.decompress(BUNDLED.read_bytes())
    lines = text.split(b"\n")
    cut = folder / "cut.waldump"
    cut.write_bytes(b"\n".join(lines[:1000]) + b"\n" + lines[1000][:57])
    cut_packed = folder / "cut.waldump.gz"
    cut_packed.write_bytes(BUNDLED.read_bytes()[: BUNDLED.stat().st_size // 2])
    rows = list(traces.busy(100))
    cut_table = folder / "cut.csv"
    traces.write(cut_table, rows)
    cut_table.write_bytes(cut_table.read_bytes()[:-3])
    unknown = folder / "unknown.csv"
    traces.write(unknown, [*rows, (rows[-1][0] + 1, 1, 999, "teleport", 10)])
    return [
        ("a trace cut in the middle of a line", cut, r"cut\.waldump.*line 1001\b"),
        ("a table cut in the middle of a line", cut_table, r"cut\.csv.*line 101\b"),
        ("a trace cut in the middle of its gzip", cut_packed, r"cut\.waldump\.gz"),
        ("an unknown kind", unknown, r"unknown\.csv.*line 102\b.*teleport"),
        ("a trace that does not exist", folder / "nowhere.csv", r"nowhere\.csv"),
    ]


BAD_OPTIONS = [
    ("a container size that is no multiple", r"--container-size", ("--container-size", "1000000")),
    ("a minimum above the maximum", r"--min-containers", ("--min-containers", "9", "--max-containers", "4")),
    ("a tail percent above 100", r"--tail", ("--tail", "101%")),
    ("a shrink percent above 100", r"--auto-shrink", ("--auto-shrink", "101%")),
    ("a number that is none", r"--max-containers", ("--max-containers", "many")),
    ("no stream at all", r"--streams", ("--streams", "0")),
]


def folder_below_a_file(program, folder):
    """Not even root can create a folder there."""
    blocker = folder / "regular-file"
    blocker.write_text("kept")
    refused(program, r"regular-file", "replay", "--log", blocker / "log")
    assert blocker.read_text() == "kept", "the file was touched"


@contextmanager
def small_disk(folder, size):
    """A file system with little room, where this may be mounted."""
    place = folder / "small-disk"
    place.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place]
    if os.geteuid() != 0:
        raise Skip("only root can mount a small disk; the file size limit is tried below")
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode != 0:
        raise Skip(f"a small disk cannot be mounted here ({done.stderr.strip()}); the file size limit is tried below")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def full_disk(program, folder):
    """Not even the smallest log fits; what else is on the disk stays as it was."""
    with small_disk(folder, SMALL_DISK_BYTES) as disk:
        (disk / "kept").write_bytes(b"kept")
        refused(program, r"(?i)small-disk.*(full|space)|(full|space).*small-disk", "replay", "--log", disk / "log")
        assert (disk / "kept").read_bytes() == b"kept", "a file beside the log was touched"


def disk_that_fills_up(program, folder):
    """The log begins, and cannot grow to the size that its policies allow."""
    with small_disk(folder, MIDDLE_DISK_BYTES) as disk:
        refused(program, r"(?i)small-disk.*(full|space)|(full|space).*small-disk", "replay", "--log", disk / "log")


def file_size_limit(program, folder):
    """`ulimit -f`: the system refuses the write, and must not kill the program with SIGXFSZ."""
    limit = (SMALL_DISK_BYTES, SMALL_DISK_BYTES)
    options = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)}
    refused(program, r"limited", "replay", "--container-size", "4MiB", "--log", folder / "limited", **options)


def foreign_log(program, folder, log):
    """A file of the log's name that holds something else, for both commands."""
    foreign = folder / "foreign"
    foreign.mkdir()
    file = foreign / base_log_file(log).name
    file.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 256)
    before = fingerprint(foreign)
    refused(program, re.escape(file.name) + "|foreign", "replay", "--log", foreign)
    refused(program, re.escape(file.name), "inspect", file)
    assert fingerprint(foreign) == before, "the foreign file was touched"


def open_log(program, folder):
    """A second replay into a log that another one has open; the first is halted, so that no byte may change."""
    log = folder / "held"
    first = subprocess.Popen(
        [program.path, "replay", "--log", str(log), "--durability", "commit"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        give_up = time.monotonic() + 60
        # Two containers beside the base log file: the log is in use by then.
        while len(list(log.glob("*"))) < 3:
            assert first.poll() is None and time.monotonic() < give_up, "the first replay never opened its log"
            time.sleep(0.001)
        first.send_signal(signal.SIGSTOP)
        before = fingerprint(log)
        refused(program, r"(?i)held.*\b(open|in use)\b", "replay", "--log", log)
        assert fingerprint(log) == before, "the open log was touched"
        first.send_signal(signal.SIGCONT)
        assert first.wait(timeout=300) == 0, f"the first replay ended with {first.returncode}"
    finally:
        first.kill()
        first.wait()


def main():
    program = program_from_arguments()
    checks = Checks()
    with work_folder() as folder:
        log = folder / "existing"
        traces.write(folder / "good.csv", traces.busy(100))
        made = checks.run("a small log is made", lambda: program.replay(folder / "good.csv", folder=log))
        for name, trace, place in make_bad_traces(folder):
            checks.run(name, refused_leaving, program, log, place, "replay", trace)
        for name, place, options in BAD_OPTIONS:
            checks.run(name, refused_leaving, program, log, place, "replay", *options)
        checks.run("a folder that cannot be written", folder_below_a_file, program, folder)
        checks.run("a disk that is full", full_disk, program, folder)
        checks.run("a disk that fills up", disk_that_fills_up, program, folder)
        checks.run("a file size limit", file_size_limit, program, folder)
        if made:
            checks.run("a log of another format", foreign_log, program, folder, log)
        checks.run("a log that is open already", open_log, program, folder)
    checks.close()


if __name__ == "__main__":
    main()
