"""An OIDC provider of the tests: keys, their JWK set, and tokens signed with them, good and hostile; all by the openssl command."""
import base64
import http.server
import json
import pathlib
import ssl
import subprocess
import threading
import time

ISSUER, AUDIENCE = "https://sso.example.vn/realms/van-hanh", "ndx-node"
# Bytes of each half of a signature.
CURVES = {"prime256v1": ("P-256", 32), "secp384r1": ("P-384", 48)}


def part(data):
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *map(str, arguments)], input=data, check=True, capture_output=True).stdout


def raw_signature(der, size):
    """The two numbers of an ECDSA signature in DER, each `size` bytes long."""
    numbers, at = b"", 2 if der[1] < 0x80 else 3
    for _ in range(2):
        length = der[at + 1]
        numbers += int.from_bytes(der[at + 2:at + 2 + length], "big").to_bytes(size, "big")
        at += 2 + length
    return numbers


class OidcIssuer:
    """Keys "ec" (P-256), "ec384" and "rsa" in a directory."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir()
        for kid, curve in (("ec", "prime256v1"), ("ec384", "secp384r1")):
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-out", self.key(kid))
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.key("rsa"))

    def key(self, kid):
        return self.directory / f"{kid}.pem"

    def public_pem(self, kid):
        return openssl("pkey", "-in", self.key(kid), "-pubout")

    def jwks(self):
        keys = []
        for kid, curve in (("ec", "prime256v1"), ("ec384", "secp384r1")):
            name, size = CURVES[curve]
            point = openssl("pkey", "-in", self.key(kid), "-pubout", "-outform", "DER")[-2 * size:]
            keys.append({"kty": "EC", "crv": name, "kid": kid, "use": "sig", "x": part(point[:size]), "y": part(point[size:])})
        modulus = openssl("rsa", "-in", self.key("rsa"), "-noout", "-modulus").decode().strip().partition("=")[2]
        keys.append({"kty": "RSA", "kid": "rsa", "use": "sig", "n": part(bytes.fromhex(modulus)), "e": "AQAB"})
        return json.dumps({"keys": keys})

    @staticmethod
    def claims(subject, **changes):
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 300, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, subject, algorithm="ES256", kid="ec", header=None, **changes):
        """A token; header has more parameters, changes other claims (None: left out)."""
        head = {"alg": algorithm, "kid": kid, "typ": "JWT", **(header or {})}
        body = f"{part(json.dumps(head).encode())}.{part(json.dumps(self.claims(subject, **changes)).encode())}"
        return f"{body}.{part(self.sign(algorithm, kid, body.encode()))}"

    def sign(self, algorithm, kid, data):
        digest = f"-sha{algorithm[2:]}"
        if algorithm == "none":
            return b""
        if algorithm == "HS256":  # with the public key, which everybody has, as the secret
            secret = self.public_pem(kid).hex()
            return openssl("dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{secret}", "-binary", data=data)
        if algorithm.startswith("PS"):
            return openssl("dgst", digest, "-sign", self.key(kid), "-sigopt", "rsa_padding_mode:pss", "-sigopt",
                           f"rsa_pss_saltlen:{int(algorithm[2:]) // 8}", data=data)
        signature = openssl("dgst", digest, "-sign", self.key(kid), data=data)
        return raw_signature(signature, 48 if kid == "ec384" else 32) if algorithm.startswith("ES") else signature


class KeyServer:
    """Serves a JWK set over https on a port of its own, and counts who asks; a context manager."""

    def __init__(self, certificate, key):
        self.text, self.asked = "", []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                body = outer.text.encode()
                self.send_response(200 if body else 503)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
