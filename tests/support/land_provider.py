"""A provider of the land service for the process-level tests that keeps what it is told: plain grpcio on a UNIX socket, in the test's own
process.

    with LandProvider(path, descriptors) as land:
        … land.endpoint, land.parcels, land.calls, land.effects …

A change is known by its ndx-idempotency-key: sent again, the first answer is given again. `calls` holds the key of every call that
arrived, by method; `effects` the answers of changes by key; GetExchangeStatus tells from them. While `failing` is set every call ends
with that gRPC status. A change of the parcel HOLD takes effect, sets `arrived`, and is answered when `answer` is set or the call is gone.
Thread-safety: as a grpc.Server.
"""
import collections
import concurrent.futures
import threading

import grpc
from google.protobuf import json_format

SYSTEM = "VN:GOV:G05:dat-dai"
SERVICE, ADAPTER = "ndx.land.v1.LandService", "ndx.adapter.v1.AdapterService"
GET_PARCEL, REGISTER_CHANGE, GET_CERTIFICATE = (f"/{SERVICE}/{name}" for name in ("GetParcel", "RegisterChange", "GetCertificate"))
HOLD = "HOLD"


def entry(endpoint, **more):
    """The service's entry in a registry."""
    return {"name": SERVICE, "descriptor_set": "land.binpb", "providers": [{"system": SYSTEM, "endpoint": endpoint}], **more}


class LandProvider:
    """Serves until it is closed; use it as a context manager."""

    def __init__(self, path, descriptors):
        self.endpoint = f"unix:{path}"
        self.parcels, self.effects, self.failing = {}, {}, None
        self.calls = collections.defaultdict(list)
        self.arrived, self.answer = threading.Event(), threading.Event()
        self._descriptors = descriptors
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(16))
        for service, answers in ((SERVICE, {"GetParcel": self._parcel, "RegisterChange": self._change, "GetCertificate": self._certificate}),
                                 (ADAPTER, {"GetExchangeStatus": self._status})):
            handlers = {name: self._handler(service, name, answer) for name, answer in answers.items()}
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
        self._server.add_insecure_port(self.endpoint)
        self._server.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.set()
        self._server.stop(None).wait()

    def _handler(self, service, name, answer):
        method = self._descriptors.method(service, name)
        response = self._descriptors.message(method.output_type.full_name)

        def handle(request, context):
            key = dict(context.invocation_metadata()).get("ndx-idempotency-key", "")
            self.calls[name].append(key)
            if self.failing is not None and service == SERVICE:
                context.abort(self.failing, "made to fail")
            return json_format.ParseDict(answer(request, key, context), response())

        return grpc.unary_unary_rpc_method_handler(handle, self._descriptors.message(method.input_type.full_name).FromString,
                                                   response.SerializeToString)

    def _parcel(self, request, _key, _context):
        parcel = self.parcels.get(request.parcel_id)
        if parcel is None:
            return {"outcome": "LOOKUP_OUTCOME_NOT_FOUND"}
        return {"outcome": "LOOKUP_OUTCOME_FOUND", "parcel": parcel}

    def _certificate(self, _request, _key, _context):
        return {"outcome": "LOOKUP_OUTCOME_NOT_FOUND"}

    def _change(self, request, key, context):
        first = key not in self.effects
        answer = self.effects.setdefault(key, {"outcome": "REGISTER_CHANGE_OUTCOME_REGISTERED", "change_number": len(self.effects) + 1})
        if first and request.parcel_id == HOLD:
            context.add_callback(self.answer.set)
            self.arrived.set()
            self.answer.wait()
        return answer

    def _status(self, request, _key, _context):
        done = request.exchange_id in self.effects
        return {"outcome": "EXCHANGE_OUTCOME_DONE" if done else "EXCHANGE_OUTCOME_NOT_DONE"}
