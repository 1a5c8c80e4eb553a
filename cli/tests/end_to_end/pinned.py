"""A transaction that stays open pins the log: it is named, writers wait and go on, nothing is lost.

usage: pinned.py PATH/TO/clfsmgmt
"""

from functools import partial

import traces
from checks import Checks, expect, expect_whole, program_from_arguments, work_folder

# 32 MiB of log against 96 MB of records.
BOUNDS = ("--max-containers", "8", "--container-size", "4MiB")


def replay_pinned(program, folder, make_trace, name, *options):
    """What holds for every pinned trace; gives back the numbers."""
    trace = folder / f"{name}.csv"
    records = make_trace(trace)
    numbers, says = program.replay(trace, *BOUNDS, *options, folder=folder / name)
    expect_whole(numbers, records)
    expect(
        numbers,
        pinned=lambda count: count >= 1,
        transactions_aborted=lambda count: count <= 1,
        tails_refused=lambda count: count >= 1,
        containers_max=8,
    )
    # Numbers may be grouped for people.
    assert str(traces.PINNING) in says.replace(",", ""), f"the summary does not name transaction {traces.PINNING}: {says[-2000:]}"
    pins = numbers.get("pins", [])
    assert all(pin["until_us"] is not None for pin in pins), f"an episode did not end: {pins}"
    program.check_log(folder / name)
    return numbers


def writer(program, folder):
    """The pinning transaction needs room itself: it, and only it, is rolled back."""
    numbers = replay_pinned(program, folder, traces.pinned_by_writer, "writer")
    expect(numbers, transactions_aborted=1)


def waiter(program, folder):
    """The pinning transaction commits into the room that it reserved: nobody is rolled back."""
    numbers = replay_pinned(program, folder, traces.pinned_until_commit, "waiter")
    expect(numbers, transactions_aborted=0, records_skipped=0)


def recovers(program, folder, make_trace, *options, **expected):
    """A trace that stops many writers at once: the log recovers, nothing is lost."""
    trace = folder / f"{make_trace.__name__}.csv"
    records = make_trace(trace)
    place = folder / make_trace.__name__
    numbers, _ = program.replay(trace, "--durability", "none", *options, folder=place)
    expect_whole(numbers, records)
    expect(numbers, **expected)
    program.check_log(place)


def main():
    program = program_from_arguments()
    checks = Checks()
    with work_folder() as folder:
        checks.run("a transaction that stays open and writes is rolled back alone", writer, program, folder)
        checks.run("a transaction that commits late costs the others only time", waiter, program, folder)
        for streams in (1, 64):
            name = f"streams-{streams}"
            run = (program, folder, traces.pinned_by_writer, name, "--streams", str(streams))
            checks.run(f"pinned with {streams} streams", replay_pinned, *run)
        name = "transactions one after the other at one moment never hold the log"
        checks.run(name, partial(recovers, program, folder, traces.serial_without_time, records_skipped=0, pinned=0))
        name = "transactions that all begin before one commits cost each other only time"
        run = partial(recovers, program, folder, traces.all_open_then_all_commit, "--checkpoint-ms", "0")
        checks.run(name, partial(run, records_skipped=0))
        name = "transactions that never end are rolled back as others need their room"
        checks.run(name, partial(recovers, program, folder, traces.never_ended, transactions_aborted=lambda n: n > 0))
    checks.close()


if __name__ == "__main__":
    main()
