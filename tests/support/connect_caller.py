"""A client of the Connect protocol (unary, JSON) that shares no code with its server."""
import http.client
import json
import ssl

SERVICES = {"GetStatus": "OperatorService", "ListExchanges": "OperatorService", "ListRecords": "OperatorService",
            "GetExchange": "OperatorService", "VerifyJournal": "OperatorService", "CheckRegistry": "OperatorService",
            "ProposeChange": "RegistryChangeService", "ApproveProposal": "RegistryChangeService",
            "RotateSigningKey": "JournalKeyService"}


class Answer:
    """What came back: HTTP status, and the message or the error."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        json_type = headers.get("Content-Type", "") == "application/json"
        self.value = json.loads(body) if json_type and body else {}
        self.code = self.value.get("code", "") if status != 200 else ""
        details = self.value.get("details", []) if status != 200 else []
        infos = [detail["debug"] for detail in details if detail["type"] == "google.rpc.ErrorInfo"]
        self.reason = infos[0]["reason"] if infos else ""
        self.texts = {detail["debug"]["locale"]: detail["debug"]["message"]
                      for detail in details if detail["type"] == "google.rpc.LocalizedMessage"}

    def __str__(self):
        said = self.texts.get("en", self.value.get("message", "")) if self.status != 200 else ""
        return f"{self.status} {self.code} {self.reason} {said}".strip()


class ConnectCaller:
    """Calls a node's operator API over HTTPS, as whoever has the certificate or token given."""

    def __init__(self, address, ca, certificate=None, token=None):
        self.host, _, port = address.rpartition(":")
        self.port, self.token = int(port), token
        self.context = ssl.create_default_context(cafile=ca)
        if certificate is not None:
            self.context.load_cert_chain(certificate["cert"], certificate["key"])

    def send(self, method, path, body, headers):
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=60, context=self.context)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def call(self, method, message=None, **headers):
        """One unary call; headers replace the protocol's own (None: left out), with '_' for '-'."""
        sent = {"Content-Type": "application/json", "Connect-Protocol-Version": "1"}
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        service = SERVICES.get(method, "OperatorService")
        return self.send("POST", f"/ndx.console.v1.{service}/{method}", json.dumps(message or {}).encode(),
                         {name: value for name, value in sent.items() if value is not None})
