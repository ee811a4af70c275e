"""What the journal counts, beside what the adapters count themselves."""
import collections

from scene import SceneError

STATES = {2: "answered", 3: "failed", 4: "refused", 5: "in doubt", 6: "resolved"}
ANSWERED = 2  # ndx.journal.v1.JournalEvent


def pages(operators, method, field, **arguments):
    """All rows of a paged list of the operator API."""
    cursor = ""
    while True:
        page = operators.call(method, page_size=1000, cursor=cursor, **arguments)
        yield from getattr(page, field)
        cursor = page.next_cursor
        if not cursor:
            return


class Tally:
    def __init__(self, programs, messages, land_counts_before_kill):
        operators = programs.operators(messages)
        self.states = collections.Counter()
        self.refusals = collections.Counter()
        self.answered_by_service = collections.Counter()
        self.exchanges = 0
        for exchange in pages(operators, "ListExchanges", "exchanges"):
            self.exchanges += 1
            self.states[STATES[exchange.state]] += 1
            if exchange.state == 4:
                self.refusals[exchange.error_reason] += 1
        added = []
        for record in pages(operators, "ListRecords", "records", events=[ANSWERED]):
            leaf = record.leaf
            self.answered_by_service[leaf.method.split("/")[1]] += 1
            added.append(leaf.duration_us - leaf.stages.provider_us)
        operators.close()
        self.added_us = sorted(added)
        self.adapters = collections.Counter(service_counts(land_counts_before_kill))
        for name in ("population", "business_registry", "social_insurance", "land", "shared_catalogues"):
            adapter = programs.adapter(name, messages)
            self.adapters.update(service_counts(adapter.call("CheckHealth").calls))
            adapter.close()

    def added_ms(self, share):
        """Time that the bus added to an answered exchange, in milliseconds, at this share of them."""
        return self.added_us[min(int(len(self.added_us) * share), len(self.added_us) - 1)] / 1000

    def agree(self):
        """Journal and adapters count the same answers."""
        if +self.answered_by_service != +self.adapters:
            raise SceneError(f"the journal counts {dict(self.answered_by_service)}, the adapters {dict(self.adapters)}")
        return sum(self.adapters.values())


def service_counts(calls):
    """Counts by service from counts by method, "package.Service.Method", the adapter's own service left out."""
    counts = collections.Counter()
    for method, count in calls.items():
        service = method.rpartition(".")[0]
        if service != "ndx.adapter.v1.AdapterService":
            counts[service] += count
    return +counts
