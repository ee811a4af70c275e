"""A consumer as it submits requests and asks for their outcomes (ndx.exchange.v1.ExchangeService), and calls directly with bytes, in the
process-level tests: grpcio with its own certificate.

    consumer = ExchangeConsumer(space, node, "VN:GOV:H55:mot-cua", {"purpose": "tthc"})
    code, exchange_id, handle, why = consumer.submit(METHOD, request, order_key="D1")
    consumer.state(exchange_id, wait=30)                             # "ANSWERED"

Calls wait for a node that is not there until their time is over: grpcio looks after a connection only while a call waits for it.
Thread-safety: as a grpc.Channel.
"""
import pathlib

import grpc

from descriptors import Descriptors
from node_fixture import new_exchange_id

EXCHANGE = "/ndx.exchange.v1.ExchangeService/"
# A node that was killed is there again within a second; the certificate is for the name, which would be looked up every 30 s only.
OPTIONS = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500), ("grpc.ssl_target_name_override", "localhost")]


class ExchangeConsumer:
    """One system on one node; `context` is the ground of what it asks for, without "ndx-"."""

    def __init__(self, space, node, system, context):
        self._types = Descriptors([space.build / "descriptors/ndx_console.binpb"])
        files = space.pki.files("client", system)
        self._credentials = grpc.ssl_channel_credentials(*(pathlib.Path(name).read_bytes() for name in (
            space.pki.path("ca.crt"), files["key"], files["cert"])))
        self._target, self.context = f"ipv4:{node.address}", context
        self._channel = None
        self.connect()

    def connect(self):
        if self._channel is not None:
            self._channel.close()
        self._channel = grpc.secure_channel(self._target, self._credentials, OPTIONS)

    def type(self, name):
        return self._types.message(f"ndx.exchange.v1.{name}")

    def raw(self, path, request, seconds=30, **context):
        """(status, answer bytes, error text, trailers)"""
        call = self._channel.unary_unary(path)
        try:
            answer, done = call.with_call(request, timeout=seconds, metadata=self._metadata(context), wait_for_ready=True)
        except grpc.RpcError as error:
            return error.code().name, b"", error.details() or "", dict(error.trailing_metadata() or ())
        return "OK", answer, "", dict(done.trailing_metadata() or ())

    def stream(self, path, request, seconds=30, **context):
        """(status, answers)"""
        answers = []
        try:
            for answer in self._channel.unary_stream(path)(request, timeout=seconds, metadata=self._metadata(context), wait_for_ready=True):
                answers.append(answer)
        except grpc.RpcError as error:
            return error.code().name, answers
        return "OK", answers

    def ask(self, name, seconds=30, context=None, **fields):
        answer = None
        request = self.type(f"{name}Request")(**fields)
        code, data, text, _ = self.raw(EXCHANGE + name, request.SerializeToString(), seconds, **(context or {}))
        if code == "OK":
            answer = self.type(f"{name}Response").FromString(data)
        return code, answer, text

    def submit(self, method, request, exchange_id=None, order_key="", keep_seconds=0, context=None):
        exchange_id = exchange_id or new_exchange_id()
        fields = {"method": method, "request": request, "order_key": order_key}
        if keep_seconds:
            fields["keep_for"] = {"seconds": keep_seconds}
        code, answer, why = self.ask("Submit", context={**(context or self.context), "exchange-id": exchange_id}, **fields)
        return code, exchange_id, answer, why

    def outcome(self, exchange_id, wait=0):
        """The outcome now, or after waiting so many seconds for its end; the status of the call where there is none."""
        purpose = {"purpose": self.context["purpose"]}
        if wait:
            code, answer, _ = self.ask("WaitOutcome", wait + 10, purpose, exchange_id=exchange_id, up_to={"seconds": wait})
        else:
            code, answer, _ = self.ask("GetOutcome", 30, purpose, exchange_id=exchange_id)
        return answer.outcome if code == "OK" else code

    def state(self, exchange_id, wait=0):
        outcome = self.outcome(exchange_id, wait)
        return outcome if isinstance(outcome, str) else self.type("Outcome").DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number[
            outcome.state].name.removeprefix("OUTCOME_STATE_")

    @staticmethod
    def _metadata(context):
        return [(f"ndx-{key.replace('_', '-')}", value) for key, value in context.items()]
