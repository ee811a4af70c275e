"""The operator API of a node as the process-level tests ask it: gRPC over the node's UNIX socket, by descriptors."""
import grpc
from google.protobuf import json_format

SERVICE = "ndx.console.v1.OperatorService"
PAGE = 1000


class NodeOperator:
    """Calls as the user who runs the test. Thread-safety: as a grpc.Channel. Close it, or use it as a context manager."""

    def __init__(self, socket, descriptors):
        self._descriptors = descriptors
        # The node serves its socket by peer credentials; the name in the call means nothing there.
        self._channel = grpc.insecure_channel(f"unix:{socket}", [("grpc.default_authority", "localhost"),
                                                                 ("grpc.max_receive_message_length", -1)])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._channel.close()

    def call(self, name, request=None, timeout=60):
        """Answer of a method as protobuf JSON with the names of the contract; a list for a stream."""
        method = self._descriptors.method(SERVICE, name)
        message = json_format.ParseDict(request or {}, self._descriptors.message(method.input_type.full_name)())
        decode = self._descriptors.message(method.output_type.full_name).FromString
        make = self._channel.unary_stream if name in ("VerifyJournal", "TailExchanges") else self._channel.unary_unary
        answer = make(f"/{SERVICE}/{name}", type(message).SerializeToString, decode)(message, timeout=timeout)
        if make == self._channel.unary_stream:
            return [json_format.MessageToDict(one, preserving_proto_field_name=True) for one in answer]
        return json_format.MessageToDict(answer, preserving_proto_field_name=True)

    def exchanges(self, **criteria):
        """All exchanges, oldest first."""
        found, cursor = [], ""
        while True:
            page = self.call("ListExchanges", {"filter": criteria, "page_size": PAGE, "cursor": cursor})
            found += page.get("exchanges", [])
            cursor = page.get("next_cursor", "")
            if not cursor:
                return found[::-1]

    def verify(self):
        """The result of a whole verification of the journal."""
        return self.call("VerifyJournal", timeout=300)[-1]
