"""What a program costs the machine, as the kernel counts it.

Per-process accounting leaves out softirq time (the network stack's share), which flatters whoever opens many connections; it is
only known for the whole machine, so it is taken from there.
"""
import os
import pathlib
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
SETTLE_POLL_SECONDS = 0.05


def tree(pid):
    """The process and all that descend from it."""
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        try:
            for task in pathlib.Path(f"/proc/{current}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except FileNotFoundError:
            pass  # it ended meanwhile
    return found


def stat_fields(pid):
    """Fields of /proc/PID/stat from the third on (proc(5)); the second may hold spaces."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pid):
    """User and system time of a process tree, of its threads and of children that have ended."""
    ticks = 0
    for member in tree(pid):
        try:
            ticks += sum(map(int, stat_fields(member)[11:15]))
        except FileNotFoundError:
            pass
    return ticks / TICKS_PER_SECOND


def rss_mib(pid):
    """Resident memory of a process tree; pages shared between its processes count for each."""
    pages = 0
    for member in tree(pid):
        try:
            pages += int(stat_fields(member)[21])
        except FileNotFoundError:
            pass
    return pages * PAGE_BYTES / (1 << 20)


def softirq_seconds():
    """Interrupt time of the whole machine: softirq, and what little hard interrupts take."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = file.readline().split()
    return (int(fields[6]) + int(fields[7])) / TICKS_PER_SECOND


def settled_cpu_seconds(pid, quiet_seconds, seconds_max=10):
    """cpu_seconds once the tree has used none for so long: what it puts off belongs to what caused it."""
    used, since = cpu_seconds(pid), time.monotonic()
    deadline = since + seconds_max
    while time.monotonic() < min(since + quiet_seconds, deadline):
        time.sleep(SETTLE_POLL_SECONDS)
        now = cpu_seconds(pid)
        if now > used + 1.5 / TICKS_PER_SECOND:  # a tick is the precision
            used, since = now, time.monotonic()
    return cpu_seconds(pid)
