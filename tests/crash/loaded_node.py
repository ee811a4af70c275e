"""The demo's node under a load with a ledger, and everything it is held against afterwards.

    loaded = LoadedNode(space)             # config/demo, the population and land adapters over a small nation
    loaded.node.start()
    load = loaded.start_load()             # ndx-ledgerload: reads and changes, what was lost is sent again under its id
    loaded.tail.wait_acknowledged(100)
    …
    found = loaded.faults(load)            # nothing acknowledged is missing or doubled, every receipt proves

Waiting is by event: the ledger's growth, systemd's notify protocol.
"""
import os
import pathlib
import select
import sqlite3
import subprocess
import time

from node_fixture import new_exchange_id

PEOPLE = 3000
CONCURRENCY = 24
CHANGES_PERMILLE = 300
ROUND_SECONDS_MAX = 60
LOAD_SECONDS_MAX = 10_000
SEGMENT_PAYLOAD_BYTES = 64
CONSUMER = "VN:GOV:H55.990:mot-cua"
ORIGIN = "ndxp.example.vn"


class LedgerTail:
    """Follows the ledger by the event of its growing."""

    def __init__(self, path):
        self.tail = subprocess.Popen(["tail", "-n", "+1", "-F", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.rest = b""

    def wait_acknowledged(self, count):
        """Returns when so many more exchanges have been acknowledged."""
        deadline = time.monotonic() + ROUND_SECONDS_MAX
        while count > 0:
            if not select.select([self.tail.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
                raise RuntimeError(f"no acknowledgement in {ROUND_SECONDS_MAX} s, {count} awaited")
            *lines, self.rest = (self.rest + os.read(self.tail.stdout.fileno(), 1 << 20)).split(b"\n")
            count -= sum(line.startswith(b"acked ") for line in lines)

    def close(self):
        self.tail.kill()
        self.tail.wait()
        self.tail.stdout.close()


def entries(path):
    """Exchange id → (kind, status or None, note), from the ledger's text."""
    found = {}
    for line in pathlib.Path(path).read_text().splitlines():
        words = line.split()
        if words[0] == "sent":
            found[words[1]] = (words[2], None, "")
        elif words[0] == "acked":
            found[words[1]] = (found[words[1]][0], int(words[2]), words[4] if len(words) > 4 else "")
    return found


def land_rows(database, query):
    """Two columns of the land database as a dictionary; the idempotency key is unique in both tables asked."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as land:
        return dict(land.execute(query))


def registered_changes(database):
    return land_rows(database, "SELECT idempotency_key, change_number FROM land_changes")


def kept_answers(database):
    """What the database answered, its refusals of business included: asked again it says the same."""
    return land_rows(database, "SELECT idempotency_key, 1 FROM kept_answers")


def land_faults(registered, ledger):
    """In what the land database has other changes than the callers were told of."""
    told = {key: note.removeprefix("registered=") for key, (kind, status, note) in ledger.items()
            if kind == "change" and status == 0 and note.startswith("registered=")}
    found = [f"change {key}: the caller was told number {number}, the land database has {registered.get(key)}"
             for key, number in told.items() if str(registered.get(key)) != number]
    if len(set(registered.values())) != len(registered):
        found.append("a change number was given twice")
    if set(registered) - set(ledger):
        found.append(f"{len(set(registered) - set(ledger))} changes in the land database that nobody sent")
    print(f"{'FAIL' if found else 'ok  '} {len(told)} changes told to callers, {len(registered)} in the land database")
    return found


def resolution_faults(node, kept):
    """Each exchange in doubt is resolved by asking the adapter, and what it says is what the land database has."""
    found, done = [], 0
    with node.operator() as operator:
        doubtful = operator.exchanges(states=["EXCHANGE_STATE_IN_DOUBT"])
        for row in doubtful:
            answer = operator.call("ResolveExchange", {"exchange_id": row["exchange_id"], "reason": "fault suite"})
            expected = "RESOLUTION_DONE" if row["exchange_id"] in kept else "RESOLUTION_NOT_DONE"
            done += expected == "RESOLUTION_DONE"
            if answer.get("resolution") != expected:
                found.append(f"exchange {row['exchange_id']} in doubt: {answer.get('resolution')}, the land database says {expected}")
        left = operator.exchanges(states=["EXCHANGE_STATE_IN_DOUBT", "EXCHANGE_STATE_OPEN"])
    if left:
        found.append(f"{len(left)} exchanges are still open or in doubt")
    print(f"{'FAIL' if found else 'ok  '} {len(doubtful)} exchanges in doubt resolved, {done} of them had been carried out")
    return found


def judge(space, ledger):
    keys = space.directory / "demo/keys"
    return subprocess.run([space.program("ledger_judge"), space.path("demo/journal"), ORIGIN, keys / "signing.pem",
                           keys / "master.key", ledger], capture_output=True, text=True)


def judge_faults(space, ledger):
    """What the judge says, and that it would have said so: one acknowledgement that never was must be missed."""
    judged = judge(space, ledger)
    print(judged.stdout + judged.stderr, end="")
    found = [] if judged.returncode == 0 else ["the journal does not stand against the ledger"]
    invented = new_exchange_id()
    with open(ledger, "a", encoding="ascii") as file:
        file.write(f"sent {invented} read\nacked {invented} 0 -\n")
    control = judge(space, ledger)
    if control.returncode != 1 or f"{invented} was acknowledged and is not in the journal" not in control.stdout:
        found.append(f"the judge did not miss an exchange that is not there:\n{control.stdout}{control.stderr}")
    return found


class LoadedNode:
    """The node is not started; its adapters are. The ledger goes on over every load that is started."""

    def __init__(self, space):
        self.space = space
        self.node = space.demo_node(PEOPLE, "--insurer-list", space.path("people.csv"), "--count", 500)
        # Small payloads go to segments too, which the load would not have otherwise.
        config = pathlib.Path(self.node.config)
        config.write_text(config.read_text().replace("journal:\n", f"journal:\n  segment_payload_bytes: {SEGMENT_PAYLOAD_BYTES}\n", 1))
        self.journal = space.directory / "demo/journal"
        self.keys = space.directory / "demo/keys"
        self.ledger = space.path("ledger")
        self.database = space.path("nation/land.sqlite")
        self.before = registered_changes(self.database)
        self.load = None
        space.adapters("population", "land")
        pathlib.Path(self.ledger).touch()
        self.tail = LedgerTail(self.ledger)

    def start_load(self, *more, concurrency=CONCURRENCY):
        """Starts the load; without more it goes on until it is stopped."""
        space = self.space
        self.load = space.run("load", [
            space.program("ndx-ledgerload"), "--target", self.node.address, "--tls", space.path(f"demo/pki/{CONSUMER}"),
            "--method", "mixed", "--changes", CHANGES_PERMILLE, "--people", space.path("people.csv"),
            "--parcels", space.path("nation/parcels.csv"), "--concurrency", concurrency,
            "--deadline", 5, "--resend", "--ledger", self.ledger, *(more or ("--seconds", LOAD_SECONDS_MAX))])
        return self.load

    def stop_load(self):
        """Ends the load, which must still be running; returns what it said."""
        if not self.load.running():
            raise RuntimeError(f"the load ended by itself:\n{self.load.tail()}")
        self.load.stop()
        return self.load.tail().strip()

    def faults(self):
        """What is wrong, of a node that is running and a load that has ended; stops the node."""
        self.tail.close()
        registered = {key: number for key, number in registered_changes(self.database).items() if key not in self.before}
        found = land_faults(registered, entries(self.ledger)) + resolution_faults(self.node, kept_answers(self.database))
        if self.node.stop() != 0:
            found.append(f"ndxd did not stop cleanly:\n{self.node.program.tail()}")
        return found + judge_faults(self.space, self.ledger)
