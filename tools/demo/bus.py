"""Calls over gRPC as a ministry's system makes them: mutual TLS, purpose and references in metadata, receipts in trailers."""
import pathlib

import grpc


class Answer:
    """One exchange as its caller saw it."""

    def __init__(self, message, code, info, text, trailers):
        self.message, self.code, self.reason, self.text = message, code, info.reason if info else "", text
        self.error = dict(info.metadata) if info else {}  # "fault", "node" and what the reason names
        self.exchange_id = trailers.get("ndx-exchange-id", "")
        self.receipt = trailers.get("ndx-receipt-bin", b"")
        self.signature = trailers.get("ndx-signature-bin", b"")

    @property
    def ok(self):
        return self.code is grpc.StatusCode.OK


def holds(message, value):
    """Whether some field of a message, at any depth, is this text."""
    for field, held in message.ListFields():
        for one in held if field.label == field.LABEL_REPEATED else [held]:
            if holds(one, value) if field.type == field.TYPE_MESSAGE else one == value:
                return True
    return False


class Caller:
    """A system with its certificate, calling one node. It remembers what it asked and got: answered, by exchange id."""

    def __init__(self, address, pki, certificate, messages, **ground):
        read = lambda name: pathlib.Path(pki, name).read_bytes()
        credentials = grpc.ssl_channel_credentials(read("ca.crt"), read(f"{certificate}.key"), read(f"{certificate}.crt"))
        self._channel = grpc.secure_channel(address, credentials, [
            ("grpc.ssl_target_name_override", "localhost"), ("grpc.max_receive_message_length", -1)])
        self._messages, self._ground = messages, ground
        self.answered = {}

    def call(self, method, /, seconds=15, types=None, **fields):
        """Calls "package.Service/Method" with the given request fields; ground_… replaces or removes metadata."""
        ground = dict(self._ground)
        for key in [key for key in fields if key.startswith("ground_")]:
            ground[key.removeprefix("ground_")] = fields.pop(key)
        request_type, answer_type = self._messages.method(types or method)
        call = self._channel.unary_unary(f"/{method}", request_type.SerializeToString, answer_type.FromString)
        metadata = [(f"ndx-{key.replace('_', '-')}", value) for key, value in ground.items() if value]
        try:
            request = request_type(**fields)
            message, done = call.with_call(request, timeout=seconds, metadata=metadata)
            answer = Answer(message, grpc.StatusCode.OK, None, "", dict(done.trailing_metadata()))
            self.answered[answer.exchange_id] = (request, message)
            return answer
        except grpc.RpcError as error:
            trailers = dict(error.trailing_metadata() or ())
            return Answer(None, error.code(), self._error_info(trailers), error.details(), trailers)

    def _error_info(self, trailers):
        status = self._messages.type("google.rpc.Status").FromString(trailers.get("grpc-status-details-bin", b""))
        for detail in status.details:
            if detail.type_url.endswith("/google.rpc.ErrorInfo"):
                return self._messages.type("google.rpc.ErrorInfo").FromString(detail.value)
        return None

    def about(self, value):
        """Ids of the answered exchanges in which a text was asked for or got."""
        return {exchange for exchange, messages in self.answered.items() if any(holds(m, value) for m in messages)}

    def close(self):
        self._channel.close()


class LocalApi:
    """A gRPC service on a UNIX socket: the operator API, or an adapter's AdapterService."""

    def __init__(self, socket, service, messages):
        self._channel = grpc.insecure_channel(f"unix:{socket}")
        self._service, self._messages = service, messages

    def call(self, method, **fields):
        path = f"{self._service}/{method}"
        request_type, answer_type = self._messages.method(path)
        call = self._channel.unary_unary(f"/{path}", request_type.SerializeToString, answer_type.FromString)
        return call(request_type(**fields), timeout=30, wait_for_ready=True)

    def close(self):
        self._channel.close()
