"""One round of load against one front, and what it cost."""
import dataclasses
import json
import select
import statistics
import subprocess

from process_cost import cpu_seconds, rss_mib, settled_cpu_seconds, softirq_seconds
from proxies import CONSUMER, HEADERS

ROUND_SECONDS_MAX = 120


@dataclasses.dataclass(frozen=True)
class Shape:
    """What is sent."""
    payload: str  # bytes, or "mix"
    concurrency: int
    warm_up_seconds: float
    seconds: float

    @property
    def connections(self):
        """Consumers come over several connections; one for eight calls, so that all processors have some."""
        return max(1, self.concurrency // 8)


def load_words(space, address, consumer, trailer, *headers):
    """The generator, its target, who it is, and what it says and expects of every exchange."""
    tls = ["--tls", space.pki.path(consumer)] if consumer else []
    said = [word for header in (*HEADERS, *headers) for word in ("-H", header)]
    return [space.program("ndx-loadgen"), "--target", address, *tls, *said, *(["--trailer", trailer] if trailer else [])]


def load_command(space, front, shape):
    return [*load_words(space, front.address, CONSUMER if front.tls else None, front.trailer), "--payload", shape.payload,
            "--concurrency", str(shape.concurrency), "--connections", str(shape.connections),
            "--warm-up", str(shape.warm_up_seconds), "--seconds", str(shape.seconds)]


def await_measuring(load):
    if not select.select([load.stderr], [], [], ROUND_SECONDS_MAX)[0] or "measuring" not in load.stderr.readline():
        load.kill()
        raise RuntimeError(f"the load did not begin: {load.stderr.read()}")


def run_round(space, front, shape, may_lose=False):
    """Figures of one round; RuntimeError when an answer was wrong or missing, unless the front may lose some: then they are counted."""
    with subprocess.Popen(load_command(space, front, shape), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as load:
        await_measuring(load)
        cpu, softirq = [cpu_seconds(pid) for pid in front.pids], softirq_seconds()
        out, err = load.communicate(timeout=ROUND_SECONDS_MAX)
    softirq = softirq_seconds() - softirq
    cpu = [settled_cpu_seconds(pid, front.quiet_seconds) - before for pid, before in zip(front.pids, cpu)]
    if load.returncode != 0 and not (may_lose and out):
        raise RuntimeError(f"{front.system}: {err}{front.program.tail() if front.program else ''}")
    report = json.loads(out)
    if report["requests"] == 0:
        raise RuntimeError(f"{front.system}: not one request was sent in the measured time")
    latency = report["latency_us"]
    cpu_us = [seconds * 1e6 / report["requests"] for seconds in cpu]
    return {"requests_per_second": report["requests_per_second"],
            "p50_us": latency["p50"], "p99_us": latency["p99"], "p999_us": latency["p999"], "max_us": latency["max"],
            "cpu_us": sum(cpu_us[:1]), "behind_cpu_us": sum(cpu_us[1:]), "softirq_us": softirq * 1e6 / report["requests"],
            "lost": report["faults"], "rss_mib": sum(rss_mib(pid) for pid in front.pids[:1]), "load_cpu_us": report["cpu_us_per_request"]}


def medians(rounds):
    return {name: round(statistics.median(figures[name] for figures in rounds), 2) for name in rounds[0]}
