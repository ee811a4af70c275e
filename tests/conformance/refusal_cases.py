"""Every stage's refusals as a caller sees them: registry, calls, and what must come of each.

One node serves all cases of this table; cases that need another node, or several calls at once, stand in run_refusals.
"""
import datetime

from interop_cases import EMPTY, FOUR_MIB, STREAM, UNARY, body, stream_of
from node_fixture import INTEROP_SYSTEM, new_exchange_id, registry_of

CONSUMER = "VN:GOV:H55:mot-cua"
NO_GRANT = "VN:GOV:H56:khong-quyen"
EXPIRED, NOT_YET_VALID, REVOKED = "VN:GOV:H57:het-han", "VN:GOV:H58:chua-den", "VN:GOV:H59:thu-hoi"
UNREGISTERED, SUSPENDED, UNNAMED = "VN:GOV:H60:chua-dang-ky", "VN:GOV:H61:tam-dung", "khong-ten"
ADMINISTRATIVE = "VN:GOV:H62:han-che"  # its grants ask for everything that a grant can ask for
POPULATION = "/ndx.population.v1.PopulationService/"
BENCHMARK = "/grpc.testing.BenchmarkService/"
CHANGES = "/grpc.testing.ReconnectService/"
PURPOSE = "giai-quyet-tthc"
# Which providers misbehave how; each is a system of its own, chosen by ndx-provider.
FAULTY_MODES = ("hang", "hang-after-headers", "reset", "refuse", "calm", "close", "garbage", "html", "http-503", "truncated",
                "two-messages", "no-message", "no-trailers", "compressed", "bad-status", "huge")
ANSWER_SECONDS = "400ms"

INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, PERMISSION_DENIED = 3, 4, 5, 7
RESOURCE_EXHAUSTED, ABORTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED = 8, 10, 12, 13, 14, 16


def faulty_system(mode):
    return f"VN:GOV:G98:{mode}"


def pki_arguments():
    """Certificates of all kinds."""
    return ["--provider", INTEROP_SYSTEM, "--expired", EXPIRED, "--not-yet-valid", NOT_YET_VALID, "--revoked", REVOKED,
            "--unregistered", UNREGISTERED, "--unnamed", UNNAMED, "--foreign", CONSUMER,
            CONSUMER, NO_GRANT, SUSPENDED, ADMINISTRATIVE]


def identities(pki):
    """Name in a call → certificate."""
    names = {CONSUMER: "client", NO_GRANT: "client", SUSPENDED: "client", ADMINISTRATIVE: "client", EXPIRED: "expired",
             NOT_YET_VALID: "not-yet-valid", REVOKED: "revoked", UNREGISTERED: "unregistered"}
    found = {name: pki.files(kind, name) for name, kind in names.items()}
    found[UNNAMED] = {"cert": pki.path(f"unnamed/{UNNAMED}.crt"), "key": pki.path(f"unnamed/{UNNAMED}.key")}
    found["foreign"] = pki.files("foreign", CONSUMER)
    return found


def hours_elsewhere():
    """A span of one hour that is twelve hours away from now in Vietnam."""
    hour = (datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7))).hour + 12) % 24
    return [{"from": f"{hour:02}:00", "to": f"{hour + 1:02}:00"}]


def registry(pki, interop, faulty):
    def grant(name, consumer, methods, **more):
        return {"name": name, "consumer": consumer, "methods": methods, "legal_basis": "Kiểm thử tương thích", **more}

    def faulty_providers(**limits):
        return [{"system": faulty_system(mode), "endpoint": endpoint, "limits": {
            "breaker": {"consecutive_failures": 1000, "failure_percent": 100}, **limits}} for mode, endpoint in faulty.items()]

    down = {"system": "VN:GOV:G98:down", "endpoint": "unix:" + pki.path("nobody.sock")}
    test = "grpc.testing.TestService/"
    documents = registry_of(
        pki, consumers=[CONSUMER, NO_GRANT, EXPIRED, NOT_YET_VALID, REVOKED, SUSPENDED, ADMINISTRATIVE],
        providers=[INTEROP_SYSTEM, down["system"], *map(faulty_system, faulty)],
        purposes=[{"code": PURPOSE, "name_vi": "Giải quyết TTHC"}, {"code": "thong-ke", "name_vi": "Thống kê"}],
        services=[
            {"name": "grpc.testing.TestService", "descriptor_set": "grpc_testing.binpb",
             "providers": [{"system": INTEROP_SYSTEM, "endpoint": interop}],
             "methods": [{"name": name, "effect": "READ"} for name in ("EmptyCall", "UnaryCall", "StreamingOutputCall")]},
            {"name": "grpc.testing.BenchmarkService", "descriptor_set": "grpc_testing.binpb",
             "providers": [down, *faulty_providers()],
             "methods": [{"name": name, "effect": "READ", "default_deadline": ANSWER_SECONDS}
                         for name in ("UnaryCall", "StreamingFromServer")]},
            {"name": "grpc.testing.ReconnectService", "descriptor_set": "grpc_testing.binpb",
             "providers": [down, *faulty_providers()],
             "methods": [{"name": name, "effect": "CHANGE", "default_deadline": ANSWER_SECONDS} for name in ("Start", "Stop")]},
            {"name": "ndx.population.v1.PopulationService", "descriptor_set": "population.binpb",
             "providers": [{"system": INTEROP_SYSTEM, "endpoint": interop}]}],
        grants=[
            grant("interop", CONSUMER, [test + "*"]),
            grant("benchmark", CONSUMER, ["grpc.testing.BenchmarkService/*"]),
            grant("changes", CONSUMER, ["grpc.testing.ReconnectService/*"]),
            grant("population", CONSUMER, ["ndx.population.v1.PopulationService/*"]),
            grant("all-asked", ADMINISTRATIVE, [test + "EmptyCall"], purposes=[PURPOSE],
                  required_references=["DOSSIER", "OFFICER", "PROCEDURE"]),
            grant("over", ADMINISTRATIVE, [test + "CacheableUnaryCall"], valid_from="2020-01-01", valid_to="2020-12-31"),
            grant("at-night", ADMINISTRATIVE, [test + "UnaryCall"], hours=hours_elsewhere()),
            grant("one-a-day", ADMINISTRATIVE, [test + "UnimplementedCall"], quota={"per_day": 1}),
            grant("two-fields", ADMINISTRATIVE, [test + "StreamingOutputCall"], request_fields=["response_parameters"]),
            grant("suspended", SUSPENDED, [test + "*"])])
    next(system for system in documents["systems"] if system["id"] == SUSPENDED)["suspended"] = True
    return documents


def asked(*left_out):
    """Metadata that the grant all-asked wants, without some of it."""
    full = {"ndx-purpose": PURPOSE, "ndx-dossier": "H62.01-20260105-0007", "ndx-officer": "cb-0042", "ndx-procedure": "1.011442"}
    return [[key, value] for key, value in full.items() if key not in left_out]


def faulty_call(mode, service=BENCHMARK, method="UnaryCall", **more):
    system = mode if mode.startswith("VN:") else faulty_system(mode)
    return {"method": service + method, "metadata": [["ndx-provider", system]], **more}


def cases():
    """Name, call, code, reason, whose fault. The order counts where one case needs the one before."""
    used_id = new_exchange_id()
    stop = {"service": CHANGES, "method": "Stop"}
    return [
        ("metadata_invalid", {"method": EMPTY, "metadata": [["ndx-exchange-id", "khong-phai-uuid"]]},
         INVALID_ARGUMENT, "METADATA_INVALID", "consumer"),
        ("message_too_large", {"method": UNARY, "request": {"payload": body(FOUR_MIB)}},
         RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", "consumer"),
        ("certificate_expired", {"method": EMPTY, "identity": EXPIRED}, UNAUTHENTICATED, "CERTIFICATE_EXPIRED", "consumer"),
        ("certificate_not_yet_valid", {"method": EMPTY, "identity": NOT_YET_VALID},
         UNAUTHENTICATED, "CERTIFICATE_NOT_YET_VALID", "consumer"),
        ("certificate_revoked", {"method": EMPTY, "identity": REVOKED}, UNAUTHENTICATED, "CERTIFICATE_REVOKED", "consumer"),
        ("certificate_not_registered", {"method": EMPTY, "identity": UNREGISTERED},
         UNAUTHENTICATED, "CERTIFICATE_NOT_REGISTERED", "consumer"),
        ("certificate_without_system", {"method": EMPTY, "identity": UNNAMED},
         UNAUTHENTICATED, "CERTIFICATE_WITHOUT_SYSTEM", "consumer"),
        ("system_suspended", {"method": EMPTY, "identity": SUSPENDED}, UNAUTHENTICATED, "SYSTEM_SUSPENDED", "consumer"),
        ("method_unknown", {"method": "/grpc.testing.UnimplementedService/UnimplementedCall"},
         UNIMPLEMENTED, "METHOD_UNKNOWN", "consumer"),
        ("provider_ambiguous", {"method": BENCHMARK + "UnaryCall"}, INVALID_ARGUMENT, "PROVIDER_AMBIGUOUS", "consumer"),
        ("provider_unknown", faulty_call(INTEROP_SYSTEM), NOT_FOUND, "PROVIDER_UNKNOWN", "consumer"),
        ("streaming_unsupported", {"method": "/grpc.testing.TestService/StreamingInputCall"},
         UNIMPLEMENTED, "STREAMING_UNSUPPORTED", "consumer"),
        ("no_grant", {"method": EMPTY, "identity": NO_GRANT}, PERMISSION_DENIED, "NO_GRANT", "consumer"),
        ("purpose_not_granted", {"method": EMPTY, "identity": ADMINISTRATIVE, "metadata": [
            *asked("ndx-purpose"), ["ndx-purpose", "thong-ke"]]}, PERMISSION_DENIED, "PURPOSE_NOT_GRANTED", "consumer"),
        *((f"{name}_missing", {"method": EMPTY, "identity": ADMINISTRATIVE, "metadata": asked(f"ndx-{name}")},
           INVALID_ARGUMENT, f"{name.upper()}_MISSING", "consumer") for name in ("purpose", "dossier", "officer", "procedure")),
        ("grant_not_in_force", {"method": "/grpc.testing.TestService/CacheableUnaryCall", "identity": ADMINISTRATIVE},
         PERMISSION_DENIED, "GRANT_NOT_IN_FORCE", "consumer"),
        ("outside_hours", {"method": UNARY, "identity": ADMINISTRATIVE}, PERMISSION_DENIED, "OUTSIDE_HOURS", "consumer"),
        ("field_invalid", {"method": POPULATION + "LookUpCitizen", "request": {"citizen_id": "12"}},
         INVALID_ARGUMENT, "FIELD_INVALID", "consumer"),
        ("request_field_not_granted", {"method": STREAM, "server_stream": True, "identity": ADMINISTRATIVE,
                                       "request": {"payload": body(3)}}, INVALID_ARGUMENT, "FIELD_INVALID", "consumer"),
        ("exchange_id_first_use", {"method": UNARY, "request": {"responseSize": 1}, "metadata": [["ndx-exchange-id", used_id]]},
         0, "", ""),
        ("exchange_id_same_again", {"method": UNARY, "request": {"responseSize": 1}, "metadata": [["ndx-exchange-id", used_id]]},
         0, "", ""),
        ("exchange_id_reused", {"method": UNARY, "request": {"responseSize": 2}, "metadata": [["ndx-exchange-id", used_id]]},
         ABORTED, "EXCHANGE_ID_REUSED", "consumer"),
        ("quota_first", {"method": "/grpc.testing.TestService/UnimplementedCall", "identity": ADMINISTRATIVE},
         UNIMPLEMENTED, None, None),
        ("quota_used", {"method": "/grpc.testing.TestService/UnimplementedCall", "identity": ADMINISTRATIVE},
         RESOURCE_EXHAUSTED, "QUOTA_USED", "consumer"),
        ("provider_down", faulty_call("VN:GOV:G98:down"), UNAVAILABLE, "PROVIDER_DOWN", "provider"),
        ("read_timed_out", faulty_call("hang"), DEADLINE_EXCEEDED, "READ_TIMED_OUT", "provider"),
        ("read_timed_out_after_headers", faulty_call("hang-after-headers"), DEADLINE_EXCEEDED, "READ_TIMED_OUT", "provider"),
        ("change_timed_out", faulty_call("hang", **stop), DEADLINE_EXCEEDED, "CHANGE_TIMED_OUT", "provider"),
        ("read_broken_off", faulty_call("close"), UNAVAILABLE, "READ_BROKEN_OFF", "network"),
        ("change_broken_off", faulty_call("close", **stop), UNAVAILABLE, "CHANGE_BROKEN_OFF", "network"),
        ("answer_too_large", faulty_call("huge"), RESOURCE_EXHAUSTED, "PROVIDER_ANSWER_TOO_LARGE", "provider"),
        *((f"answer_{mode.replace('-', '_')}", faulty_call(mode), INTERNAL, "PROVIDER_ANSWER_MALFORMED", "provider")
          for mode in ("truncated", "two-messages", "no-message", "compressed")),
        ("stream_timed_out", faulty_call("hang-after-headers", method="StreamingFromServer", server_stream=True),
         DEADLINE_EXCEEDED, "READ_TIMED_OUT", "provider"),
        ("stream_broken_off", faulty_call("close", method="StreamingFromServer", server_stream=True),
         UNAVAILABLE, "READ_BROKEN_OFF", "network"),
        ("in_order_after_all_that", {"method": STREAM, "server_stream": True, "request": stream_of([1])}, 0, "", ""),
    ]


# Answers that break HTTP/2 or come as plain HTTP: the code follows the gRPC mapping, so the table only says that the error
# is clear, names the provider or the network, and is on record.
BROKEN_IN_THEIR_OWN_WAY = ("reset", "refuse", "calm", "garbage", "html", "http-503", "no-trailers", "bad-status")
