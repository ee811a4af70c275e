"""A provider of ndx.loadgen.v1.EchoService for the process-level tests that keeps the metadata of every call: plain grpcio on a UNIX
socket, in the test's own process.

    with SeenProvider(path) as provider:
        … provider.endpoint, provider.seen …

Asked with the body HOLD it sets `arrived` and answers when `answer` is set or the call is gone.
Thread-safety: as a grpc.Server.
"""
import concurrent.futures
import threading

import grpc

SERVICE = "ndx.loadgen.v1.EchoService"
METHOD = f"/{SERVICE}/Echo"
# Requests are bytes that are their own answer: field 2 of EchoRequest and of EchoResponse.
HOLD = b"\x12\x04hold"


class SeenProvider:
    """Serves until it is closed; use it as a context manager."""

    def __init__(self, path):
        self.endpoint, self.seen = f"unix:{path}", []
        self.arrived, self.answer = threading.Event(), threading.Event()
        handler = grpc.unary_unary_rpc_method_handler(self._echo)
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {"Echo": handler}),))
        self._server.add_insecure_port(self.endpoint)
        self._server.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends what is asked and serves no more."""
        self.answer.set()
        self._server.stop(None).wait()

    def _echo(self, request, context):
        self.seen.append([(key, value) for key, value in context.invocation_metadata()])
        if request == HOLD:
            context.add_callback(self.answer.set)
            self.arrived.set()
            self.answer.wait()
        return request
