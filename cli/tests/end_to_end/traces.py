"""Makes the traces that the checks need, in the program's own table format (`docs/traces.md`).

usage: traces.py pinned-by-writer|pinned-until-commit FILE
"""

import sys
from pathlib import Path

HEADER = "time_us,stream,transaction,kind,bytes"
# Transactions that stand out in a summary.
PINNING = 424_242
# One record of a busy writer, and how often one comes.
BUSY_BYTES = 8_000
STEP_US = 1_000


def write(path, rows):
    """Writes rows (time, stream, transaction, kind, bytes) in the order of time; gives back how many."""
    rows = sorted(rows, key=lambda row: row[0])
    lines = [HEADER, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return len(rows)


def busy(records, streams=8, start_us=0):
    """Short transactions, four records each, one after another on `streams` streams."""
    for number in range(records):
        kind = "commit" if number % 4 == 3 else "data"
        transaction = 1 + number // 4
        yield start_us + number * STEP_US, 1 + transaction % streams, transaction, kind, BUSY_BYTES


def pinned_by_writer(path, records=12_000):
    """One transaction stays open and writes now and then, while others write some 96 MB."""
    end_us = records * STEP_US
    pinning = [(at, 1, PINNING, "data", 100) for at in range(500, end_us, 500_000)]
    return write(path, [*pinning, (end_us, 1, PINNING, "commit", 100), *busy(records)])


def pinned_until_commit(path, records=12_000, commit_us=60_000_000):
    """One transaction writes once and commits long after the others have filled the log."""
    pinning = [(500, 1, PINNING, "data", 100), (commit_us, 1, PINNING, "commit", 100)]
    return write(path, [*pinning, *busy(records)])


def serial_without_time(path, records=40_000):
    """One transaction after the other, all at one moment: nothing ever holds much of the log."""
    rows = ((0, "", 1 + at // 4, "commit" if at % 4 == 3 else "data", 2_000) for at in range(records))
    return write(path, rows)


def all_open_then_all_commit(path, transactions=10_000):
    """Every transaction begins before the first one commits: together they are larger than the log."""
    begin = [(at, "", 1 + at, "data", 8_000) for at in range(transactions)]
    return write(path, [*begin, *((20_000 + at, "", 1 + at, "commit", 34) for at in range(transactions))])


def never_ended(path, records=20_000):
    """No transaction ever ends."""
    return write(path, ((at * 100, "", 1 + at // 50, "data", 4_000) for at in range(records)))


if __name__ == "__main__":
    MAKERS = {"pinned-by-writer": pinned_by_writer, "pinned-until-commit": pinned_until_commit}
    if len(sys.argv) != 3 or sys.argv[1] not in MAKERS:
        sys.exit(f"usage: {sys.argv[0]} {'|'.join(MAKERS)} FILE")
    MAKERS[sys.argv[1]](Path(sys.argv[2]))
