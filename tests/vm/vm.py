#!/usr/bin/env python3
"""Runs the drivers under Wine's kernel and judges what comes of it. See README.md here.

    vm.py [STACK…] [--only PART,…]      STACK: open, interposed, broken; PART: scenarios, load, cycles

Needs target/driver/package, target/kmdf-client, target/vm/runner.exe and the program; tests/run vm builds them.
"""

import argparse
import pathlib
import subprocess
import sys
import threading
import time
import traceback

import logs
import machine
import shims
import stack
import sysroot
import verdict

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "target" / "vm"
PACKAGE = ROOT / "target" / "driver" / "package"
BROKEN = ROOT / "target" / "driver" / "broken" / "clfs.sys"
COMPANION = ROOT / "target" / "kmdf-client"
PROGRAM = ROOT / "target" / "release" / "clfsmgmt"
SCENARIOS_LEAST = 150
CYCLES = 200
# What fails first when a client leaks or a request completes twice: a handful of scenarios is enough.
BROKEN_FOLDERS = ("growth", "handle-log-file-full")


def scenarios(one, root):
    passed = one.tap("scenarios", stack.RUNNER, "run", "--stack", one.name, "--outcomes", r"C:\outcomes.txt",
                     "--folder", r"C:\run", r"C:\scenarios", timeout=400, output=root / "scenarios.tap")
    few = [] if passed >= SCENARIOS_LEAST else [f"{passed} scenarios passed"]
    one.report.check(f"at least {SCENARIOS_LEAST} scenarios", few)


def load(one, root):
    one.tap("load", stack.RUNNER, "load", r"C:\load", timeout=180, output=root / "load.tap")


def cycles(one, root):
    """Loads and unloads all of them again and again, from the state in which they are up; and leaves them up."""
    del root
    wrong, start = one.stop(), time.monotonic()
    try:
        text = one.vm.control("cycles", str(CYCLES), *one.services, timeout=240)
        one.ends += CYCLES
        one.report.note(f"{text.strip()} in {time.monotonic() - start:.0f} s")
        one.start()
    except machine.Failed as failure:
        wrong.append(str(failure))
    one.report.check(f"{CYCLES} times loaded and unloaded", wrong)


PARTS = {"scenarios": scenarios, "load": load, "cycles": cycles}


def prepare(name):
    """The stack's folder of drivers, and the checks of what is in it."""
    report, root = stack.Report(name), OUT / name
    is_broken = name == "broken"
    kind = "open" if is_broken else name
    images = sysroot.build(kind, PACKAGE, COMPANION / kind / "clfsclient.sys")
    for sentence, is_true in sysroot.check(kind, images):
        report.check(sentence, [] if is_true else ["it is not"])
    if is_broken:
        report = stack.Report(name)
        before = BROKEN.read_bytes()
        images["clfs.sys"] = (before, sysroot.rename_kernel(before))
    (root / "drivers").mkdir(parents=True, exist_ok=True)
    for file, (_, after) in images.items():
        (root / "drivers" / file).write_bytes(after)
    return report


def run_stack(name, parts, report):
    root = OUT / name
    try:
        vm = stack.run_all(name, OUT / "template", root, parts, report)
        count, wrong = logs.check_all(PROGRAM, vm.prefix)
        if not count:
            wrong.append("there are none")
        report.check(f"{count} logs that were left pass clfsmgmt inspect --check outside", wrong)
    except (machine.Failed, OSError, subprocess.SubprocessError) as failure:
        report.check("the VM does what it is told", [str(failure), *traceback.format_exc().splitlines()[-3:]])
    if report.failed:
        report.text(verdict.tail((root / "trace.log").read_text(errors="replace")))


def run_broken(report):
    """The build that is wrong on purpose: scenarios must fail, and both witnesses must see the leak. A check passes if
    the one of a good build fails."""
    root, inner = OUT / "broken", stack.Report("open")

    def handful(one, place):
        folders = [rf"C:\scenarios\{folder}" for folder in BROKEN_FOLDERS]
        one.tap("scenarios", stack.RUNNER, "run", "--stack", "open", "--folder", r"C:\run", *folders,
                timeout=240, output=place / "scenarios.tap")

    try:
        stack.run_all("open", OUT / "template", root, [handful], inner)
    except (machine.Failed, OSError, subprocess.SubprocessError) as failure:
        report.check("the VM does what it is told", [str(failure)])
    for sentence, found in (("scenarios", "a scenario"), ("the images say", "the image's own counts"),
                            ("the shim of the kernel saw", "the shim's counts")):
        is_seen = any(line.startswith(f"FAIL open: {sentence}") for line in inner.lines)
        report.check(f"a build that completes twice and leaks a client's block is caught by {found}",
                     [] if is_seen else ["it is not", *inner.lines])


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("stacks", nargs="*", default=["open", "interposed", "broken"])
    parser.add_argument("--only", default=",".join(PARTS))
    return parser.parse_args()


def build():
    """The shims, for all images that will run; and what orders the services about."""
    images = [PACKAGE / "clfs.sys", PACKAGE / "clfsmgmt.sys", *COMPANION.glob("*/clfsclient.sys")]
    shims.build(OUT / "shims", images)
    for source, output, flags in (("control/control.c", "control.exe", []),
                                  ("shims/random/random.c", "bcryptprimitives.dll", ["-shared"])):
        subprocess.run(["x86_64-w64-mingw32-gcc", "-O2", "-Wall", "-Wextra", "-Werror", *flags,
                        str(ROOT / "tests" / "vm" / source), "-o", str(OUT / output), "-ladvapi32"], check=True)


def main():
    told = arguments()
    OUT.mkdir(parents=True, exist_ok=True)
    build()
    machine.make_prefix(OUT / "template")
    reports = {name: prepare(name) for name in told.stacks}
    parts = [PARTS[name] for name in told.only.split(",") if name]
    threads = [threading.Thread(target=run_broken, args=(report,)) if name == "broken" else
               threading.Thread(target=run_stack, args=(name, parts, report)) for name, report in reports.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for report in reports.values():
        print("\n".join(report.lines))
    numbers = [sum(getattr(report, kind) for report in reports.values()) for kind in ("passed", "failed", "skipped")]
    print("{} passed, {} failed, {} skipped".format(*numbers))
    sys.exit(numbers[1] != 0)


if __name__ == "__main__":
    main()
