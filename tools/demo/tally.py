"""What the journal counts, beside what the adapters count themselves."""
import collections
import re
import urllib.request

from scene import SceneError

STATES = {2: "answered", 3: "failed", 4: "refused", 5: "in doubt", 6: "resolved"}
NODE_SERVICE = "ndx.exchange.v1.ExchangeService"
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
    def __init__(self, programs, messages, land_counts_before_kill, added):
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
        for record in pages(operators, "ListRecords", "records", events=[ANSWERED]):
            service = record.leaf.method.split("/")[1]
            if service != NODE_SERVICE:  # which no adapter answers: the province asks for the national services
                self.answered_by_service[service] += 1
        operators.close()
        self.added = added
        self.adapters = collections.Counter(service_counts(land_counts_before_kill))
        for name in ("population", "business_registry", "social_insurance", "land", "shared_catalogues"):
            adapter = programs.adapter(name, messages)
            self.adapters.update(service_counts(adapter.call("CheckHealth").calls))
            adapter.close()

    def added_ms(self, share):
        """Time that the bus added to an exchange, in milliseconds, at this share of them; between two bounds by straight line."""
        wanted = share * max(self.added.values())
        before, before_count = 0.0, 0.0
        for bound, count in sorted(self.added.items()):
            if count >= wanted:
                upper = before if bound == float("inf") else bound
                part = (wanted - before_count) / (count - before_count) if count > before_count else 1.0
                return 1000 * (before + (upper - before) * part)
            before, before_count = bound, count
        return 1000 * before

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


def added_buckets(http):
    """Cumulative counts of ndx_exchange_added_seconds by upper bound, all methods together."""
    with urllib.request.urlopen(f"http://{http}/metrics", timeout=10) as page:
        text = page.read().decode()
    buckets = collections.Counter()
    for bound, count in re.findall(r'^ndx_exchange_added_seconds_bucket\{.*le="([^"]+)".*\} (\S+)$', text, re.MULTILINE):
        buckets[float(bound)] += float(count)
    return buckets
