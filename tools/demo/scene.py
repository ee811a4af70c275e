"""The scene: one land-change dossier at a merged commune, an insurer's reconciliation, refusals, and what operators see.

Each act plays, checks what came out, and returns the lines to be shown.
"""
import concurrent.futures
import csv
import json
import pathlib
import shutil
import signal
import threading
import time
import unicodedata

import grpc

from bus import Caller
from words import say

POPULATION = "ndx.population.v1.PopulationService"
INSURANCE = "ndx.social_insurance.v1.SocialInsuranceService"
LAND = "ndx.land.v1.LandService"
ONE_STOP = "VN:GOV:H55.990:mot-cua"
INSURER = "VN:GOV:G12:bhxh-doi-soat"
OTHER_PROVINCE = "VN:GOV:H20.14:mot-cua"
UNREGISTERED = "unregistered/VN:GOV:H55.990:chua-dang-ky"
EXPIRED = "expired/VN:GOV:H55.990:mot-cua"
DOSSIER = "H55.990-20261122-0000042"
OFFICER = "cb-0117"
PROCEDURE = "1.011442"


class SceneError(Exception):
    """The scene did not go as it must."""


def must(condition, what):
    if not condition:
        raise SceneError(what)


def filled(message):
    """Fields of a message that hold something, those within messages counted one by one."""
    count = 0
    for field, value in message.ListFields():
        if field.type != field.TYPE_MESSAGE:
            count += 1
        else:
            count += sum(map(filled, value)) if field.label == field.LABEL_REPEATED else filled(value)
    return count


def plain(name):
    """A name without tone marks, case and spaces, as the population database compares it."""
    decomposed = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c) and not c.isspace()).upper()


class Scene:
    def __init__(self, programs, messages, who):
        self.programs, self.messages, self.who = programs, messages, who
        self.officer = self.caller(ONE_STOP, purpose="dang-ky-bien-dong", dossier=DOSSIER, officer=OFFICER,
                                   procedure=PROCEDURE)
        self.receipt_file = programs.directory / "look-up.receipt"
        self.looked_up = None   # exchange id of the officer's look-up
        self.insurer = self.caller(INSURER, purpose="doi-soat-bao-hiem")
        self.land_counts = {}   # of the land adapter before it was killed

    def caller(self, certificate, **ground):
        return Caller(self.programs.address, self.programs.directory / "pki", certificate, self.messages, **ground)

    def ask(self, method, **fields):
        answer = self.officer.call(method, **fields)
        must(answer.ok, f"{method}: {answer.code} {answer.reason} {answer.text}")
        must(answer.receipt, f"{method}: no receipt")
        return answer

    def prefill(self):
        """The applicant is verified, and the form filled from four databases."""
        person, parcel = self.who["applicant"], self.who["parcel"]
        verified = self.ask(f"{POPULATION}/VerifyCitizen", citizen_id=person["citizen_id"],
                            full_name=person["full_name"], birth_date=person["birth_date"])
        must(verified.message.matches, "the applicant was not verified")
        answers = [
            self.ask(f"{POPULATION}/LookUpCitizen", citizen_id=person["citizen_id"]),
            self.ask(f"{POPULATION}/GetHousehold", citizen_id=person["citizen_id"]),
            self.ask(f"{INSURANCE}/FindInsuranceNumber", full_name=person["full_name"],
                     birth_date=person["birth_date"], citizen_id=person["citizen_id"]),
            self.ask(f"{INSURANCE}/CheckHealthCard", card_number=person["health_card"],
                     full_name=person["full_name"], birth_date=person["birth_date"]),
            self.ask(f"{LAND}/ListParcelsOfHolder", citizen_id=person["citizen_id"]),
            self.ask(f"{LAND}/GetParcel", parcel_id=parcel["parcel_id"]),
            self.ask(f"{LAND}/GetCertificate", serial=parcel["certificate_serial"]),
        ]
        must(answers[0].message.citizen.full_name == person["full_name"], "the look-up found somebody else")
        must(not answers[0].message.citizen.ethnicity_code, "a field outside the grant was delivered")
        must(answers[3].message.result_code == "000", f"health card: {answers[3].message.result_code}")
        self.looked_up = answers[0].exchange_id
        self.receipt_file.write_bytes(answers[0].receipt)
        asked = len(person) + 2
        fields = sum(filled(answer.message) for answer in answers)
        return [say(f"  người nộp đã xác thực; điền sẵn {fields} trên {fields + asked} trường của tờ khai từ 4 cơ sở dữ liệu",
                    f"  applicant verified; {fields} of {fields + asked} fields of the form prefilled from 4 databases")]

    def register_change(self):
        """The land database is killed in the middle of the change; its status tells afterwards what became of it."""
        land = self.programs.adapter("land", self.messages)
        self.land_counts = dict(land.call("CheckHealth").calls)
        land.close()
        # Stopped, it takes the request from the socket's buffer no further; killed, it never answers.
        self.programs.process("land").send_signal(signal.SIGSTOP)
        killer = threading.Timer(0.5, self.programs.kill, ["land"])
        killer.start()
        doubtful = self.officer.call(f"{LAND}/RegisterChange", **self.change())
        killer.join()
        must(doubtful.code is not grpc.StatusCode.OK, "a killed database cannot have answered")
        state = self.state_of(doubtful.exchange_id)
        must(state == "IN_DOUBT", f"the exchange is {state}, not in doubt ({doubtful.reason})")
        self.programs.start_adapter("land", self.messages)
        resolution = self.resolve(doubtful.exchange_id)
        must(resolution == "NOT_DONE", f"the database says {resolution}")
        registered = self.ask(f"{LAND}/RegisterChange", **self.change())
        must(registered.message.outcome == 1, f"the change was not registered: {registered.message}")
        commune = self.who["commune"]
        return [
            say(f"  cơ sở dữ liệu đất đai bị ngắt giữa chừng: {doubtful.reason}, giao dịch {doubtful.exchange_id} chưa rõ kết quả",
                f"  land database killed in the middle: {doubtful.reason}, exchange {doubtful.exchange_id} in doubt"),
            say("  khởi động lại và hỏi trạng thái: chưa thực hiện; gửi lại một lần, biến động đã đăng ký "
                f"({commune['former_commune_name']} → {commune['commune_name']}, tỉnh {commune['former_province_code']} → {commune['province_code']})",
                "  restarted and asked for its status: not done; sent once more, change registered "
                f"({commune['former_commune_name']} → {commune['commune_name']}, province {commune['former_province_code']} → {commune['province_code']})")]

    def change(self):
        parcel, commune = self.who["parcel"], self.who["commune"]
        return {"parcel_id": parcel["parcel_id"], "expected_version": parcel["version"], "kind": 2,
                "dossier_code": DOSSIER, "content": "Cập nhật địa chỉ theo đơn vị hành chính mới",
                "new_address": parcel["new_address"], "new_commune_code": commune["commune_code"],
                "new_province_code": commune["province_code"]}

    def state_of(self, exchange_id):
        operators = self.programs.operators(self.messages)
        number = operators.call("GetExchange", exchange_id=exchange_id).summary.state
        operators.close()
        return self.messages.enum_name("ndx.console.v1.ExchangeState", number).removeprefix("EXCHANGE_STATE_")

    def resolve(self, exchange_id):
        """Asks for the outcome; the breaker may still hold calls to the provider back for a moment."""
        until = time.monotonic() + 30
        while True:
            operators = self.programs.operators(self.messages)
            try:
                number = operators.call("ResolveExchange", exchange_id=exchange_id, reason="demo").resolution
                return self.messages.enum_name("ndx.console.v1.Resolution", number).removeprefix("RESOLUTION_")
            except grpc.RpcError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
            finally:
                operators.close()

    def reconcile(self):
        """The insurer holds its list against the population database."""
        counts = {"matched": 0, "name": 0, "birth": 0, "missing": 0}

        def compare(row):
            answer = self.insurer.call(f"{POPULATION}/LookUpCitizen", citizen_id=row["citizen_id"])
            must(answer.ok, f"look-up: {answer.code} {answer.reason}")
            citizen = answer.message.citizen
            if answer.message.outcome != 1:
                return "missing"
            if plain(citizen.full_name) != plain(row["full_name"]):
                return "name"
            return "matched" if citizen.birth_date == row["birth_date"] else "birth"

        with open(self.programs.directory / "insurer.csv", encoding="utf-8") as rows:
            with concurrent.futures.ThreadPoolExecutor(8) as workers:
                for result in workers.map(compare, csv.DictReader(rows)):
                    counts[result] += 1
        truth = pathlib.Path(self.programs.directory, "insurer.csv.truth").read_text(encoding="utf-8")
        expected = {"matched": truth.count(",matching"), "name": truth.count(",name_misspelled"),
                    "birth": truth.count(",birth_date_differs"), "missing": truth.count(",not_found")}
        must(counts == expected, f"reconciled {counts}, expected {expected}")
        return [say(f"  {sum(counts.values())} người: khớp {counts['matched']}, lệch họ tên {counts['name']}, "
                    f"lệch ngày sinh {counts['birth']}, không tìm thấy {counts['missing']}",
                    f"  {sum(counts.values())} people: {counts['matched']} matched, {counts['name']} differ in name, "
                    f"{counts['birth']} in birth date, {counts['missing']} not found")]

    def refusals(self):
        """Callers who may not, each told why."""
        person = self.who["applicant"]
        verify = {"citizen_id": person["citizen_id"], "full_name": person["full_name"], "birth_date": person["birth_date"]}
        other = self.caller(OTHER_PROVINCE, purpose="giai-quyet-tthc", dossier=DOSSIER, officer=OFFICER)
        stranger, expired = self.caller(UNREGISTERED), self.caller(EXPIRED)
        tried = [
            ("NO_GRANT", other.call(f"{LAND}/GetParcel", parcel_id=self.who["parcel"]["parcel_id"])),
            ("PURPOSE_NOT_GRANTED", self.officer.call(f"{POPULATION}/VerifyCitizen", **verify, ground_purpose="quan-ly-thue")),
            ("DOSSIER_MISSING", self.officer.call(f"{POPULATION}/VerifyCitizen", **verify, ground_dossier="")),
            ("FIELD_INVALID", self.officer.call(f"{POPULATION}/VerifyCitizen", **{**verify, "citizen_id": "12"})),
            ("METHOD_UNKNOWN", self.officer.call(f"{POPULATION}/VerifyCitizens", types=f"{POPULATION}/VerifyCitizen", **verify)),
            ("CERTIFICATE_NOT_REGISTERED", stranger.call(f"{POPULATION}/VerifyCitizen", **verify)),
            ("CERTIFICATE_EXPIRED", expired.call(f"{POPULATION}/VerifyCitizen", **verify)),
        ]
        for caller in (other, stranger, expired):
            caller.close()
        lines = []
        for reason, answer in tried:
            must(answer.reason == reason, f"refused with {answer.reason or answer.code}, not {reason}: {answer.text}")
            must(self.state_of(answer.exchange_id) == "REFUSED", f"{reason} is not in the journal")
            vi, _, en = answer.text.partition(" / ")
            lines.append(f"  {reason}: {say(vi, en)}")
        return lines

    def operators(self):
        """What operators and auditors do: list, open, verify, execute again."""
        run = self.programs.ndxctl
        listed = run("journal", "list", "--outcome", "answered", "--limit", "3").strip().splitlines()
        run("journal", "show", self.looked_up)
        run("receipt", "verify", self.receipt_file, "--key", self.vkey_file())
        dry = run("replay", self.looked_up, "--dry-run", "--reason", "demo")
        must(dry.strip(), "the dry run showed nothing")
        run("replay", self.looked_up, "--reason", "demo")
        return [say("  ba giao dịch mới nhất:", "  the three newest exchanges:"), *(f"    {line[:150]}" for line in listed[-3:]),
                say(f"  {self.looked_up}: đã mở, xác nhận giao dịch đã kiểm tra, chạy thử rồi thực hiện lại",
                    f"  {self.looked_up}: opened, its receipt verified, replayed dry and for real")]

    def await_index(self):
        """The index by which persons are found is half a second behind."""
        until = time.monotonic() + 30
        while True:
            journal = self.programs.node_status(self.messages).journal
            if journal.indexed_to >= journal.tree_size:
                return
            must(time.monotonic() < until, f"the index stands at {journal.indexed_to} of {journal.tree_size}")
            time.sleep(0.1)

    def who_looked(self):
        """An auditor asks who saw the applicant's data; the callers' own books say what must come out."""
        number = self.who["applicant"]["citizen_id"]
        self.await_index()
        page = self.programs.build / "demo-subject-report.html"
        done = self.programs.ndxctl("-o", "json", "subject", "report", "--subject", "-", "--dossier", DOSSIER, "--case", "demo", "--reason", "demo",
                                    "--key", self.vkey_file(), "--page", page, input=f"{number}\n")
        report = json.loads(done)
        rows = {row["exchange_id"]: row for row in report["rows"]}
        again = {exchange for exchange, row in rows.items() if row.get("replay_of") == self.looked_up}
        callers = {ONE_STOP: self.officer.about(number), INSURER: self.insurer.about(number)}
        must(len(again) == 1, f"the look-up was executed again {len(again)} times, not once")
        must(set(rows) == again.union(*callers.values()), "the report and the callers' books name different exchanges")
        must(report["complete"] and report["sources"][0]["verdict"] == "SOURCE_VERDICT_VERIFIED", "the report is not proved whole")
        under = sum(row["records"][0].get("dossier", {}).get("known_as") == DOSSIER for row in rows.values())
        counts = report["counts"]
        return [say(f"  ai đã xem dữ liệu của người nộp: {counts['exchanges']} giao dịch của {counts['consumers']} hệ thống, {counts['purposes']} mục đích, "
                    f"{under} theo hồ sơ {DOSSIER}; người vận hành {counts.get('operator_acts', 0)} lần",
                    f"  who saw the applicant's data: {counts['exchanges']} exchanges by {counts['consumers']} systems for {counts['purposes']} purposes, "
                    f"{under} under dossier {DOSSIER}; operators {counts.get('operator_acts', 0)} times"),
                say(f"  từng dòng đã kiểm chứng; báo cáo in được: {page}", f"  every row verified; the report to print: {page}")]

    def vkey_file(self):
        return self.programs.directory / "journal.vkey"

    def altered_copy(self):
        """One byte changed in a copy of the journal is found, and the record named. The node is stopped."""
        copy = self.programs.directory / "journal-copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.programs.journal, copy)
        verify = ("journal", "verify", "--directory", copy, "--key", self.vkey_file())
        must(self.programs.ndxctl(*verify, check=False).returncode == 0, "the untouched copy does not verify")
        target = max((f for f in copy.rglob("*") if f.is_file() and f.suffix in (".sst", ".log", ".seg")),
                     key=lambda f: f.stat().st_size)
        content = bytearray(target.read_bytes())
        content[len(content) // 3] ^= 1
        target.write_bytes(content)
        found = self.programs.ndxctl(*verify, check=False)
        must(found.returncode != 0, f"an altered byte in {target.name} was not found")
        named = next((line for line in (found.stdout + found.stderr).splitlines() if line.strip().startswith(("record", "leaf", "leaves"))), "")
        must(named, f"the altered record is not named: {found.stdout}{found.stderr}")
        return [say(f"  bản sao bị sửa 1 byte trong {target.name}: {named.strip()[:140]}",
                    f"  a copy with one byte changed in {target.name}: {named.strip()[:140]}")]
