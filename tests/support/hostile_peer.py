"""HTTP/2 frames made by hand over TLS (RFC 9113, RFC 7541), for peers that break the rules on purpose.

    peer = HostilePeer(node.address, pki.path("ca.crt"), pki.files("client", SYSTEM))
    peer.send(request(1, METHOD) + frame(RST_STREAM, 0, 1, u32(8)))
    peer.wait_closed()

Nothing here checks what it sends; sending to a peer that has closed is no error.
"""
import select
import socket
import ssl
import struct
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED = 0x1, 0x1, 0x4, 0x8
INITIAL_WINDOW_SIZE = 4
FRAME_BYTES = 16384
FIRST_WINDOW = 256 << 10  # of a stream, as a node announces it
WAIT_SECONDS = 30


def u32(value):
    return struct.pack(">I", value)


def frame(kind, flags, stream, payload=b""):
    return u32(len(payload))[1:] + bytes([kind, flags]) + u32(stream) + payload


def hpack_integer(value, prefix_bits, first=0):
    most = (1 << prefix_bits) - 1
    if value < most:
        return bytes([first | value])
    data, value = bytearray([first | most]), value - most
    while value >= 128:
        data.append(128 | value % 128)
        value //= 128
    data.append(value)
    return bytes(data)


def hpack_text(text):
    """Without Huffman coding."""
    data = text.encode() if isinstance(text, str) else text
    return hpack_integer(len(data), 7) + data


def hpack(pairs, indexed=False):
    """Literal fields; indexed: they are put into the peer's table."""
    first = b"\x40" if indexed else b"\x00"
    return b"".join(first + hpack_text(name) + hpack_text(value) for name, value in pairs)


def grpc_headers(method, **changes):
    """The fields of a good request; changes by name with '_' for '-', None leaves one out."""
    fields = {":method": "POST", ":scheme": "https", ":path": method, ":authority": "localhost", "te": "trailers",
              "content-type": "application/grpc"}
    fields.update({name.replace("_", "-"): value for name, value in changes.items()})
    return [(name, value) for name, value in fields.items() if value is not None]


def grpc_message(data, flag=0, claimed=None):
    """A message with its prefix, which may claim another length."""
    return bytes([flag]) + u32(len(data) if claimed is None else claimed) + data


def request(stream, method, body=None, end=True, **changes):
    """HEADERS, and DATA unless there is no body."""
    head = frame(HEADERS, END_HEADERS, stream, hpack(grpc_headers(method, **changes)))
    if body is None:
        return head
    pieces = [body[at:at + FRAME_BYTES] for at in range(0, len(body), FRAME_BYTES)] or [b""]
    last = len(pieces) - 1
    return head + b"".join(frame(DATA, END_STREAM if end and number == last else 0, stream, piece)
                           for number, piece in enumerate(pieces))


def block_frames(stream, block, pieces=None):
    """A header block over HEADERS and as many CONTINUATION frames as it takes, or so many."""
    size = FRAME_BYTES if pieces is None else max(len(block) // pieces, 1)
    parts = [block[at:at + size] for at in range(0, len(block), size)]
    return b"".join(frame(CONTINUATION if number else HEADERS, END_HEADERS if number == len(parts) - 1 else 0, stream, part)
                    for number, part in enumerate(parts))


class HostilePeer:
    """A connection to a node: TLS with a certificate, or plain TCP where there is none."""

    def __init__(self, address, ca=None, files=None, greet=True, settings=b"", source="127.0.0.1"):
        host, _, port = address.rpartition(":")
        raw = socket.create_connection((host, int(port)), WAIT_SECONDS, (source, 0))
        self.address = "%s:%d" % raw.getsockname()[:2]
        self.received = b""
        self.socket = raw
        if files is not None:
            context = ssl.create_default_context(cafile=ca)
            context.minimum_version = ssl.TLSVersion.TLSv1_3
            context.set_alpn_protocols(["h2"])
            context.load_cert_chain(files["cert"], files["key"])
            self.socket = context.wrap_socket(raw, server_hostname="localhost")
        if greet:
            self.send(PREFACE + frame(SETTINGS, 0, 0, settings) + frame(SETTINGS, ACK, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False when the other side has closed, or takes nothing for too long."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def flood(self, unit, times, chunk=64):
        """Sends unit(i) for i below times, several at once; stops when the other side has closed. Reads what comes, so that the
        flood is the only thing that is wrong."""
        for begin in range(0, times, chunk):
            if not self.send(b"".join(unit(i) for i in range(begin, min(begin + chunk, times)))) or not self.drain():
                return

    def drain(self):
        """Takes what has come; False at the end of the connection."""
        while self._pending():
            if not self._read():
                return False
        return True

    def _pending(self):
        return (isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()) or self._readable(0)

    def _readable(self, seconds):
        """Waits for something to read. Not select(), which knows a thousand descriptors only."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        return bool(poll.poll(max(seconds, 0) * 1000))

    def _read(self):
        try:
            piece = self.socket.recv(65536)
        except OSError:
            return False
        self.received += piece
        return bool(piece)

    def wait_closed(self):
        """Reads until the other side closes; False when it does not."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            ready = self._pending() or self._readable(until - time.monotonic())
            if ready and not self._read():
                return True
        return False

    def frames(self):
        """The whole frames received and not taken yet: (type, flags, stream, payload)."""
        while len(self.received) >= 9:
            length = int.from_bytes(self.received[:3], "big")
            if len(self.received) < 9 + length:
                return
            head, payload = self.received[:9], self.received[9:9 + length]
            self.received = self.received[9 + length:]
            yield head[3], head[4], int.from_bytes(head[5:], "big") & 0x7FFFFFFF, payload

    def send_request(self, stream, method, body, **changes):
        """A request as the other side's windows allow; what came of it: the payload of the first HEADERS or RST_STREAM."""
        self.send(request(stream, method, **changes))
        allowed, until = FIRST_WINDOW, time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            while body and allowed > 0:
                piece, body = body[:min(allowed, FRAME_BYTES)], body[min(allowed, FRAME_BYTES):]
                allowed -= len(piece)
                self.send(frame(DATA, 0 if body else END_STREAM, stream, piece))
            for kind, _, on, payload in self.frames():
                if kind == WINDOW_UPDATE and on == stream:
                    allowed += int.from_bytes(payload, "big")
                elif kind in (HEADERS, RST_STREAM) and on == stream:
                    return payload
            if not self._pending():
                self._readable(until - time.monotonic())
            if not self._read():
                return None
        return None

    def wait_frame(self, kind, stream=None):
        """The payload of the next frame of a kind; None when the connection ends before."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            for seen, _, on, payload in self.frames():
                if seen == kind and stream in (None, on):
                    return payload
            if not self._pending():
                self._readable(until - time.monotonic())
            if not self._read():
                return None
        return None
