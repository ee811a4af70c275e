"""The province: its node passes a commune's requests on to the national node, keeps them while that one is down, and its operator sends again
what failed. Each act plays, checks what came out, and returns the lines to be shown."""
import csv
import http.client
import json
import pathlib
import ssl
import subprocess
import time

from bus import Caller
from scene import DOSSIER, LAND, OFFICER, ONE_STOP, POPULATION, PROCEDURE, must
from words import say

EXCHANGE = "ndx.exchange.v1.ExchangeService"
CATALOGUES = "ndx.shared_catalogues.v1.SharedCataloguesService"
PROVINCE, NATION = "VN:GOV:H55:lgsp", "VN:GOV:G01:ndxp"
SUBMITTED = 10
ANSWERED = 3  # ndx.exchange.v1.OutcomeState
WAIT_SECONDS = 60


class SecondPerson:
    """Who approves, over HTTPS and by certificate."""

    def __init__(self, address, pki):
        self._address = address
        self._context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        self._context.check_hostname = False  # the certificate names localhost
        self._context.load_cert_chain(pki / "unnamed/nguoi-duyet.crt", pki / "unnamed/nguoi-duyet.key")

    def call(self, method, **fields):
        connection = http.client.HTTPSConnection(self._address, timeout=30, context=self._context)
        try:
            connection.request("POST", f"/ndx.console.v1.{method}", json.dumps(fields), {
                "Content-Type": "application/json", "Connect-Protocol-Version": "1"})
            response = connection.getresponse()
            body = response.read().decode()
        finally:
            connection.close()
        must(response.status == 200, f"{method}: {response.status} {body}")
        return json.loads(body)


class Province:
    def __init__(self, programs, messages, who):
        self.programs, self.messages, self.who = programs, messages, who
        programs.start_province()
        self.officer = Caller(programs.province_address, programs.directory / "pki", ONE_STOP, messages, purpose="dang-ky-bien-dong",
                              dossier=DOSSIER, officer=OFFICER, procedure=PROCEDURE)
        self.keys = programs.directory / "both.vkeys"
        self.keys.write_text("".join(programs.ndxctl("journal", "key", node=node) for node in ("province", "ndxd")), encoding="utf-8")
        self.failed = 0  # calls while the national node was down

    def people(self, count):
        """Some of the insurer's list, as requests of VerifyCitizen; the applicant is not among them."""
        with open(self.programs.directory / "insurer.csv", encoding="utf-8") as rows:
            chosen = [row for row in csv.DictReader(rows) if row["citizen_id"] != self.who["applicant"]["citizen_id"]]
        return [{name: row[name] for name in ("citizen_id", "full_name", "birth_date")} for row in chosen[:count]]

    def parcel_version(self):
        answer = self.officer.call(f"{LAND}/GetParcel", parcel_id=self.who["parcel"]["parcel_id"])
        must(answer.ok, f"the parcel cannot be read through the province: {answer.reason} {answer.text}")
        return answer.message.parcel.version

    def prove(self, exchange_id):
        """The auditor has the receipt and two public keys, and ndx-verify alone."""
        receipt = self.programs.directory / "relayed.receipt"
        self.programs.ndxctl("receipt", "get", exchange_id, "--file", receipt, node="province")
        done = subprocess.run([self.programs.program("ndx-verify"), "receipt", "--key-file", self.keys, receipt],
                              capture_output=True, text=True, check=False)
        way = next((line for line in done.stdout.splitlines() if PROVINCE in line and NATION in line and "→" in line), "")
        must(done.returncode == 0 and way, f"the receipt does not prove the way: {done.stdout}{done.stderr}")
        return way.partition("the way: ")[2] or way.strip()

    def relay(self):
        """One look-up over both nodes."""
        asked = self.officer.call(f"{POPULATION}/VerifyCitizen", **self.people(1)[0])
        must(asked.ok, f"relayed: {asked.code} {asked.reason} {asked.text}")
        return [say("  một cửa → nút tỉnh → nút quốc gia → dân cư; ndx-verify chứng minh cả chặng đường:",
                    "  one-stop → province → nation → population; ndx-verify proves the whole way:"), f"    {self.prove(asked.exchange_id)}"]

    def outage(self):
        """The national node is killed; what was kept meanwhile arrives once."""
        version = self.parcel_version()
        catalogues = self.officer.call(f"{CATALOGUES}/ListCatalogues").message.catalogues
        self.programs.kill("ndxd")
        failed = [self.officer.call(f"{CATALOGUES}/ListRows", catalogue_code=catalogue.code, limit=1000, offset=1000 * page)
                  for catalogue in catalogues for page in range(4)]
        must(failed and not any(answer.ok for answer in failed), "the national node is down and something was answered")
        self.failed = len(failed)
        kept = [self.submit(f"{POPULATION}/VerifyCitizen", **person) for person in self.people(SUBMITTED)]
        kept.append(self.submit(f"{LAND}/RegisterChange", **self.change(version)))
        self.programs.start_node(self.messages)
        for exchange_id in kept:
            outcome = self.officer.call(f"{EXCHANGE}/WaitOutcome", seconds=WAIT_SECONDS, exchange_id=exchange_id)
            must(outcome.ok and outcome.message.outcome.state == ANSWERED and outcome.message.outcome.grpc_status == 0,
                 f"a kept request has not arrived: {outcome.reason} {outcome.message}")
            records = self.programs.ndxctl("-o", "json", "journal", "show", exchange_id)
            must(json.loads(records)["summary"]["state"] == "EXCHANGE_STATE_ANSWERED", f"{exchange_id} is not answered at the national node")
        must(self.parcel_version() == version + 1, "the kept change was not made exactly once")
        first = failed[0].text.partition(" / ")
        return [say(f"  nút quốc gia bị ngắt: {first[0]}", f"  the national node is killed: {first[2] or first[0]}"),
                say(f"  {len(kept)} yêu cầu được lưu tại tỉnh và chuyển đúng một lần khi nút quốc gia trở lại; {self.prove(kept[-1])}",
                    f"  {len(kept)} requests kept at the province, and delivered once each when it was back; {self.prove(kept[-1])}")]

    def submit(self, method, **fields):
        request_type, _ = self.messages.method(method)
        handle = self.officer.call(f"{EXCHANGE}/Submit", method=f"/{method}", request=request_type(**fields).SerializeToString())
        must(handle.ok, f"not kept: {handle.code} {handle.reason} {handle.text}")
        return handle.message.exchange_id

    def change(self, version):
        parcel, commune = self.who["parcel"], self.who["commune"]
        return {"parcel_id": parcel["parcel_id"], "expected_version": version, "kind": 2, "dossier_code": DOSSIER,
                "content": "Đính chính địa chỉ", "new_address": parcel["new_address"], "new_commune_code": commune["commune_code"],
                "new_province_code": commune["province_code"]}

    def replay(self):
        """The operator sends again what failed: tried dry, approved by a second person, executed."""
        run = lambda *arguments: json.loads(self.programs.ndxctl("-o", "json", "replay", *arguments, node="province"))
        selection = ("--filter", "outcome = failed AND method = ListRows", "--from", "1h", "--reason", "demo")
        dry = run("plan", *selection, "--mode", "dry-run")["view"]["task"]
        self.programs.ndxctl("replay", "run", dry["number"], "--follow", node="province")
        passed = self.items(run, dry["number"], "PASSED")
        must(passed == self.failed, f"the dry run passes {passed} of {self.failed}")
        view = run("plan", "--items-of", dry["number"], "--mode", "execute", "--pace", "20/s", "--reason", "demo", "--case", "demo")["view"]
        number = view["task"]["number"]
        refused = self.programs.ndxctl("replay", "run", number, node="province", check=False)
        must(refused.returncode != 0, "a replay ran without an approval")
        second = SecondPerson(self.programs.province_http, self.programs.directory / "pki")
        second.call("ReplayTaskService/ApproveReplay", number=number, plan_sha256=view["plan_sha256"])
        self.programs.ndxctl("replay", "run", number, "--follow", node="province")
        answered = self.items(run, number, "ANSWERED")
        must(answered == self.failed, f"{answered} of {self.failed} were answered when they were sent again")
        return [say(f"  {self.failed} yêu cầu hỏng: chạy thử đạt {passed}, người thứ hai duyệt kế hoạch {view['plan_sha256'][:12]}…, thực hiện lại {answered}",
                    f"  {self.failed} failed requests: {passed} pass the dry run, a second person approves plan {view['plan_sha256'][:12]}…, {answered} executed again")]

    @staticmethod
    def items(run, number, state):
        """How many exchanges of a task have come to a state."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            shown = run("show", number, "--items", "1000")
            if shown["view"]["task"]["state"] == "REPLAY_TASK_STATE_FINISHED":
                return sum(item["state"] == f"REPLAY_ITEM_STATE_{state}" for item in shown["items"])
            must(time.monotonic() < until, f"task {number} does not end: {shown['view']}")
            time.sleep(0.2)

    def close(self):
        self.programs.ndxctl("journal", "verify", node="province")
        self.officer.close()
