"""Nodes that relay to each other, for the process-level tests: their keys and addresses, how each stands in the other's registry, what
their journals have of an exchange, and receipts that prove the way.

    relays = RelayNodes(space, {"province": "VN:GOV:H55:lgsp", "nation": "VN:GOV:G01:ndxp"})
    relays.start("nation", registry_of(…, peers=[relays.peer("province", speaks_for=["H55.*"])]))
    relays.start("province", registry_of(…, peers=[relays.peer("nation", to="nation")]))

From the last node back: each registers the key of the journal behind it. The PKI has a certificate of kind "node" for each.
"""
import base64
import hashlib
import json
import pathlib
import subprocess

from node_fixture import free_port


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class RelayKey:
    """An Ed25519 key by which a node signs for whom it asks, as openssl makes it."""

    def __init__(self, space, name):
        self.private = space.path(f"{name}-relay.pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.private], check=True)
        pathlib.Path(self.private).chmod(0o600)
        self.spki = subprocess.run(["openssl", "pkey", "-in", self.private, "-pubout", "-outform", "DER"], check=True,
                                   capture_output=True).stdout
        self.scratch = space.path(f"{name}-relay.input")

    @property
    def registered(self):
        return {"public_key": base64.b64encode(self.spki).decode()}

    def sign(self, claims):
        """The compact JWS of src/crypto/relay_assertion.h, whatever stands in it."""
        header = {"alg": "EdDSA", "kid": hashlib.sha256(self.spki).hexdigest(), "typ": "ndx-relay+jws"}
        words = [base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims)]
        pathlib.Path(self.scratch).write_text(".".join(words))
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.private, "-in", self.scratch], check=True,
                                   capture_output=True).stdout
        return ".".join([*words, base64url(signature)]).encode()


class RelayNodes:
    """By the names that the test gives them."""

    def __init__(self, space, systems):
        self.space, self.pki, self.systems = space, space.pki, systems
        self.relay_keys = {name: RelayKey(space, name) for name in systems}
        self.addresses = {name: f"127.0.0.1:{free_port()}" for name in systems}
        self.nodes = {}

    def port(self, name):
        return int(self.addresses[name].rpartition(":")[2])

    def peer(self, name, speaks_for=(), to=None, port=None):
        """A node as it stands in another's registry: whom it may speak for, and how it is reached (by another port than its own)."""
        peer = {"system": self.systems[name], "assertion_keys": [self.relay_keys[name].registered]}
        if speaks_for:
            peer["may_speak_for"] = list(speaks_for)
        if to:
            peer |= {"endpoint": f"localhost:{port or self.port(to)}", "tls": {"ca_file": self.pki.path("ca.crt")},
                     "journal_keys": [self.vkey(to)]}
        return peer

    def start(self, name, registry, relay=None, ndxd=None, **changes):
        """Starts the node on that registry; relay are more of its relay settings, changes other ones; ndxd is another program than the build's."""
        files = self.pki.files("node", self.systems[name])
        settings = self.space.node_settings(
            [self.space.write(f"{name}-registry.yaml", registry)], name,
            relay={"key": f"file:{self.relay_keys[name].private}", **(relay or {})},
            node={"system": self.systems[name]}, listener={"addresses": [self.addresses[name]], "tls": {
                "certificate_file": files["cert"], "key_file": files["key"]}}, **changes)
        node = self.nodes[name] = self.space.node_of(settings, name, start=False)
        node.ndxd = ndxd or node.ndxd
        node.start()

    def vkey(self, name):
        return self.nodes[name].ndxctl("journal", "key").stdout.split("\n")[0]

    def leaves(self, name, exchange_id):
        shown = self.nodes[name].ndxctl("-o", "json", "journal", "show", exchange_id, check=False)
        return [each["leaf"] for each in json.loads(shown.stdout)["leaves"]] if shown.returncode == 0 else []

    def verify(self, receipt, names, *more):
        """ndx-verify on a receipt with the journal keys of these nodes."""
        keys = pathlib.Path(self.space.path("vkeys"))
        keys.write_text("".join(self.vkey(name) + "\n" for name in names))
        file = pathlib.Path(self.space.path("receipt"))
        file.write_bytes(receipt)
        return subprocess.run([self.space.program("ndx-verify"), "receipt", "--key-file", keys, *map(str, more), file],
                              capture_output=True, text=True, timeout=60)
