"""A throw-away node for the process-level tests: PKI, registry, configuration, ndxd and providers in a temporary directory.

    with Workspace(build) as space:
        interop = space.interop()                                   # a plain grpc++ provider
        node = space.node(registry_of(space.pki, services=[…], grants=[…]))
        plan = space.plan(node, calls)                              # for tests/conformance/clients

Everything listens on UNIX sockets or on loopback ports below the ephemeral range, and is waited for by event (a line on
standard output, systemd's notify protocol), never by time. Programs are ended with the workspace; their logs are kept and
named when a test fails under NDX_KEEP=1.
"""
import fcntl
import json
import os
import pathlib
import re
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
import uuid

from descriptors import Descriptors
from node_operator import NodeOperator

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
# Below the kernel's ephemeral range, so that no outgoing connection takes a port between choosing and listening.
PORTS = range(20000, 32000)

NODE_SYSTEM = "VN:GOV:G01:ndxp"
INTEROP_SYSTEM = "VN:GOV:G99:interop"


# Locked files of the ports this process has been given; other tests run at the same time.
_claimed_ports = []


def free_port():
    """A port that nobody listens on and that no other test is given while this process lives."""
    claims = pathlib.Path(tempfile.gettempdir(), "ndx-test-ports")
    claims.mkdir(exist_ok=True)
    for _ in range(200):
        port = PORTS.start + secrets.randbelow(len(PORTS))
        claim = open(claims / str(port), "w")  # noqa: SIM115 (kept open: the lock goes with it)
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _claimed_ports.append(claim)
        return port
    raise RuntimeError("no free port on the loopback interface")


def new_exchange_id():
    """A UUIDv7 (RFC 9562) of now."""
    value = (time.time_ns() // 1_000_000) << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def wait_until(happened, seconds=60):
    """Asks until it is so, and returns the seconds that took (above 0), or None. For what a node does by itself and tells nobody."""
    began = time.monotonic()
    while not happened():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(0.02)
    return time.monotonic() - began


class Program:
    """A child process with its output in a file; ended with its workspace."""

    def __init__(self, name, arguments, log, environment=None, lines=False):
        self.name, self.log = name, log
        self.log_begin = os.path.getsize(log) if os.path.exists(log) else 0  # a program of this name ran before
        with open(log, "ab") as output:
            self.process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE if lines else output, stderr=output,
                                            env={**os.environ, **(environment or {})})

    def wait_line(self, pattern):
        """Waits for a line of standard output that fits and returns the match; for programs started with lines=True."""
        with open(self.log, "ab") as output:
            while True:
                if not select.select([self.process.stdout], [], [], READY_SECONDS_MAX)[0]:
                    raise RuntimeError(f"{self.name} is not ready after {READY_SECONDS_MAX} s:\n{self.tail()}")
                line = self.process.stdout.readline()
                output.write(line)
                match = re.search(pattern, line.decode())
                if match:
                    return match
                if not line:
                    raise RuntimeError(f"{self.name} ended ({self.process.wait()}) before it was ready:\n{self.tail()}")

    def running(self):
        return self.process.poll() is None

    def stop(self):
        """SIGTERM, and the exit code."""
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        return self.wait_end()

    def wait_end(self):
        """The exit code of a program that has been asked to end."""
        try:
            return self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"{self.name} did not stop within {STOP_SECONDS_MAX} s:\n{self.tail()}") from None

    def kill(self):
        """SIGKILL: nothing that the program could still do."""
        self.process.kill()
        self.process.wait()

    def tail(self):
        """The end of what this process wrote."""
        return pathlib.Path(self.log).read_bytes()[self.log_begin:][-4000:].decode(errors="replace")


class Pki:
    """What tools/devpki made: an index of certificates by kind and system."""

    def __init__(self, directory, *arguments):
        self.directory = directory
        subprocess.run([ROOT / "tools/devpki/devpki", directory, *arguments], check=True, capture_output=True)
        index = json.loads((directory / "index.json").read_text())
        self.certificates = {(c["kind"], c["system"]): c for c in index["certificates"]}

    def files(self, kind, system):
        found = self.certificates[kind, system]
        return {"cert": str(self.directory / found["certificate"]), "key": str(self.directory / found["key"])}

    def path(self, name):
        return str(self.directory / name)

    def registered(self, system):
        """A system of the registry with every certificate made for it but those that are to stay unknown."""
        return {"id": system, "name_vi": system, "certificates": [
            {"spki_sha256": c["spki_sha256"], "note": kind} for (kind, name), c in sorted(self.certificates.items())
            if name == system and kind not in ("foreign", "unregistered")]}


class Node:
    """A running ndxd and where to reach it."""

    def __init__(self, workspace, name, config, address, operator_socket, http):
        self.workspace, self.name, self.config = workspace, name, config
        self.address, self.socket, self.http = address, operator_socket, http
        self.program = None
        self.ndxd = workspace.program("ndxd")  # another version, where a test says so
        self.environment = {}  # of the next start, besides this process's

    def start(self, *arguments):
        """Starts ndxd, with more arguments if any, and returns when it says READY=1."""
        notify_path = self.workspace.path(f"{self.name}.notify")
        pathlib.Path(notify_path).unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(notify_path)
            self.program = self.workspace.run(self.name, [self.ndxd, "--config", self.config, *arguments],
                                              {"NOTIFY_SOCKET": notify_path, **self.environment})
            ended = os.pidfd_open(self.program.process.pid)
            try:
                while True:
                    ready, _, _ = select.select([notify, ended], [], [], READY_SECONDS_MAX)
                    if notify in ready:
                        if "READY=1" in notify.recv(65536).decode().split("\n"):
                            return self
                    elif ended in ready:
                        raise RuntimeError(f"ndxd ended ({self.program.process.wait()}):\n{self.program.tail()}")
                    else:
                        raise RuntimeError(f"ndxd is not ready after {READY_SECONDS_MAX} s:\n{self.program.tail()}")
            finally:
                os.close(ended)

    def stop(self):
        return self.program.stop()

    def kill(self):
        self.program.kill()

    def operator(self):
        """A client of the operator API, as the user who runs the test."""
        return NodeOperator(self.socket, Descriptors([self.workspace.build / "descriptors/ndx_console.binpb"]))

    def metrics(self):
        """The metrics page: {name with labels: value}."""
        with urllib.request.urlopen(f"http://{self.http}/metrics", timeout=10) as page:
            lines = page.read().decode().splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line and line[0] != "#")}

    def ndxctl_command(self, *arguments, user=None):
        """The command line of ndxctl against the node; for another user from a copy of the program that everybody may run."""
        program = self.workspace.program("ndxctl")
        if user is not None:
            copy = self.workspace.path("ndxctl")
            program = copy if os.path.exists(copy) else shutil.copy(program, copy)
        return [program, "--socket", self.socket, *map(str, arguments)]

    def ndxctl(self, *arguments, check=True, user=None, stdin=""):
        """Runs ndxctl against the node, as another local user where one is named; returns the completed process."""
        done = subprocess.run(self.ndxctl_command(*arguments, user=user), capture_output=True, text=True, timeout=120, user=user, input=stdin)
        if check and done.returncode != 0:
            raise RuntimeError(f"ndxctl {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done


class Workspace:
    """A directory with everything a test starts; a context manager."""

    def __init__(self, build):
        self.build = pathlib.Path(build).resolve()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ndx-test-"))
        self.programs = []
        self.pki = None

    def __enter__(self):
        return self

    def __exit__(self, kind, _value, _trace):
        for program in reversed(self.programs):
            if program.running():
                program.process.send_signal(signal.SIGKILL)
            program.process.wait()
            if program.process.stdout:
                program.process.stdout.close()
        if kind is not None and os.environ.get("NDX_KEEP"):
            print(f"kept: {self.directory}")
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def path(self, name):
        return str(self.directory / name)

    def shim(self, **orders):
        """Environment of a program that is to have the faults of tests/support/shim; orders are its variables."""
        return {"LD_PRELOAD": str(self.build / "tests/libndx_shim.so"), "ASAN_OPTIONS": "verify_asan_link_order=0",
                **{name: str(value) for name, value in orders.items()}}

    def program(self, name):
        return str(self.build / "bin" / name)

    def write(self, name, value):
        """Writes a value as JSON, which is YAML too; returns the path."""
        path = self.directory / name
        path.write_text(json.dumps(value, indent=1, ensure_ascii=False))
        return str(path)

    def run(self, name, arguments, environment=None, lines=False):
        program = Program(name, arguments, self.path(f"{name}.log"), environment, lines)
        self.programs.append(program)
        return program

    def make_pki(self, *arguments):
        self.pki = Pki(self.directory / "pki", "--node", NODE_SYSTEM, *arguments)
        return self.pki

    def interop(self, address=None, name="interop"):
        """Starts the plain grpc++ provider; returns its address and the file in which it writes what it saw."""
        ledger = self.path(f"{name}.calls")
        program = self.run(name, [self.program("interop_server"), address or f"unix:{self.path(name)}.sock", ledger], lines=True)
        return program.wait_line(r"^ready (\S+)").group(1), ledger

    def faulty(self, *modes):
        """Starts providers that misbehave; returns {mode: endpoint} and the file that counts their calls."""
        directory = self.directory / "faulty"
        directory.mkdir()
        program = self.run("faulty", [ROOT / "tests/support/faulty_provider", directory, *modes], lines=True)
        program.wait_line(r"^ready$")
        return {mode: f"unix:{directory / mode}.sock" for mode in modes}, str(directory / "calls")

    def node_settings(self, registry_paths, name="node", **changes):
        """Settings of a node of its own journal and keys; changes replace entries of sections, and whole lists."""
        keys = self.directory / f"{name}-keys"
        if not keys.is_dir():
            keys.mkdir(mode=0o700)
            subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", keys / "signing.pem"], check=True)
            (keys / "master.key").write_bytes(secrets.token_bytes(32))
            for key in keys.iterdir():
                key.chmod(0o600)
        user = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()
        settings = {
            "node": {"system": NODE_SYSTEM, "origin": f"{name}.example.vn", "contact": "Trung tâm vận hành NDX"},
            "listener": {
                "addresses": [f"127.0.0.1:{free_port()}"], "client_ca_file": self.pki.path("ca.crt"),
                "crl_files": [self.pki.path("ca.crl")],
                "tls": {"certificate_file": self.pki.path("node.crt"), "key_file": self.pki.path("node.key")}},
            "registry": {"paths": registry_paths, "descriptor_directories": [str(self.build / "descriptors")]},
            "journal": {"directory": self.path(f"{name}-journal"), "signing_key": f"file:{keys / 'signing.pem'}",
                        "master_key": f"file:{keys / 'master.key'}", "ballast_bytes": 1 << 20, "low_water_bytes": 1 << 20},
            "operator_api": {"socket": self.path(f"{name}.sock"), "http_address": f"127.0.0.1:{free_port()}",
                             "operators": [{"user": user, "roles": [
                                 "VIEWER", "INVESTIGATOR", "REPLAYER", "APPROVER", "ADMINISTRATOR", "KEY_CUSTODIAN", "AUDITOR"]}]},
        }
        for section, entries in changes.items():
            settings[section] = entries if isinstance(entries, list) else {**settings.get(section, {}), **entries}
        return settings

    def node(self, registry, name="node", start=True, **changes):
        """Writes registry and settings, and starts a node on them."""
        registry_path = self.write(f"{name}-registry.yaml", registry)
        return self.node_of(self.node_settings([registry_path], name, **changes), name, start)

    def node_of(self, settings, name="node", start=True):
        """Writes settings, and starts a node on them."""
        node = Node(self, name, self.write(f"{name}.yaml", settings), settings["listener"]["addresses"][0],
                    settings["operator_api"]["socket"], settings["operator_api"]["http_address"])
        return node.start() if start else node

    def demo_node(self, people, *datagen_options):
        """The demo's node (config/demo) over a small nation of its own, with its adapters running; not started itself."""
        nation, base = self.path("nation"), self.directory / "demo"
        subprocess.run([self.program("ndx-datagen"), "--out", nation, "--people", str(people), "--seed", "1",
                        *map(str, datagen_options)], check=True, capture_output=True)
        address, http = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        done = subprocess.run([ROOT / "config/demo/prepare", base, "--nation", nation, "--descriptors",
                               self.build / "descriptors", "--listen", address, "--http", http],
                              check=True, capture_output=True, text=True)
        return Node(self, "node", done.stdout.strip(), address, str(base / "run/operator.sock"), http)

    def adapters(self, *names):
        """Starts adapters of the demo, each a program of its own."""
        host = self.directory / "demo/config/adapters/host.yaml"
        started = [self.run(f"adapter-{name}", [self.program("ndx-adapter"), "--config", host, "--adapter", name], lines=True)
                   for name in names]
        for program in started:
            program.wait_line(r"^\w+ unix:")
        return started

    def plan(self, address, calls, identities=None, **more):
        """A plan for the clients of tests/conformance; without identities it is plaintext."""
        return {"address": address, "plaintext": identities is None, "identities": identities or {},
                "ca": self.pki.path("ca.crt") if identities is not None else "",
                "descriptors": [str(self.build / "descriptors" / f"{name}.binpb") for name in (
                    "google_rpc", "grpc_testing", "population", "ndx_console")],
                "calls": calls, **more}


def registry_of(pki, consumers, providers, services, grants, **more):
    """A registry: systems by id with the certificates made for them, their members, and what is given."""
    systems = sorted({NODE_SYSTEM, *consumers, *providers})
    members = sorted({system.split(":")[2] for system in systems})
    return {"members": [{"code": code, "name_vi": f"Đơn vị {code}", "contact": f"Văn phòng {code}"} for code in members],
            "systems": [pki.registered(system) for system in systems], "services": services, "grants": grants, **more}
