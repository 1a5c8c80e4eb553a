"""One VM: a Wine prefix, in which drivers are services and what they print goes to one file.

Nothing here waits for ever: whatever does not end in its time is ended, and told. Only this prefix's processes are touched.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import time

DRIVERS = "drive_c/windows/system32/drivers"
# wine64 itself: the script around it complains of a missing wine32 at every call.
WINE = "/usr/lib/wine/wine64"
# What the shims and drivers print, and Wine's own errors; not what it leaves undone.
DEBUG = "+debugstr,err+all,fixme-all"


# Those that are up, for who breaks off.
UP = []


class Failed(Exception):
    """The VM did not do what it was told; the text says what."""


def environment(prefix, debug):
    return os.environ | {
        "WINEPREFIX": str(prefix), "WINEDEBUG": debug, "WINEARCH": "win64",
        # No dialogs about Mono and Gecko, no menus on the host, no display.
        "WINEDLLOVERRIDES": "mscoree=;mshtml=;winemenubuilder.exe=", "DISPLAY": "",
    }


def make_prefix(prefix):
    """A fresh prefix, with nothing in it but what Wine puts there; one that this Wine made whole before is that."""
    whole = prefix.parent / f"{prefix.name}.whole"
    version = subprocess.run([WINE, "--version"], timeout=60, check=True, capture_output=True, text=True).stdout
    if whole.exists() and whole.read_text() == version and prefix.is_dir():
        return
    whole.unlink(missing_ok=True)
    remove(prefix)
    prefix.mkdir(parents=True)
    setting = environment(prefix, "-all")
    try:
        subprocess.run([WINE, "wineboot", "-i"], env=setting, timeout=180, check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["wineserver", "-w"], env=setting, timeout=60, check=True)
    except BaseException:
        kill(prefix)
        raise
    whole.write_text(version)


def kill(prefix):
    """Ends whatever runs in a prefix."""
    subprocess.run(["wineserver", "-k"], env=environment(prefix, "-all"), timeout=60, check=False, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def remove(prefix):
    """Removes a prefix; what runs in it, left by a harness that was killed, ends first."""
    if prefix.is_dir():
        kill(prefix)
        shutil.rmtree(prefix)


class Machine:
    """A VM that is up from `with` to its end."""

    def __init__(self, prefix, log):
        self.prefix, self.log = pathlib.Path(prefix), pathlib.Path(log)
        self.keeper = None

    @classmethod
    def copy(cls, template, prefix, log):
        remove(pathlib.Path(prefix))
        # Wine's own files are never written: they are the same files in every copy.
        same = str(pathlib.Path(template) / "drive_c" / "windows")
        shutil.copytree(template, prefix, symlinks=True,
                        copy_function=lambda a, b: os.link(a, b) if a.startswith(same) else shutil.copy2(a, b))
        return cls(prefix, log)

    def __enter__(self):
        with self.log.open("ab") as log:
            # The first process of a prefix: what the services print goes where its errors go.
            self.keeper = subprocess.Popen([WINE, r"C:\control.exe", "stay"], env=environment(self.prefix, DEBUG),
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        UP.append(self)
        if self.keeper.stdout.readline().strip() != b"up":
            self.end()
            raise Failed("the VM did not come up")
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        """Ends the VM: its processes in peace if they go, and else not; whether they went."""
        if self not in UP:
            return True
        UP.remove(self)
        self.keeper.stdin.close()
        try:
            self.keeper.wait(timeout=20)
            subprocess.run(["wineserver", "-w"], env=environment(self.prefix, "-all"), timeout=40, check=True)
        except subprocess.SubprocessError:
            self.kill()
            return False
        return True

    def kill(self):
        kill(self.prefix)
        self.keeper.kill()
        self.keeper.wait()

    def install(self, folder):
        """The drivers in a folder."""
        for file in sorted(pathlib.Path(folder).iterdir()):
            if file.suffix in (".sys", ".exe"):
                # A file of Wine's is the template's: it is not written into.
                (self.prefix / DRIVERS / file.name).unlink(missing_ok=True)
                shutil.copy(file, self.prefix / DRIVERS / file.name)

    def run(self, program, *arguments, timeout, output=None):
        """Runs a program of the VM: (exit code, what it printed). `output`: a file to which it prints instead."""
        with open(output or os.devnull, "wb") as file, self.log.open("ab") as log:
            try:
                result = subprocess.run([WINE, rf"C:\{program}", *arguments], env=environment(self.prefix, "err+all,fixme-all"),
                                        stdin=subprocess.DEVNULL, stdout=file if output else subprocess.PIPE, stderr=log,
                                        timeout=timeout, check=False)
            except subprocess.TimeoutExpired:
                return None, f"{program} {' '.join(arguments)} did not end in {timeout} s"
        return result.returncode, "" if output else result.stdout.decode(errors="replace").replace("\r", "")

    def control(self, *arguments, timeout=30):
        """One order to the services; the text that it answers."""
        code, text = self.run("control.exe", *arguments, timeout=timeout)
        if code != 0:
            raise Failed(f"control {' '.join(arguments)}: {text.strip() or code}")
        return text

    def said(self):
        """What the drivers and Wine have printed until now."""
        return self.log.read_text(errors="replace")

    def wait_said(self, text, seconds):
        end = time.monotonic() + seconds
        while text not in self.said():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True


if __name__ == "__main__":
    make_prefix(pathlib.Path(sys.argv[1]))
