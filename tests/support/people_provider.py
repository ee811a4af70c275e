"""A provider of the population service for the process-level tests: plain grpcio on a UNIX socket, in the test's own process.

    with PeopleProvider(path, descriptors, {"999088000001": household, …}) as people:
        … people.endpoint …

Answers GetHousehold by any member's number, and LookUpCitizen with the member's own entry; everything else is UNIMPLEMENTED. Asked
about the one who is slow it sets `arrived` and answers when `answer` is set.
Thread-safety: as a grpc.Server.
"""
import concurrent.futures
import threading

import grpc
from google.protobuf import json_format

SYSTEM = "VN:GOV:G01:dan-cu"
SERVICE = "ndx.population.v1.PopulationService"
HOUSEHOLD, LOOK_UP = f"/{SERVICE}/GetHousehold", f"/{SERVICE}/LookUpCitizen"


def entry(endpoint):
    """The service's entry in a registry."""
    return {"name": SERVICE, "descriptor_set": "population.binpb", "providers": [{"system": SYSTEM, "endpoint": endpoint}]}


class PeopleProvider:
    """Serves until it is closed; use it as a context manager."""

    def __init__(self, path, descriptors, households, slow=None):
        self.endpoint, self._slow = f"unix:{path}", slow
        self.arrived, self.answer = threading.Event(), threading.Event()
        self._descriptors, self._households = descriptors, households
        handlers = {name: self._handler(name, answer) for name, answer in (
            ("GetHousehold", self._household), ("LookUpCitizen", self._citizen))}
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        self._server.add_insecure_port(self.endpoint)
        self._server.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.set()
        self._server.stop(None).wait()

    def _handler(self, name, answer):
        method = self._descriptors.method(SERVICE, name)
        response = self._descriptors.message(method.output_type.full_name)
        return grpc.unary_unary_rpc_method_handler(
            lambda request, _: json_format.ParseDict(answer(request), response()),
            self._descriptors.message(method.input_type.full_name).FromString, response.SerializeToString)

    def _household(self, request):
        household = self._households.get(request.citizen_id)
        if household is None:
            return {"outcome": "LOOKUP_OUTCOME_NOT_FOUND"}
        return {"outcome": "LOOKUP_OUTCOME_FOUND", "household": household}

    def _citizen(self, request):
        if request.citizen_id == self._slow:
            self.arrived.set()
            self.answer.wait()
        members = self._households.get(request.citizen_id, {}).get("members", [])
        found = [member for member in members if member["citizen_id"] == request.citizen_id]
        if not found:
            return {"outcome": "LOOKUP_OUTCOME_NOT_FOUND"}
        return {"outcome": "LOOKUP_OUTCOME_FOUND",
                "citizen": {name: found[0][name] for name in ("citizen_id", "full_name")}}
