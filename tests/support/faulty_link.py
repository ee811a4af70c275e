"""A TCP link that misbehaves when told to: a proxy in front of one port of this machine, for the process-level tests.

    with FaultyLink(port, seed=7) as link:
        … link.port …                    # what the near side connects to
        link.begin("dribble")            # one of FAULTS, for the connections that are there and those that come
        link.heal()                      # passes everything on again, at once

| fault | what becomes of the connections |
|---|---|
| delay | each piece of bytes comes up to 150 ms later, in order |
| cut | all are reset (RST), once; new ones are as they should be |
| half_close_near, half_close_far | one side is told that the other sends no more (FIN), and what it still sends is lost; the other way stays open. Once; new ones are as they should be |
| dribble | 1 to 7 bytes at a time, each with a pause |
| flip | one bit in every few hundred bytes is another one, in both directions |
| stall | nothing passes; what came is passed on when the link is healed |
| refuse | all are reset, and nobody listens |

What is drawn (pauses, sizes, which bits) comes from the seed, the number of the connection, its direction and the position in its
bytes; when a fault begins is up to who tells it. Thread-safety: all methods may be called from any thread.
"""
import random
import socket
import struct
import threading

FAULTS = ("delay", "cut", "half_close_near", "half_close_far", "dribble", "flip", "stall", "refuse")
DELAY_SECONDS_MAX = 0.15
DRIBBLE_SECONDS, DRIBBLE_BYTES_MAX = 0.002, 7
FLIP_EVERY_MAX = 600
PIECE = 1 << 16


def reset(one):
    """Closes a socket with RST instead of FIN."""
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RD)  # wakes whoever reads from it; a mere close would not
    except OSError:
        pass
    one.close()


class _Way:
    """One direction of a connection."""

    def __init__(self, link, source, sink, draws):
        self._link, self._source, self._sink, self._draws = link, source, sink, draws
        self._muted = False
        self._until_flip = draws.randrange(link.flip_every_max)

    def mute(self):
        self._muted = True
        try:
            self._sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def run(self):
        """Passes bytes on until one side ends; False when the connection broke."""
        try:
            while True:
                data = self._source.recv(PIECE)
                if not data:
                    if not self._muted:
                        self._sink.shutdown(socket.SHUT_WR)
                    return True
                self._pass_on(data)
        except OSError:
            return False

    def _pass_on(self, data):
        while data:
            fault = self._link.wait_while_stalled()
            if fault == "delay":
                self._link.pause(self._draws.random() * DELAY_SECONDS_MAX)
            if fault == "dribble":
                size = self._draws.randint(1, DRIBBLE_BYTES_MAX)
                piece, data = data[:size], data[size:]
                self._link.pause(DRIBBLE_SECONDS)
            else:
                piece, data = data, b""
            if fault == "flip":
                piece = self._flipped(piece)
            if not self._muted:
                self._sink.sendall(piece)

    def _flipped(self, data):
        data = bytearray(data)
        while self._until_flip < len(data):
            data[self._until_flip] ^= 1 << self._draws.randrange(8)
            self._link.count_flip()
            self._until_flip += 1 + self._draws.randrange(self._link.flip_every_max)
        self._until_flip -= len(data)
        return bytes(data)


class _Connection:
    """A connection and the one that it is passed on to."""

    def __init__(self, link, near, far, number, seed):
        self.near, self.far = near, far
        self.to_far = _Way(link, near, far, random.Random(f"{seed} {number} far"))
        self.to_near = _Way(link, far, near, random.Random(f"{seed} {number} near"))

    def run(self):
        back = threading.Thread(target=self._run_way, args=(self.to_near,), daemon=True)
        back.start()
        self._run_way(self.to_far)
        back.join()
        self.near.close()
        self.far.close()

    def _run_way(self, way):
        if not way.run():
            self.reset()

    def reset(self):
        reset(self.near)
        reset(self.far)


class FaultyLink:
    """Listens until it is closed; use it as a context manager."""

    def __init__(self, target_port, seed=1, port=0, flip_every_max=FLIP_EVERY_MAX):
        self._target, self._seed, self.flip_every_max = target_port, seed, flip_every_max
        self._change = threading.Condition()
        self._fault, self._connections, self._number = None, set(), 0
        self.flips = 0  # bits changed so far
        self._listener = None
        self.port = port
        self._listen()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.heal()
        self._deaf()
        for connection in self._open():
            connection.reset()

    def begin(self, fault):
        """From now on, until healed or another begins."""
        if fault not in FAULTS:
            raise ValueError(fault)
        self._set(fault)
        if fault == "refuse":
            self._deaf()
        for connection in self._open():
            if fault in ("cut", "refuse"):
                connection.reset()
            elif fault == "half_close_near":
                connection.to_near.mute()
            elif fault == "half_close_far":
                connection.to_far.mute()

    def heal(self):
        self._set(None)
        if self._listener is None:
            self._listen()

    def wait_while_stalled(self):
        """The fault there is now, once it is not "stall"."""
        with self._change:
            self._change.wait_for(lambda: self._fault != "stall")
            return self._fault

    def pause(self, seconds):
        """Ends sooner when the link is healed."""
        with self._change:
            self._change.wait_for(lambda: self._fault is None, seconds)

    def count_flip(self):
        with self._change:
            self.flips += 1

    def _set(self, fault):
        with self._change:
            self._fault = fault
            self._change.notify_all()

    def _open(self):
        with self._change:
            return list(self._connections)

    def _listen(self):
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _deaf(self):
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)  # ends accept()
            listener.close()

    def _accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near):
        try:
            far = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            return reset(near)
        for one in (near, far):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._change:
            self._number += 1
            connection = _Connection(self, near, far, self._number, self._seed)
            self._connections.add(connection)
        connection.run()
        with self._change:
            self._connections.discard(connection)
