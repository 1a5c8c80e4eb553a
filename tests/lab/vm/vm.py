#!/usr/bin/env python3
"""Runs the drivers under Wine's kernel and judges what comes of it. See README.md here.

    vm.py [STACK…] [--only PART,…]      STACK: open, interposed, broken; PART: first, scenarios, load, cycles

Needs target/driver/package, target/kmdf-client, target/vm/runner.exe and the program; tests/run vm builds them.
"""

import argparse
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback

import logs
import machine
import shims
import side
import stack
import sysroot
import verdict

ROOT = pathlib.Path(__file__).resolve().parents[3]
OUT = ROOT / "target" / "vm"
PACKAGE = ROOT / "target" / "driver" / "package"
BROKEN = ROOT / "target" / "driver" / "broken" / "clfs.sys"
COMPANION = ROOT / "target" / "kmdf-client"
SCENARIOS_LEAST = 150
CYCLES = 200
FIRST = r"C:\scenarios\guarded\a-log-is-opened-used-and-grown-there-first.txt"
# Part → the folder in which it leaves logs, and how many at least: each scenario has one of its own.
LOGS_LEAST = {"first": ("first", 1), "scenarios": ("run", SCENARIOS_LEAST), "load": ("load", 100), "cycles": ("unload", 1)}
# What fails first when a client leaks or a request completes twice: one folder is enough.
BROKEN_FOLDERS = ("handle-log-file-full",)


def first(one, root):
    """The very first calls of all are made with the APCs disabled."""
    one.tap("the first opening", stack.RUNNER, "run", "--stack", one.name, "--folder", r"C:\first", FIRST, timeout=60,
            output=root / "first.tap")


def scenarios(one, root):
    passed = one.tap("scenarios", stack.RUNNER, "run", "--stack", one.name, "--outcomes", r"C:\outcomes.txt",
                     "--folder", r"C:\run", r"C:\scenarios", timeout=400, output=root / "scenarios.tap")
    few = [] if passed >= SCENARIOS_LEAST else [f"{passed} scenarios passed"]
    one.report.check(f"at least {SCENARIOS_LEAST} scenarios", few)


def load(one, root):
    one.tap("load", stack.RUNNER, "load", "--stack", one.name, "--seconds", "60", "--folder", r"C:\load", timeout=240,
            output=root / "load.tap")


def cycles(one, root):
    """Begins and ends the services again and again, then ends them while they are busy; leaves them up."""
    one.report.check("every service stops in time after that", one.stop())
    one.tap("cycles", stack.RUNNER, "cycles", "--stack", one.name, "--times", str(CYCLES), "--folder", r"C:\cycles",
            timeout=240, output=root / "cycles.tap")
    one.ends += CYCLES
    one.tap("unload while busy", stack.RUNNER, "unload-busy", "--stack", one.name, "--folder", r"C:\unload", timeout=120,
            output=root / "unload.tap")
    one.start()


PARTS = {"first": first, "scenarios": scenarios, "load": load, "cycles": cycles}


def prepare(name):
    """The stack's folder of drivers, and the checks of what is in it."""
    report = stack.Report(name)
    images = sysroot.build(name, PACKAGE, COMPANION / name / "clfsclient.sys")
    for sentence, is_true in sysroot.check(name, images):
        report.check(sentence, [] if is_true else ["it is not"])
    place(OUT / name / "drivers", images)
    return report


def place(folder, images):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file, (_, after) in images.items():
        (folder / file).write_bytes(after)


def prepare_broken(folder):
    """The open stack, over a clfs.sys that is wrong on purpose."""
    start = time.monotonic()
    side.run("the broken build", [ROOT / "tools/driver/build", "broken"])
    images = sysroot.build("open", PACKAGE, COMPANION / "open" / "clfsclient.sys")
    data = BROKEN.read_bytes()
    images["clfs.sys"] = (data, sysroot.rename_kernel(data))
    place(folder, images)
    return time.monotonic() - start


def run_stack(name, parts, program, report):
    root = OUT / name
    try:
        vm = stack.run_all(name, OUT / "template", root, [PARTS[part] for part in parts], report)
        count, wrong = logs.check_all(program.wait(), vm.prefix)
        wrong += logs.few(vm.prefix, dict(LOGS_LEAST[part] for part in parts)) or ([] if count else ["there are none"])
        report.check(f"{count} logs that were left pass clfsmgmt inspect --check outside", wrong)
    except Exception as failure:  # Whatever it is: a thread that ends in silence has shown nothing.
        report.check("the VM does what it is told", [repr(failure), *traceback.format_exc().splitlines()[-3:]])
    end(root, report)


def end(root, report):
    """What is left for who must find out; what is of no use to anybody goes: a drive is a gigabyte."""
    trace = root / "trace.log"
    if report.failed and trace.exists():
        report.text(verdict.tail(trace.read_text(errors="replace")))
    elif not report.failed:
        machine.remove(root / "prefix")


def broken_parts():
    """A handful of scenarios, of which what the build does wrong lets some pass and some not."""
    def handful(one, root):
        folders = [rf"C:\scenarios\{folder}" for folder in BROKEN_FOLDERS]
        one.tap("scenarios", stack.RUNNER, "run", "--stack", "open", "--folder", r"C:\run", *folders, timeout=240,
                output=root / "scenarios.tap")
    return [handful]


def run_broken(report):
    """Scenarios of the build that is wrong on purpose must fail, some for each of its two faults and none for another reason;
    and both witnesses see the leak."""
    root, inner = OUT / "broken", stack.Report("open")
    try:
        report.note(f"built in {prepare_broken(root / 'drivers'):.0f} s")
        stack.run_all("open", OUT / "template", root, broken_parts(), inner)
        judge_broken(report, inner, root)
    except Exception as failure:  # As above.
        report.check("the VM does what it is told", [repr(failure), *traceback.format_exc().splitlines()[-3:], *inner.lines])
    end(root, report)


def judge_broken(report, inner, root):
    said = "\n".join(inner.lines)
    *found, other = verdict.faults((root / "scenarios.tap").read_text(errors="replace")).items()
    for fault, names in found:
        report.check(f"scenarios fail over a build that {fault}", [] if names else ["none does", *inner.lines])
        report.note(f"{len(names)} scenarios see that it {fault}, so \"{min(names, default='')}\"")
    report.check("none fails for another reason", sorted(other[1]))
    for who, pattern in (("the image's own counts", r"^     clfs left: pool [1-9]"),
                         ("the shim's counts", r"^     clfs owes [1-9]\d* blocks")):
        is_seen = re.search(pattern, said, re.MULTILINE) is not None
        report.check(f"a build that leaks is caught by {who}", [] if is_seen else ["it is not", *inner.lines])
    ran = re.search(r"scenarios: [1-9]\d* passed, ([1-9]\d*) failed", said)
    report.check("its other scenarios ran", [] if ran else inner.lines)
    report.note(f"of the broken build's scenarios {ran[0].split(': ')[1] if ran else 'none ran'}")


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
                        str(ROOT / "tests" / "lab" / "vm" / source), "-o", str(OUT / output), "-ladvapi32"], check=True)


def run_all(threads):
    """Runs the stacks side by side; who breaks this off ends their VMs."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for vm in list(machine.UP):
            vm.kill()
        for child in list(side.RUNNING):
            side.end(child)


def main():
    told = arguments()
    OUT.mkdir(parents=True, exist_ok=True)
    build()
    machine.make_prefix(OUT / "template")
    reports = {name: stack.Report(name) if name == "broken" else prepare(name) for name in told.stacks}
    parts = [name for name in told.only.split(",") if name]
    if set(parts) - set(PARTS) or set(told.stacks) - {*sysroot.STACKS, "broken"}:
        sys.exit("vm.py: no such stack, or part")
    program = side.Program(ROOT)
    work = [(run_broken, (report,)) if name == "broken" else (run_stack, (name, parts, program, report))
            for name, report in reports.items()]
    run_all([threading.Thread(target=target, args=values, daemon=True) for target, values in work])
    for report in reports.values():
        print("\n".join(report.lines))
    numbers = [sum(getattr(report, kind) for report in reports.values()) for kind in ("passed", "failed", "skipped")]
    print("{} passed, {} failed, {} skipped".format(*numbers))
    sys.exit(numbers[1] != 0)


if __name__ == "__main__":
    main()
