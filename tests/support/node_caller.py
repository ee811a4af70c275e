"""Calls of a consumer on a node's public port from within a process-level test: one connection that stays, mutual TLS, by descriptors.

    with NodeCaller(node.address, space.pki, "VN:GOV:H55:mot-cua", descriptors) as caller:
        code, answer, reason = caller.call("/ndx.population.v1.PopulationService/LookUpCitizen", {…}, purpose="tthc")

Thread-safety: as a grpc.Channel.
"""
import pathlib

import grpc
from google.protobuf import json_format

SECONDS_MAX = 30


class NodeCaller:
    """Keeps its connection until it is closed; use it as a context manager."""

    def __init__(self, address, pki, consumer, descriptors):
        self._descriptors = descriptors
        files = pki.files("client", consumer)
        credentials = grpc.ssl_channel_credentials(*(pathlib.Path(name).read_bytes() for name in (
            pki.path("ca.crt"), files["key"], files["cert"])))
        self.channel = grpc.secure_channel(f"localhost:{address.rpartition(':')[2]}", credentials)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def call(self, path, request, **context):
        """Name of the gRPC status, the answer as protobuf JSON (empty where there is none), and the error's message."""
        service, name = path.strip("/").split("/")
        method = self._descriptors.method(service, name)
        message = json_format.ParseDict(request, self._descriptors.message(method.input_type.full_name)())
        decode = self._descriptors.message(method.output_type.full_name).FromString
        metadata = [(f"ndx-{key}", value) for key, value in context.items()]
        try:
            answer = self.channel.unary_unary(path, type(message).SerializeToString, decode)(
                message, timeout=SECONDS_MAX, metadata=metadata)
        except grpc.RpcError as error:
            return error.code().name, {}, error.details()
        return "OK", json_format.MessageToDict(answer, preserving_proto_field_name=True), ""
