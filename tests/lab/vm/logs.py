"""The logs that a VM leaves, looked at by the Linux program: what the drivers wrote there is a log here."""

import os
import pathlib
import subprocess

# What a log that was deleted, or never got that far, need not have.
DRIVE = "drive_c"


def found(prefix):
    """The base log files that the VM has left."""
    folder = pathlib.Path(prefix) / DRIVE
    return sorted(pathlib.Path(place) / name for place, _, names in os.walk(folder) for name in names
                  if name.lower().endswith(".blf"))


def few(prefix, least):
    """What folders of the drive hold fewer logs than they must. `least`: folder → how many."""
    places = [path.relative_to(pathlib.Path(prefix) / DRIVE).parts[0] for path in found(prefix)]
    return [f"{folder} has {places.count(folder)} logs, not {number}" for folder, number in least.items()
            if places.count(folder) < number]


def check(program, path):
    """What is wrong with a log; empty: it passes."""
    try:
        result = subprocess.run([program, "inspect", "--check", str(path)], capture_output=True, text=True, timeout=60,
                                check=False)
    except subprocess.TimeoutExpired:
        return ["inspect --check did not end in 60 s"]
    if result.returncode == 0:
        return []
    return [f"exit code {result.returncode}", *(result.stdout + result.stderr).splitlines()[-8:]]


def check_all(program, prefix):
    """(how many logs, what is wrong with them)."""
    paths, wrong = found(prefix), []
    for path in paths:
        reasons = check(program, path)
        if reasons:
            wrong.append(f"{path.relative_to(pathlib.Path(prefix) / DRIVE)}: {'; '.join(reasons)}")
    return len(paths), wrong
