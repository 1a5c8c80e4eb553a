"""A machine that is made to be switched off: QEMU without KVM, Debian's kernel, one program of ours (guest.c).

One processor, one queue a disk and no preemption in the kernel: of two flushes at the same time dm-log-writes would
record first the one that ends first, with what was written for it, though that may have been overwritten since. It is
started once, put away, and gone on with from there in each life.
"""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
# Where mke2fs and its like are, for whoever is not root too.
os.environ["PATH"] += ":/usr/sbin:/sbin"
# In the order in which they are loaded; what the kernel has built in is left out.
MODULES = ["virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk",
           "crc16", "mbcache", "crc32c_generic", "libcrc32c", "jbd2", "ext4", "dm-mod", "dm-flakey", "dm-log-writes"]
FLAGS = ["-std=c11", "-g", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", f"-I{ROOT / 'include'}"]
TRACE_ROWS, DISK_MIB, RECORD_MIB, PROMISES_MIB = 150, 32, 512, 8
START_SECONDS = 120


def run(*command, **options):
    """Runs to the end; what must work."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.returncode}: {done.stdout[-2000:]}")
    return done.stdout


# --- the first file system -------------------------------------------------------------------------------------------


def archive(files):
    """A cpio archive (newc) of path -> bytes; folders come before what is in them."""
    folders = {str(parent) for path in files for parent in Path(path).parents if str(parent) != "."}
    entries = [(folder, 0o40755, b"") for folder in sorted(folders)]
    entries += [(path, 0o100755, data) for path, data in files.items()] + [("TRAILER!!!", 0, b"")]
    out = bytearray()
    for number, (path, mode, data) in enumerate(entries, 1):
        name = path.encode() + b"\0"
        fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        out += b"070701" + "".join(f"{field:08X}" for field in fields).encode() + name
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)


def libraries_of(program):
    """The files that a program is linked with, as the guest has them."""
    return re.findall(r"(/\S+) \(0x", run("ldd", program))


def stripped(path, folder):
    """The bytes of a program without what debuggers need."""
    target = Path(folder) / "stripped"
    run("strip", "-o", target, path)
    return target.read_bytes()


def trace():
    """A small workload for replay: four transactions at a time."""
    rows = ["time_us,stream,transaction,kind,bytes"]
    for number in range(TRACE_ROWS):
        kind = "commit" if number % 12 >= 8 else "data"
        rows.append(f"{number * 50},,{number // 12 * 4 + number % 4 + 1},{kind},{40 + number * 37 % 3000}")
    return "\n".join(rows) + "\n"


def module_files(kernel):
    """Path in the guest -> bytes, and the order."""
    found = {path.stem: path for path in (kernel / "lib/modules").rglob("*.ko")}
    order = [name for name in MODULES if name in found]
    files = {f"modules/{name}.ko": found[name].read_bytes() for name in order}
    return {**files, "modules/order": "".join(f"/modules/{name}.ko\n" for name in order).encode()}


def build_storm(folder, library_folder):
    """The storm, linked with the library of a folder."""
    sources = sorted((ROOT / "tests/lab/storm").glob("*.c"))
    sources = [source for source in sources if source.name != "disk.c"]
    run("gcc", *FLAGS, "-o", folder / "storm", *sources, f"-L{library_folder}", "-lclfsmgmt", "-Wl,-rpath,$ORIGIN",
        f"-Wl,-rpath,{library_folder}")
    return folder / "storm"


def build(folder, kernel, library_folder):
    """The initial file system, and the storm for here."""
    run("gcc", *FLAGS, "-static", "-o", folder / "guest", HERE / "guest.c", HERE / "mapper.c")
    storm = build_storm(folder, library_folder)
    program = library_folder / "clfsmgmt"
    files = module_files(kernel)
    files |= {"init": stripped(folder / "guest", folder), "storm": stripped(storm, folder),
              "clfsmgmt": stripped(program, folder), "trace.csv": trace().encode()}
    for path in set(libraries_of(storm) + libraries_of(program)):
        inside = path if "libclfsmgmt" not in path else "/lib/libclfsmgmt.so"
        files[inside.lstrip("/")] = stripped(path, folder) if "libclfsmgmt" in path else Path(path).read_bytes()
    (folder / "initrd").write_bytes(archive(files))
    return storm


# --- disks -----------------------------------------------------------------------------------------------------------


def make_disk(path):
    """An empty ext4 with its metadata in front, all of it made; where the data of files begins, in sectors."""
    write_sparse(path, DISK_MIB << 20)
    run("mke2fs", "-q", "-t", "ext4", "-b", "4096", "-J", "size=4", "-E",
        "lazy_itable_init=0,lazy_journal_init=0,packed_meta_blocks=1", path)
    return int(re.search(r"^  Free blocks: (\d+)", run("dumpe2fs", path), re.M).group(1)) * 8


def take_files_out(image, folder, is_damaged):
    """Replays the journal as a mount would, and copies all files; without the kernel. Changes the image."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    options = ["-f", "-y"] if is_damaged else ["-y", "-E", "journal_only"]
    done = subprocess.run(["e2fsck", *options, str(image)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", check=False)
    if done.returncode > 3:
        raise RuntimeError(f"e2fsck: {done.returncode}: {done.stdout}{done.stderr}")
    run("debugfs", "-R", f"rdump / {folder}", image)


def write_sparse(path, size, data=b""):
    """A new file of a size, with data in front of zeros."""
    path.unlink(missing_ok=True)
    with open(path, "wb") as file:
        file.write(data)
        file.truncate(size)


# --- the machine, on -------------------------------------------------------------------------------------------------


class Machine:
    """One machine from switching on, or from where it was put away, to switching off."""

    def __init__(self, folder, kernel, disk, record, promises, words):
        write_sparse(record, RECORD_MIB << 20)
        write_sparse(folder / "promises.img", PROMISES_MIB << 20, promises.encode())
        drives = []
        for name, path in (("a", disk), ("b", record), ("c", folder / "promises.img")):
            drives += ["-drive", f"file={path},format=raw,if=none,id={name},cache=unsafe",
                       "-device", f"virtio-blk-pci,drive={name},num-queues=1"]
        image = next((kernel / "boot").glob("vmlinuz-*"))
        state, monitor = folder / "state", folder / "monitor"
        came_from = ["-incoming", f"exec:cat {state}"] if state.exists() else []
        self.process = subprocess.Popen(
            ["nice", "-n", "2", "qemu-system-x86_64", "-accel", "tcg", "-m", "192", "-smp", "1", "-kernel",
             str(image), "-initrd", str(folder / "initrd"), "-append",
             "console=ttyS1 panic=1 quiet preempt=none mitigations=off", "-display", "none", "-no-reboot", "-net",
             "none", "-serial", "stdio", "-serial", f"file:{folder / 'kernel.log'}", "-monitor",
             f"unix:{monitor},server,nowait", *drives, *came_from],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self.lines, self.changed, self.is_over = [], threading.Condition(), False
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        if not self.wait_for(lambda line: line == "G up", START_SECONDS):
            raise RuntimeError(f"the machine does not start: {self.cut()[-5:]}")
        if not state.exists():
            self.put_away(state, monitor)
        if words:
            self.process.stdin.write(f"{words}\n".encode())

    def put_away(self, state, monitor):
        """Writes the machine to a file; others go on from there, with disks of their own."""
        half = state.with_suffix(".half")
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(monitor))
            line.settimeout(START_SECONDS)
            line.sendall(f'migrate "exec:cat > {half}"\ninfo status\n'.encode())
            said = b""
            while b"postmigrate" not in said and b"rror" not in said:
                said += line.recv(4096)
                if said.endswith(b"(qemu) "):
                    time.sleep(0.05)
                    line.sendall(b"info status\n")
        self.cut()
        if b"postmigrate" not in said:
            raise RuntimeError(f"the machine cannot be put away: {said[-300:]}")
        half.rename(state)

    def read(self):
        """Collects whole lines until the machine is off."""
        rest = b""
        while True:
            got = os.read(self.process.stdout.fileno(), 1 << 16)
            rest += got
            *whole, rest = rest.split(b"\n")
            with self.changed:
                self.lines += [line.decode(errors="replace").rstrip("\r") for line in whole]
                self.is_over = not got
                self.changed.notify_all()
            if not got:
                return

    def wait_for(self, is_it, seconds):
        """Until a line of those that came is it; whether one was."""
        with self.changed:
            self.changed.wait_for(lambda: self.is_over or any(map(is_it, self.lines)), seconds)
            return any(map(is_it, self.lines))

    def cut(self):
        """Switches it off, and gives back all that it had told."""
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()
        return self.lines
