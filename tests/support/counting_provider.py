"""A provider of ndx.loadgen.v1.EchoService for the process-level tests that honours idempotency keys and counts: plain grpcio on a UNIX
socket, in the test's own process. It comes and goes without forgetting.

    provider = CountingProvider(path)
    with provider:                       # is there
        … provider.effects …             # [(key, consumer, body)] in the order in which they took effect, each key once
    # is away

Each key has one effect; a call with a key that had one is answered the same and counted in `repeats`. While `answers` is cleared calls
take effect and wait for it. Offers AdapterService.GetExchangeStatus where `status` is true.
Thread-safety: as a grpc.Server; what it counted may be read at any time.
"""
import concurrent.futures
import threading

import grpc

SERVICE = "ndx.loadgen.v1.EchoService"
METHOD = f"/{SERVICE}/Echo"
STATUS = "ndx.adapter.v1.AdapterService"
DONE, NOT_DONE = 1, 2


def body_of(text):
    """An EchoRequest: bytes that are their own answer."""
    content = text.encode()
    return b"\x12" + bytes([len(content)]) + content


class CountingProvider:
    """There while it is entered as a context; may be entered again."""

    def __init__(self, path, status=False):
        self.endpoint, self._status = f"unix:{path}", status
        self.effects, self.repeats, self.asked, self.calls = [], 0, 0, 0
        self.metadata = []
        self.answers, self.arrived = threading.Event(), threading.Event()
        self.answers.set()
        self._keys, self._lock, self._server = set(), threading.Lock(), None
        self.refuse = None  # a grpc.StatusCode with which calls are refused, without effect

    def __enter__(self):
        handlers = [grpc.method_handlers_generic_handler(SERVICE, {"Echo": grpc.unary_unary_rpc_method_handler(self._echo)})]
        if self._status:
            handlers.append(grpc.method_handlers_generic_handler(
                STATUS, {"GetExchangeStatus": grpc.unary_unary_rpc_method_handler(self._tell)}))
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(16))
        self._server.add_generic_rpc_handlers(handlers)
        self._server.add_insecure_port(self.endpoint)
        self._server.start()
        return self

    def __exit__(self, *_):
        self.answers.set()
        self._server.stop(None).wait()

    def _echo(self, request, context):
        metadata = dict(context.invocation_metadata())
        key = metadata["ndx-idempotency-key"]
        with self._lock:
            self.calls += 1
            if self.refuse is not None:
                context.abort(self.refuse, "not now")
            self.metadata.append(metadata)
            if key in self._keys:
                self.repeats += 1
            else:
                self._keys.add(key)
                self.effects.append((key, metadata["ndx-consumer"], request[2:].decode()))
        self.arrived.set()
        self.answers.wait()
        return request

    def _tell(self, request, _context):
        exchange_id = request[2:].decode()
        with self._lock:
            self.asked += 1
            return b"\x08" + bytes([DONE if exchange_id in self._keys else NOT_DONE])
