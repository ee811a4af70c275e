"""File systems of their own for a test, and the reason where the machine does not allow them.

    with TmpfsDisk(directory, 96 << 20): …          a small disk in memory
    with LoopDisk(directory, image, 256 << 20) as disk: disk.shut_down(); disk.mount_again()

CannotMount says what stopped it; such a test ends with SKIPPED, which ctest counts as skipped and never as passed.
"""
import fcntl
import os
import pathlib
import struct
import subprocess

SKIPPED = 77
EXT4_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
EXT4_GOING_FLAGS_NOLOGFLUSH = 2  # nothing that the file system's own log has not got reaches the disk


class CannotMount(Exception):
    pass


def run(*command):
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    except FileNotFoundError as error:
        raise CannotMount(f"{command[0]} is not there: {error}") from None
    if done.returncode != 0:
        raise CannotMount(f"{' '.join(map(str, command))}: {done.stderr.strip() or done.stdout.strip()}")


class TmpfsDisk:
    def __init__(self, directory, size):
        self.directory, self.size = pathlib.Path(directory), size

    def __enter__(self):
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", f"size={self.size},mode=0700", "ndx-test", self.directory)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", str(self.directory)], check=False)

    def free(self):
        status = os.statvfs(self.directory)
        return status.f_bavail * status.f_frsize


class LoopDisk:
    """ext4 in a file."""

    def __init__(self, directory, image, size):
        self.directory, self.image, self.size = pathlib.Path(directory), pathlib.Path(image), size

    def __enter__(self):
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self.image, "wb") as file:
            file.truncate(self.size)
        run("mkfs.ext4", "-q", "-F", "-m", "0", self.image)
        self._mount()
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", str(self.directory)], check=False)

    def _mount(self):
        run("mount", "-o", "loop", self.image, self.directory)

    def shut_down(self):
        """The file system stops at once: what its log has not got is gone, and every call fails from now on."""
        fd = os.open(self.directory, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, struct.pack("I", EXT4_GOING_FLAGS_NOLOGFLUSH))
        except OSError as error:
            raise CannotMount(f"EXT4_IOC_SHUTDOWN: {error}") from None
        finally:
            os.close(fd)

    def mount_again(self):
        """After every file on it has been closed: the file system finds what reached its disk."""
        run("umount", self.directory)
        self._mount()
