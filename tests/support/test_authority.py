"""A certificate authority that issues whatever certificate a test asks for, on the openssl command.

    gov = Authority(directory, "gov")
    key = gov.make_key("a")
    certificate = gov.issue("good", key, alt_names="URI:ndx://VN/GOV/H55/mot-cua")
    gov.revoke(certificate); gov.write_crl(path)

Several certificates may have one key: then nothing but what is odd about them tells them apart. Times are as openssl has them,
YYYYMMDDHHMMSSZ. Thread-safety: one thread.
"""
import hashlib
import os
import pathlib
import subprocess


class Certificate:
    """Files of a certificate and of its key; what a gRPC client shows."""

    def __init__(self, path, key):
        self.path, self.key = str(path), str(key)

    def spki_sha256(self):
        return spki_sha256(self.path)


def run_openssl(*arguments):
    """The output of openssl."""
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True).stdout


def spki_sha256(certificate):
    """As the registry has it."""
    pem = run_openssl("x509", "-in", certificate, "-pubkey", "-noout")
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=pem, check=True, capture_output=True).stdout
    return hashlib.sha256(der).hexdigest()


def der_uri_names(*names):
    """The value of subjectAltName with these URIs, bytes, as openssl takes it: for what its own syntax cannot say."""
    def wrap(tag, content):
        assert len(content) < 128
        return bytes([tag, len(content)]) + content
    content = wrap(0x30, b"".join(wrap(0x86, name) for name in names))
    return "DER:" + ":".join(f"{byte:02x}" for byte in content)


class Authority:
    """Its certificate is `certificate`, PEM."""

    def __init__(self, directory, name):
        self.directory = pathlib.Path(directory, name)
        self.directory.mkdir()
        self.name, self.certificate = name, str(self.directory / "ca.crt")
        self._config = self.directory / "ca.cnf"
        self._config.write_text(
            f"[ca]\ndefault_ca=d\n[d]\nnew_certs_dir={self.directory}\ndatabase={self.directory}/db\nrand_serial=yes\n"
            "default_md=sha256\npolicy=p\nunique_subject=no\ndefault_crl_days=30\n[p]\ncommonName=supplied\n[req]\n"
            "distinguished_name=dn\n[dn]\n[v3]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n")
        (self.directory / "db").write_text("")
        self._key = self.make_key("ca")
        run_openssl("req", "-x509", "-new", "-key", self._key, "-days", "3650", "-subj", f"/CN={name}", "-config", self._config,
                    "-extensions", "v3", "-out", self.certificate)

    def make_key(self, name):
        """A new key; its file."""
        key = str(self.directory / f"{name}.key")
        run_openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        os.chmod(key, 0o600)
        return key

    def issue(self, name, key, alt_names="", usage="clientAuth", subject="client", begin="20200101000000Z", end="20491231000000Z"):
        """A certificate over the key; alt_names as in openssl's configuration, or a whole DER: value."""
        request, extensions, path = (self.directory / f"{name}{suffix}" for suffix in (".csr", ".ext", ".crt"))
        run_openssl("req", "-new", "-key", key, "-subj", f"/CN={subject}", "-config", self._config, "-out", request)
        extensions.write_text(f"basicConstraints=critical,CA:FALSE\nextendedKeyUsage={usage}\n"
                              + (f"subjectAltName={alt_names}\n" if alt_names else ""))
        self._ca("-startdate", begin, "-enddate", end, "-extfile", extensions, "-in", request, "-out", path)
        return Certificate(path, key)

    def self_signed(self, name, key, alt_names):
        """One that nobody issued."""
        path = self.directory / f"{name}.crt"
        run_openssl("req", "-x509", "-new", "-key", key, "-days", "30", "-subj", "/CN=client", "-addext", f"subjectAltName={alt_names}",
                    "-addext", "extendedKeyUsage=clientAuth", "-out", path)
        return Certificate(path, key)

    def revoke(self, certificate):
        self._ca("-revoke", certificate.path)

    def write_crl(self, path, last_update=None, next_update=None):
        """The current list, put in its place by renaming; the times are both given, or now and in 30 days."""
        times = ["-crl_lastupdate", last_update, "-crl_nextupdate", next_update] if last_update else []
        self._ca("-gencrl", *times, "-out", f"{path}.new")
        os.rename(f"{path}.new", path)

    def responder(self, port):
        """The command line of a responder (OCSP) that answers on a port of this machine, from the authority's own database."""
        return ["openssl", "ocsp", "-index", str(self.directory / "db"), "-port", str(port), "-CA", self.certificate, "-rsigner",
                self.certificate, "-rkey", self._key, "-nmin", "5"]

    def _ca(self, *arguments):
        run_openssl("ca", "-batch", "-notext", "-config", self._config, "-cert", self.certificate, "-keyfile", self._key, *arguments)
