"""What is built while the VM runs, because it is needed late: politely, or the load would measure it."""

import os
import subprocess
import threading

TIMEOUT = 420


class Failed(Exception):
    """It was not built; the text says why."""


def run(what, command, **settings):
    """Runs it behind everything else."""
    try:
        result = subprocess.run(["nice", "-n", "15", *map(str, command)], capture_output=True, text=True, timeout=TIMEOUT,
                                check=False, stdin=subprocess.DEVNULL, **settings)
    except subprocess.TimeoutExpired as expired:
        raise Failed(f"{what} was not built in {TIMEOUT} s") from expired
    if result.returncode:
        raise Failed(f"{what} does not build: {result.stdout[-1500:]}{result.stderr[-1500:]}")


class Program:
    """The Linux program: who needs it waits until it is built."""

    def __init__(self, root):
        self.path, self.failure = root / "target" / "release" / "clfsmgmt", None
        self.thread = threading.Thread(target=self._build, args=(root,), daemon=True)
        self.thread.start()

    def _build(self, root):
        setting = os.environ | {"CARGO_TERM_COLOR": "never"}
        try:
            run("the program", ["cargo", "build", "--quiet", "--locked", "--release"], cwd=root, env=setting)
        except (Failed, OSError) as failure:
            self.failure = failure

    def wait(self):
        self.thread.join()
        if self.failure:
            raise Failed(str(self.failure))
        return self.path
