"""One stack in one VM: its services begun, scenarios, load and cycles run, its services ended, and all of it judged."""

import pathlib
import re
import shutil
import time

import machine
import verdict

# From below; the companion is the last to begin and the first to end.
SERVICES = {"open": ("clfs", "clfsclient"), "interposed": ("clfs", "clfsmgmt", "clfsclient")}
RUNNER = "runner.exe"
DRIVERS = r"C:\windows\system32\drivers"


class Report:
    """The checks of one stack, as lines; and how many passed, failed and were skipped."""

    def __init__(self, name):
        self.name, self.lines, self.passed, self.failed, self.skipped = name, [], 0, 0, 0

    def check(self, sentence, wrong):
        """One check: it fails if there is anything wrong."""
        if wrong:
            self.failed += 1
            self.lines.append(f"FAIL {self.name}: {sentence}")
            self.lines += [f"     {line}" for line in wrong[:60]]
        else:
            self.passed += 1
            self.lines.append(f"ok   {self.name}: {sentence}")

    def count(self, sentence, numbers, wrong):
        """Many checks in one line; what is wrong beside those that failed is one more."""
        passed, failed, skipped = numbers
        self.passed += passed
        self.failed += max(failed, 1 if wrong else 0)
        self.skipped += skipped
        self.lines.append(f"{'FAIL' if wrong else 'ok  '} {self.name}: {sentence}")
        self.lines += [f"     {line}" for line in wrong[:80]]

    def note(self, text):
        self.lines.append(f"note {self.name}: {text}")

    def text(self, lines):
        self.lines += lines.splitlines()


class Stack:
    """The services of one stack in a VM that is up."""

    def __init__(self, name, vm, report):
        self.name, self.vm, self.report = name, vm, report
        self.services = SERVICES[name]
        self.images = [service for service in self.services if service != "clfsclient"]
        # How often they were stopped, and how much was said before the last time.
        self.ends, self.said_before = 0, 0

    def create(self):
        self.vm.control("create", "vmkernel", rf"{DRIVERS}\vmkernel.exe")
        for service in self.services:
            self.vm.control("create", service, rf"{DRIVERS}\{service}.sys")
        self.vm.control("start", "vmkernel")

    def start(self):
        for service in self.services:
            self.vm.control("start", service)

    def stop(self):
        """Stops all of them, whatever becomes of one: what is wrong."""
        wrong, self.said_before = [], len(self.vm.said())
        for service in reversed(self.services):
            try:
                self.vm.control("stop", service, "20", timeout=40)
            except machine.Failed as failure:
                wrong.append(str(failure))
        self.ends += 1
        return wrong

    def tap(self, what, program, *arguments, timeout, output):
        """Runs what prints TAP: each of its lines is one check."""
        start = time.monotonic()
        code, told = self.vm.run(program, *arguments, timeout=timeout, output=output)
        text = pathlib.Path(output).read_text(errors="replace")
        passed, failed, skipped, wrong = verdict.tap(text)
        if code != (1 if failed else 0):
            wrong.append(told or f"{what} ended with code {code}")
        self.report.count(f"{what}: {passed} passed, {failed} failed, {skipped} skipped", (passed, failed, skipped), wrong)
        self.report.note(f"{what}: {passed + failed} in {time.monotonic() - start:.0f} s")
        for line in text.replace("\r", "").splitlines():
            if line.startswith("# note "):
                self.report.note(line.removeprefix("# note "))
            elif match := re.match(r"ok \d+ - (.*) # SKIP (.*)", line):
                self.report.note(f"skipped: {match[1]}: {match[2]}")
        return passed

    def judge_end(self):
        """After the last stop: nobody owes anything, by two witnesses, and nothing that must not has been said."""
        try:
            counts = self.vm.control("counts")
            self.vm.control("stop", "vmkernel")
        except machine.Failed as failure:
            counts = str(failure)
        said = self.vm.said()
        self.report.check("the shim of the kernel saw everything given back", verdict.witness(counts, self.services))
        self.report.check("the images say that nothing is left", verdict.left(said, self.images, self.ends, self.said_before))
        self.report.check("no rule of the kernel was broken, no stub called, nobody crashed", verdict.host(said))
        for line in counts.splitlines():
            if line.startswith("image "):
                taken = re.findall(r"([\w-]+)=-?\d+/([1-9]\d*)", line)
                if taken:
                    told = ", ".join(f"{number} {kind}" for kind, number in taken)
                    self.report.note(f"{line.split()[1]} took and gave back {told}")


def run_all(name, template, root, parts, report):
    """Everything, on one stack. `parts`: what is run: scenarios, load, cycles. Gives the machine, which is down then."""
    vm = machine.Machine.copy(template, root / "prefix", root / "trace.log")
    vm.log.write_text("")
    vm.install(root / "drivers")
    vm.install(root.parent / "shims")
    for name_of_file in ("control.exe", "bcryptprimitives.dll", RUNNER):
        shutil.copy(root.parent / name_of_file, vm.prefix / "drive_c" / name_of_file)
    shutil.copytree(pathlib.Path(__file__).parent / "scenarios", vm.prefix / "drive_c" / "scenarios")
    with vm:
        stack = Stack(name, vm, report)
        stack.create()
        stack.start()
        report.check("all services run", [])
        for part in parts:
            part(stack, root)
        report.check("every service stops in time", stack.stop())
        stack.judge_end()
        report.check("the VM ends by itself", [] if vm.end() else ["it had to be killed"])
    return vm
