"""What is built while the VM runs, because it is needed late: politely, or the load would measure it."""

import os
import signal
import subprocess
import threading

TIMEOUT = 600
# What is being built, for who breaks off.
RUNNING = []


class Failed(Exception):
    """It was not built; the text says why."""


def run(what, command, **settings):
    """Runs it behind everything else."""
    # A session of its own: what it has started ends with it.
    child = subprocess.Popen(["nice", "-n", "5", *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, stdin=subprocess.DEVNULL, start_new_session=True, **settings)
    RUNNING.append(child)
    try:
        said, _ = child.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired as expired:
        raise Failed(f"{what} was not built in {TIMEOUT} s") from expired
    finally:
        end(child)
    if child.returncode:
        raise Failed(f"{what} does not build: {said[-3000:]}")


def end(child):
    """Ends what is still running of it."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    if child in RUNNING:
        RUNNING.remove(child)


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
