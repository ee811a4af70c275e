"""The public gRPC interop cases that apply to unary calls and server streams, as calls and what must come of them.

Names and numbers are those of the public interop test descriptions; cases of our own say so in their name (own_…).
What is left out, and why: README.md beside this file.
"""
import base64
import hashlib

SERVICE = "/grpc.testing.TestService/"
EMPTY, UNARY, STREAM = SERVICE + "EmptyCall", SERVICE + "UnaryCall", SERVICE + "StreamingOutputCall"
LARGE_REQUEST, LARGE_RESPONSE = 271828, 314159
STREAM_SIZES = (31415, 9, 2653, 58979)
FOUR_MIB = 4 << 20
ECHO_INITIAL, ECHO_TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
SPECIAL_MESSAGE = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, UNIMPLEMENTED = 0, 1, 2, 3, 4, 12


def body(size):
    return {"body": base64.b64encode(bytes(size)).decode()}


def text_body(size):
    """A body that gzip makes smaller, though not so small that it is taken for a bomb."""
    text = b" ".join(hashlib.sha256(str(number).encode()).hexdigest().encode() for number in range(size // 65 + 1))[:size]
    return {"body": base64.b64encode(text).decode()}


def payload_bytes(size):
    """Length of a serialized SimpleResponse or StreamingOutputCallResponse whose payload has that many zero bytes."""
    def varint(value):
        return max(1, -(-value.bit_length() // 7))
    inner = 1 + varint(size) + size if size else 0
    return 1 + varint(inner) + inner


def echo_details():
    """google.rpc.Status{UNKNOWN, "test status message", [ErrorInfo{reason: "TEST", domain: "interop"}]}, as a provider would."""
    info = b"\x0a\x04TEST\x12\x07interop"
    url = b"type.googleapis.com/google.rpc.ErrorInfo"
    any_message = b"\x0a" + bytes([len(url)]) + url + b"\x12" + bytes([len(info)]) + info
    status = b"\x08\x02\x12\x13test status message\x1a" + bytes([len(any_message)]) + any_message
    return base64.b64encode(status).decode()


def stream_of(sizes, interval_us=0):
    return {"responseParameters": [{"size": size, "intervalUs": interval_us} for size in sizes]}


# Name, the call, what must come of it.
CASES = [
    ("empty_unary", {"method": EMPTY}, {"code": OK, "sizes": [0]}),
    ("large_unary", {"method": UNARY, "request": {"responseSize": LARGE_RESPONSE, "payload": body(LARGE_REQUEST)}},
     {"code": OK, "sizes": [payload_bytes(LARGE_RESPONSE)]}),
    ("server_streaming", {"method": STREAM, "server_stream": True, "request": stream_of(STREAM_SIZES)},
     {"code": OK, "sizes": [payload_bytes(size) for size in STREAM_SIZES]}),
    ("custom_metadata", {"method": UNARY, "request": {"responseSize": 1}, "metadata": [
        [ECHO_INITIAL, "test_initial_metadata_value"], [ECHO_TRAILING, base64.b64encode(b"\xab\xab\xab").decode()]]},
     {"code": OK, "initial": {ECHO_INITIAL: "test_initial_metadata_value"}, "trailing": {ECHO_TRAILING: "q6ur"}}),
    ("status_code_and_message", {"method": UNARY, "request": {
        "responseStatus": {"code": UNKNOWN, "message": "test status message"}}},
     {"code": UNKNOWN, "message": "test status message"}),
    ("special_status_message", {"method": UNARY, "request": {"responseStatus": {"code": UNKNOWN, "message": SPECIAL_MESSAGE}}},
     {"code": UNKNOWN, "message": SPECIAL_MESSAGE}),
    ("unimplemented_method", {"method": SERVICE + "UnimplementedCall"}, {"code": UNIMPLEMENTED}),
    ("unimplemented_service", {"method": "/grpc.testing.UnimplementedService/UnimplementedCall"}, {"code": UNIMPLEMENTED}),
    ("timeout_on_sleeping_server", {"method": STREAM, "server_stream": True, "timeout_ms": 800,
                                    "request": stream_of([1], interval_us=5_000_000)},
     {"code": DEADLINE_EXCEEDED, "elapsed_ms_max": 4000}),
    ("cacheable_unary", {"method": SERVICE + "CacheableUnaryCall", "request": {"responseSize": 7, "payload": body(7)}},
     {"code": OK, "sizes": [payload_bytes(7)]}),
    ("own_cancel_after_first_response", {"method": STREAM, "server_stream": True, "cancel_after_messages": 1,
                                         "request": stream_of([1, 1], interval_us=400_000)},
     {"code": CANCELLED, "sizes": [payload_bytes(1)]}),
    ("own_cancel_unary", {"method": STREAM, "server_stream": True, "cancel_after_ms": 100,
                          "request": stream_of([1], interval_us=5_000_000)}, {"code": CANCELLED, "elapsed_ms_max": 2000}),
    ("own_status_after_stream", {"method": STREAM, "server_stream": True, "request": {
        **stream_of([5, 6]), "responseStatus": {"code": INVALID_ARGUMENT, "message": "after two"}}},
     {"code": INVALID_ARGUMENT, "message": "after two", "sizes": [payload_bytes(5), payload_bytes(6)]}),
    ("own_empty_stream", {"method": STREAM, "server_stream": True}, {"code": OK, "sizes": []}),
    ("own_typed_details", {"method": UNARY, "metadata": [["x-test-details-bin", echo_details()]], "request": {
        "responseStatus": {"code": UNKNOWN, "message": "test status message"}}},
     {"code": UNKNOWN, "message": "test status message",
      "detail": ("google.rpc.ErrorInfo", {"reason": "TEST", "domain": "interop"})}),
    ("own_four_mib_both_ways", {"method": UNARY, "request": {
        "responseSize": FOUR_MIB - 16, "payload": body(FOUR_MIB - 32)}}, {"code": OK, "sizes": [payload_bytes(FOUR_MIB - 16)]}),
    ("own_gzip_request", {"method": UNARY, "gzip": True, "request": {"responseSize": 100, "payload": text_body(100_000)}},
     {"code": OK, "sizes": [payload_bytes(100)]}),
    ("own_many_small_messages", {"method": STREAM, "server_stream": True, "request": stream_of([3] * 1000)},
     {"code": OK, "sizes": [payload_bytes(3)] * 1000, "receipt_fetched": True}),
    ("own_deadline_in_time", {"method": UNARY, "timeout_ms": 20_000, "request": {"responseSize": 10}},
     {"code": OK, "sizes": [payload_bytes(10)]}),
]

# What a client cannot do is not asked of it.
CLIENTS = {
    "grpc_js": (["node", "grpc_js_client.mjs"], set()),
    "connect_node": (["node", "connect_node_client.mjs"], set()),
    "grpcio": (["/usr/bin/python3", "grpcio_client"], set()),
    "buf_curl": (["/usr/bin/python3", "buf_curl_client"], {"cancel_after_ms", "cancel_after_messages", "gzip"}),
}


def faults(expected, result):
    """Everything in which the result is not what was expected, as texts."""
    found = []
    if result["code"] != expected["code"]:
        found.append(f"code {result['code']} ({result['message']!r}), expected {expected['code']}")
    if "message" in expected and result["message"] != expected["message"]:
        found.append(f"message {result['message']!r}, expected {expected['message']!r}")
    if "sizes" in expected and [response["bytes"] for response in result["responses"]] != expected["sizes"]:
        sizes = [response["bytes"] for response in result["responses"]]
        found.append(f"{len(sizes)} messages of {sizes[:5]} bytes, expected {len(expected['sizes'])} of {expected['sizes'][:5]}")
    for place in ("initial", "trailing"):
        for pair in expected.get(place, {}).items():
            if list(pair) not in result[place]:
                found.append(f"{place} metadata {result[place]} without {pair}")
    if "detail" in expected:
        kind, fields = expected["detail"]
        if not any(detail["type"] == kind and fields.items() <= (detail["value"] or {}).items() for detail in result["details"]):
            found.append(f"details {result['details']} without {kind} {fields}")
    if result["elapsed_ms"] > expected.get("elapsed_ms_max", 60_000):
        found.append(f"took {result['elapsed_ms']:.0f} ms")
    return found
