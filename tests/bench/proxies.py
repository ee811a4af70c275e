"""What is compared: the same echo backend behind HAProxy, nginx, a bare grpc++ pass-through and a node, or behind nothing.

Each takes mutual TLS or plaintext from callers and speaks plaintext to the backend, with one worker thread (or process) a processor. A
node has no plaintext port for callers, so that it stands behind mutual TLS in both tables.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node_fixture import NODE_SYSTEM, free_port, registry_of  # noqa: E402

CONSUMER, PROVIDER, FAR_NODE = "VN:GOV:H55.990:mot-cua", "VN:GOV:G98:echo", "VN:GOV:G98:truc"
SERVICE = "ndx.loadgen.v1.EchoService"
PURPOSE = "do-tai"
# What a consumer says of every exchange; the other proxies pass it on as they would anything.
HEADERS = (f"ndx-purpose: {PURPOSE}", "ndx-dossier: H55.990-20260105-0000001", "ndx-officer: CB-0001")
RECEIPT = "ndx-receipt-bin"
THREADS = os.cpu_count()
LISTEN_SECONDS_MAX = 20
CONNECTIONS_MAX = 4096
# A node's follower works on for its interval after the last exchange; that belongs to what it carried.
NODE_QUIET_SECONDS = 0.8


def wait_listening(program, port):
    deadline = time.monotonic() + LISTEN_SECONDS_MAX
    while time.monotonic() < deadline:
        if not program.running():
            raise RuntimeError(f"{program.name} ended ({program.process.returncode}):\n{program.tail()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{program.name} does not listen after {LISTEN_SECONDS_MAX} s:\n{program.tail()}")


class Front:
    """Where callers come in: an address, and the process that is charged for it (none for the bare backend)."""

    def __init__(self, system, address, tls, program=None, quiet_seconds=0.0, trailer=None, behind=None):
        self.system, self.address, self.tls, self.program = system, address, tls, program
        self.behind = behind  # a program that goes with it, and is charged beside it
        self.quiet_seconds, self.trailer = quiet_seconds, trailer

    @property
    def pids(self):
        return [program.process.pid for program in (self.program, self.behind) if program]


def start_backend(space, name, *arguments):
    program = space.run(name, [space.program("echo_server"), f"127.0.0.1:{free_port()}", *arguments], lines=True)
    address = program.wait_line(r"^ready (\S+)").group(1)
    return Front("direct", address, False, program)


# A closed loop asks for no more than is answered: with 256 large ones under way each takes its time, and nobody shall be refused for
# it. And its one consumer has all of the node's memory.
NOTHING_REFUSED = {"record_time_target": "1m", "memory_per_consumer_percent": 100}


class Proxies:
    """Starts them, in a Workspace with a PKI."""

    def __init__(self, space):
        self.space = space
        self.pki = space.make_pki("--node", FAR_NODE, "--provider", PROVIDER, CONSUMER)
        self.backend = start_backend(space, "backend")
        self.nodes = 0

    def direct(self, tls):
        """The backend itself; a second one where callers use TLS."""
        if not tls:
            return Front("direct", self.backend.address, False)
        backend = start_backend(self.space, "backend-tls", "--tls", self.pki.path("node"))
        return Front("direct", backend.address, True)

    def haproxy(self, tls):
        port, name = free_port(), f"haproxy-{'mtls' if tls else 'plaintext'}"
        pem = pathlib.Path(self.space.path(f"{name}.pem"))
        pem.write_bytes(pathlib.Path(self.pki.path("node.crt")).read_bytes() + pathlib.Path(self.pki.path("node.key")).read_bytes())
        bind = f"ssl crt {pem} ca-file {self.pki.path('ca.crt')} verify required ssl-min-ver TLSv1.3 alpn h2" if tls else "proto h2"
        config = pathlib.Path(self.space.path(f"{name}.cfg"))
        config.write_text(f"""global
  nbthread {THREADS}
  maxconn {CONNECTIONS_MAX}
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  retries 0
  http-reuse always
frontend callers
  bind 127.0.0.1:{port} {bind}
  default_backend echo
backend echo
  server echo {self.backend.address} proto h2
""")
        return self.listening("haproxy", tls, port, self.space.run(name, [found_program("haproxy"), "-db", "-f", config]))

    def nginx(self, tls):
        port, name = free_port(), f"nginx-{'mtls' if tls else 'plaintext'}"
        directory = pathlib.Path(self.space.path(name))
        directory.mkdir()
        secured = (f"ssl_certificate {self.pki.path('node.crt')}; ssl_certificate_key {self.pki.path('node.key')};"
                   f" ssl_client_certificate {self.pki.path('ca.crt')}; ssl_verify_client on; ssl_protocols TLSv1.3;") if tls else ""
        temporary = "".join(f"  {kind}_temp_path {directory}/{kind};\n" for kind in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        # Workers of a master that is root would run as a user who cannot read the directory.
        user = "user root;" if os.geteuid() == 0 else ""
        config = directory / "nginx.conf"
        config.write_text(f"""{user} daemon off; worker_processes {THREADS}; pid {directory}/pid; error_log stderr warn;
events {{ worker_connections {CONNECTIONS_MAX}; }}
http {{
{temporary}  access_log off;
  upstream echo {{ server {self.backend.address}; keepalive 512; keepalive_requests 1000000000; keepalive_time 24h; }}
  server {{
    listen 127.0.0.1:{port} {'ssl ' if tls else ''}http2;
    {secured}
    keepalive_requests 1000000000; keepalive_time 24h; client_max_body_size 0; http2_max_concurrent_streams 256;
    location / {{ grpc_pass grpc://echo; }}
  }}
}}
""")
        return self.listening("nginx", tls, port, self.space.run(name, [
            found_program("nginx"), "-e", "stderr", "-p", directory, "-c", config]))

    def grpcpp(self, tls):
        port, name = free_port(), f"grpcpp-{'mtls' if tls else 'plaintext'}"
        program = self.space.run(name, [self.space.program("grpcpp_proxy"), f"127.0.0.1:{port}", self.backend.address, THREADS,
                                        *([self.pki.path("node")] if tls else [])], lines=True)
        program.wait_line(r"^ready")
        return Front("grpcpp", f"127.0.0.1:{port}", tls, program)

    def ndx(self, _tls=True):
        """A node with everything on, and an empty journal."""
        return self.node("ndx", self.backend.address)

    def ndx_embedded(self, _tls=True):
        """The same, with the echo adapter inside: no second hop."""
        return self.node("ndx-embedded", "embedded:echo", adapters=[{"name": "echo", "kind": "echo"}])

    def ndx_relay(self, _tls=True):
        """The same, with another node between it and the backend; both are charged."""
        key = self.space.path(f"relay{self.nodes}.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        os.chmod(key, 0o600)
        public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout"], check=True, capture_output=True, text=True).stdout
        files = self.pki.files("node", FAR_NODE)
        far = self.start_node({"endpoint": self.backend.address}, node={"system": FAR_NODE}, peers=[{
            "system": NODE_SYSTEM, "may_speak_for": ["H55.*"], "assertion_keys": [{"public_key": "".join(public.split("\n")[1:-2])}]}],
            tls={"certificate_file": files["cert"], "key_file": files["key"]})
        near = self.start_node({"via_peer": FAR_NODE}, relay={"key": f"file:{key}"}, peers=[{
            "system": FAR_NODE, "endpoint": f"localhost:{far.address.rpartition(':')[2]}", "tls": {"ca_file": self.pki.path("ca.crt")},
            "journal_keys": [far.ndxctl("journal", "key").stdout.split("\n")[0]]}])
        return Front("ndx-relay", near.address, True, near.program, NODE_QUIET_SECONDS, RECEIPT, behind=far.program)

    def node(self, system, endpoint, **settings):
        node = self.start_node({"endpoint": endpoint}, **settings)
        return Front(system, node.address, True, node.program, NODE_QUIET_SECONDS, RECEIPT)

    def start_node(self, place, peers=(), tls=None, **settings):
        self.nodes += 1
        name = f"node{self.nodes}"
        registry = self.space.write(f"{name}-registry.yaml", self.registry(place, peers))
        whole = self.space.node_settings([registry], name, exchange=NOTHING_REFUSED, **settings)
        if tls:
            whole["listener"]["tls"] = tls
        return self.space.node_of(whole, name)

    def registry(self, place, peers):
        """A grant that asks for a purpose and two references and has quotas; payloads are sealed, every exchange has a receipt."""
        return registry_of(
            self.pki, consumers=[CONSUMER], providers=[PROVIDER, FAR_NODE], peers=list(peers),
            purposes=[{"code": PURPOSE, "name_vi": "Đo tải"}],
            services=[{"name": SERVICE, "descriptor_set": "echo.binpb", "providers": [
                {"system": PROVIDER, **place, "limits": {"concurrent_calls": 1024}}]}],
            grants=[{"name": "do-tai", "consumer": CONSUMER, "methods": [f"{SERVICE}/*"], "purposes": [PURPOSE],
                     "required_references": ["DOSSIER", "OFFICER"],
                     "quota": {"per_second": 1_000_000, "per_day": 10_000_000_000}, "legal_basis": "Đo tải"}])

    def listening(self, system, tls, port, program):
        wait_listening(program, port)
        return Front(system, f"127.0.0.1:{port}", tls, program)

    def retire(self, front):
        """Stops a node and removes its journal, which at large payloads takes gigabytes."""
        for program in (front.program, front.behind):
            if program:
                program.stop()
                shutil.rmtree(self.space.path(f"{program.name}-journal"))


def found_program(name):
    """Debian puts servers where a user's PATH does not look."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise RuntimeError(f"{name} is not installed: run it as 'tools/dev bench exchange', which installs it")
    return path
