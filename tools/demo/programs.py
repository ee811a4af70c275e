"""The programs of the demo: a synthetic nation, five adapters, the national node and a province's, in a directory of their own."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

from bus import LocalApi

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADAPTERS = ("population", "business_registry", "social_insurance", "land", "shared_catalogues")
READY_SECONDS_MAX = 60


def free_port(first):
    """A port of the loopback interface that nobody listens on, below the range of outgoing connections."""
    for port in range(first, first + 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError(f"no free port from {first} on")


class Programs:
    """Everything that runs, and where it is."""

    def __init__(self, directory, build, listen, http):
        self.directory, self.build = pathlib.Path(directory), pathlib.Path(build).resolve()
        self.address = listen or f"127.0.0.1:{free_port(24000)}"
        self.http = http or f"127.0.0.1:{free_port(26000)}"
        self.run_directory = self.directory / "run"
        self.journal = self.directory / "journal"
        self.operator_socket = self.run_directory / "operator.sock"
        self.province_address = f"127.0.0.1:{free_port(25000)}"
        self.province_http = f"127.0.0.1:{free_port(27000)}"
        self._sockets = {"ndxd": self.operator_socket, "province": self.run_directory / "province.sock"}
        self._running = {}

    def program(self, name):
        return str(self.build / "bin" / name)

    def make_nation(self, people, insured):
        """Generates the databases and the insurer's list; returns the scene's people and parcels."""
        nation = self.directory / "nation"
        subprocess.run([self.program("ndx-datagen"), "--out", nation, "--people", str(people),
                        "--insurer-list", self.directory / "insurer.csv", "--count", str(insured)],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return json.loads((nation / "scene.json").read_text(encoding="utf-8"))

    def prepare(self, *more):
        """PKI, keys, registry and configuration, from the templates in config/demo."""
        subprocess.run([ROOT / "config/demo/prepare", self.directory, "--nation", self.directory / "nation",
                        "--descriptors", self.build / "descriptors", "--listen", self.address, "--http", self.http,
                        "--province-listen", self.province_address, "--province-http", self.province_http, *more],
                       check=True, stdout=subprocess.DEVNULL)

    def start_adapter(self, name, messages):
        self._start(name, [self.program("ndx-adapter"), "--config", self.directory / "config/adapters/host.yaml", "--adapter", name])
        self.adapter(name, messages).call("CheckHealth")

    def start_node(self, messages):
        self._start("ndxd", [self.program("ndxd"), "--config", self.directory / "config/node.yaml"])
        return self.node_status(messages)

    def start_province(self):
        """The provincial node, which knows the national one by the key of its journal."""
        self.prepare("--journal-key", self.ndxctl("journal", "key").split("\n")[0])
        self._start("province", [self.program("ndxd"), "--config", self.directory / "config/province/node.yaml"])
        # Its services come by the national node's feed.
        for _ in range(READY_SECONDS_MAX * 10):
            if "awaited" not in json.loads(self.ndxctl("-o", "json", "peers", "list", node="province")):
                return
            time.sleep(0.1)
        raise RuntimeError(f"the national node's services have not come by its feed; see {self.run_directory}/province.log")

    def node_status(self, messages):
        operators = self.operators(messages)
        try:
            return operators.call("GetStatus")
        finally:
            operators.close()

    def adapter(self, name, messages):
        return LocalApi(self.run_directory / f"{name}.sock", "ndx.adapter.v1.AdapterService", messages)

    def operators(self, messages):
        return LocalApi(self.operator_socket, "ndx.console.v1.OperatorService", messages)

    def process(self, name):
        return self._running[name]

    def kill(self, name):
        """As a power cut would: nothing is finished."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def stop(self, name):
        process = self._running.pop(name)
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
        if code != 0:
            raise RuntimeError(f"{name} ended with {code}; see {self.run_directory}/{name}.out")

    def stop_all(self):
        for name in reversed(list(self._running)):
            self._running[name].send_signal(signal.SIGCONT)
            self.stop(name)

    def kill_all(self):
        for name in list(self._running):
            self.kill(name)

    def ndxctl(self, *arguments, check=True, input=None, node="ndxd"):
        """Runs ndxctl against a node, with text on its standard input; its standard output, or with check=False the completed process."""
        done = subprocess.run([self.program("ndxctl"), "--socket", self._sockets[node], *map(str, arguments)],
                              capture_output=True, text=True, check=False, input=input)
        if not check:
            return done
        if done.returncode != 0:
            raise RuntimeError(f"ndxctl {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def _start(self, name, arguments):
        output = open(self.run_directory / f"{name}.out", "ab")
        process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                   start_new_session=True)
        output.close()
        self._running[name] = process
        where = self._sockets.get(name, self.run_directory / f"{name}.sock")
        until = time.monotonic() + READY_SECONDS_MAX
        while not self._accepts(where):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{name} did not start:\n" + (self.run_directory / f"{name}.out").read_text()[-3000:])
            time.sleep(0.02)

    @staticmethod
    def _accepts(path):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(os.fspath(path)) == 0
