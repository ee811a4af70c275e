"""A node with the population service of people_provider behind it, and its one consumer; persons asked about, and found again."""
import json
import sys

import node_fixture
from people_provider import SERVICE, SYSTEM, entry

sys.path.append(str(node_fixture.ROOT / "tests/conformance"))
from client_run import run_client  # noqa: E402

CONSUMER = "VN:GOV:H55:mot-cua"


class PeopleScene:
    """Starts the node; more are sections of its settings. methods: entries of the registry that say what a method does."""

    def __init__(self, space, people, methods=(), **more):
        self.space, self.people = space, people
        self.node = space.node(node_fixture.registry_of(
            space.pki, consumers=[CONSUMER], providers=[SYSTEM], services=[{**entry(people.endpoint), "methods": list(methods)}],
            grants=[{"name": "grant", "consumer": CONSUMER, "methods": [f"{SERVICE}/*"], "legal_basis": "Kiểm thử"}]), **more)

    def call(self, method, **request):
        """One exchange; its id and what the client got."""
        exchange_id = node_fixture.new_exchange_id()
        call = {"name": "0", "identity": CONSUMER, "method": method, "request": request,
                "metadata": [["ndx-exchange-id", exchange_id]]}
        identities = {CONSUMER: self.space.pki.files("client", CONSUMER)}
        return exchange_id, run_client("grpcio", self.space.plan(self.node.address, [call], identities))["0"]

    def ask(self, method, **request):
        """One exchange that is answered; its id."""
        exchange_id, result = self.call(method, **request)
        if result["code"] != 0:
            raise RuntimeError(f"{method}: {result['message']}")
        return exchange_id

    def concerning(self, person):
        """Exchanges that concern a person, as ndxctl lists them, once the index has been told of all there is now."""
        search = {"filter": {"expression": f"subject = {person}"}, "case_number": "17", "reason": "khiếu nại"}
        with self.node.operator() as operator:
            size = int(operator.call("GetStatus")["journal"]["tree_size"])
            while int(operator.call("ListExchanges", search)["extent"].get("subjects_to", 0)) < size:
                trouble = operator.call("GetStatus")["journal"]["follower"].get("trouble")
                if trouble:
                    raise RuntimeError(trouble)
        listed = self.node.ndxctl("journal", "list", "--filter", f"subject = {person}", "--case", "17", "--reason", "khiếu nại", "--output", "json")
        return {json.loads(line)["exchange_id"] for line in listed.stdout.splitlines()}
