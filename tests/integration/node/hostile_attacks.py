"""Attacks by a caller with a certificate, each a function that sends, and what a node must take each for.

CUT_OFF has the attacks by the kind under which their connection is cut; HOSTILE_PROVIDERS the modes of
tests/support/faulty_provider. For run_hostile_peers.
"""
import gzip

from hostile_peer import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, FRAME_BYTES, HEADERS, INITIAL_WINDOW_SIZE, PADDED, PING,
                          PRIORITY, RST_STREAM, SETTINGS, WINDOW_UPDATE, block_frames, frame, grpc_headers, grpc_message, hpack,
                          hpack_integer, request, u32)

EMPTY, UNARY = "/grpc.testing.TestService/EmptyCall", "/grpc.testing.TestService/UnaryCall"
FLOOD = 20_000


def varint(value):
    data = bytearray()
    while value >= 128:
        data.append(128 | value % 128)
        value //= 128
    return bytes([*data, value])


def stream(number):
    return 2 * number + 1


def rapid_reset(peer):
    peer.flood(lambda i: request(stream(i), EMPTY) + frame(RST_STREAM, 0, stream(i), u32(8)), FLOOD)


def provoked_reset(peer):
    """Never more at once than streams are allowed."""
    for begin in range(0, FLOOD, 32):
        peer.send(b"".join(request(stream(begin + i), EMPTY, Upper_Case="x") for i in range(32)))
        if peer.wait_frame(RST_STREAM, stream(begin + 31)) is None:
            return


def continuation_flood(peer):
    peer.send(frame(HEADERS, 0, 1, hpack(grpc_headers(EMPTY))))
    peer.flood(lambda i: frame(CONTINUATION, 0, 1), FLOOD)


def header_bomb(peer):
    """A field of 3 KB goes into the node's table and is then named ten thousand times, a byte each."""
    block = hpack(grpc_headers(EMPTY)) + hpack([("x", "v" * 3000)], indexed=True) + b"\xbe" * 10_000
    peer.send(block_frames(1, block))


def tiny_headers(peer):
    peer.send(block_frames(1, hpack(grpc_headers(EMPTY)) + hpack([("a", "b")]) * 100_000))


def huge_strings(peer):
    peer.send(block_frames(1, hpack(grpc_headers(EMPTY, x="v" * 40_000, y="w" * 40_000))))


def lying_string(peer):
    """An HPACK text that says it has 2 GiB."""
    peer.send(frame(HEADERS, END_HEADERS, 1, hpack(grpc_headers(EMPTY)) + b"\x00" + hpack_integer(1 << 31, 7) + b"x"))


def bad_huffman(peer):
    """A coded text padded with more than a code's rest (RFC 7541, 5.2)."""
    peer.send(frame(HEADERS, END_HEADERS, 1, hpack(grpc_headers(EMPTY)) + b"\x00\x01x\x84\xff\xff\xff\xff"))


def lying_padding(peer):
    peer.send(frame(HEADERS, END_HEADERS | PADDED, 1, b"\xff" + hpack(grpc_headers(EMPTY))[:20]))


def settings_flood(peer):
    peer.flood(lambda i: frame(SETTINGS, 0, 0), FLOOD)


def ping_flood(peer):
    peer.flood(lambda i: frame(PING, 0, 0, bytes(8)), FLOOD)


def ping_answer_flood(peer):
    peer.flood(lambda i: frame(PING, ACK, 0, bytes(8)), FLOOD)


def priority_flood(peer):
    peer.flood(lambda i: frame(PRIORITY, 0, stream(i), u32(0) + b"\x10"), FLOOD)


def window_update_flood(peer):
    peer.flood(lambda i: frame(WINDOW_UPDATE, 0, 0, u32(1)), FLOOD)


def empty_data_flood(peer):
    peer.send(request(1, EMPTY))
    peer.flood(lambda i: frame(DATA, 0, 1), FLOOD)


def unread_pings(peer):
    """All at once and nothing read, so that the answers pile up."""
    peer.send(frame(PING, 0, 0, bytes(8)) * FLOOD)


def tiny_window(peer):
    """An answer of a mebibyte, taken a byte at a time."""
    peer.send(frame(SETTINGS, 0, 0, b"\0" + bytes([INITIAL_WINDOW_SIZE]) + u32(1)) +
              request(1, UNARY, grpc_message(b"\x10" + varint(1 << 20))))
    peer.flood(lambda i: frame(WINDOW_UPDATE, 0, 1, u32(1)), FLOOD)


def slow_headers(peer):
    peer.send(frame(HEADERS, END_HEADERS, 1, hpack(grpc_headers(EMPTY)))[:-1])


def endless_headers(peer):
    peer.send(frame(HEADERS, 0, 1, hpack(grpc_headers(EMPTY))))


def bad_binary_metadata(peer):
    peer.flood(lambda i: request(stream(i), EMPTY, grpc_message(b""), x_bin="!!!"), FLOOD)


def oversized_frame(peer):
    peer.send(request(1, EMPTY) + frame(DATA, END_STREAM, 1, bytes(FRAME_BYTES + 1)))


def short_frame(peer):
    peer.send(frame(PING, 0, 0, bytes(7)))


def lying_length(peer):
    """Messages that claim 100 bytes and have 3."""
    peer.flood(lambda i: request(stream(i), EMPTY, grpc_message(b"abc", claimed=100)), FLOOD)


def claimed_gigabytes(peer):
    peer.flood(lambda i: request(stream(i), EMPTY, grpc_message(b"abc", claimed=0xFFFFFFFF)), FLOOD)


def compression_bomb(peer):
    bomb = grpc_message(gzip.compress(bytes(4 << 20)), flag=1)
    peer.flood(lambda i: request(stream(i), EMPTY, bomb, grpc_encoding="gzip"), 2000, chunk=4)


def json_type(peer):
    peer.flood(lambda i: request(stream(i), EMPTY, b'{"a": 1}', content_type="application/json"), FLOOD)


def json_body(peer):
    peer.flood(lambda i: request(stream(i), EMPTY, b'{"a": 1}'), FLOOD)


def not_http2_frames(peer):
    peer.send(b"\xff" * 512)


# Attack: kind of ndx_connections_cut_total, and of the log.
CUT_OFF = {
    rapid_reset: "rapid_reset", provoked_reset: "rapid_reset", continuation_flood: "continuation_flood",
    header_bomb: "header_list_too_large", tiny_headers: "header_list_too_large", huge_strings: "header_list_too_large",
    lying_string: "protocol_error", bad_huffman: "protocol_error", lying_padding: "protocol_error",
    settings_flood: "settings_flood", ping_flood: "ping_flood", ping_answer_flood: "ping_flood", priority_flood: "empty_frame_flood",
    window_update_flood: "window_update_flood", empty_data_flood: "empty_frame_flood",
    unread_pings: "ping_flood", tiny_window: "window_update_flood", slow_headers: "slow_headers", endless_headers: "slow_headers",
    bad_binary_metadata: "bad_request_flood", oversized_frame: "protocol_error", short_frame: "protocol_error",
    lying_length: "bad_request_flood", claimed_gigabytes: "bad_request_flood", compression_bomb: "bad_request_flood",
    json_type: "bad_request_flood", json_body: "bad_request_flood",
    not_http2_frames: "protocol_error"}

HOSTILE_PROVIDERS = {
    "ping-flood": "ping_flood", "settings-flood": "settings_flood", "goaway-flood": "empty_frame_flood",
    "window-flood": "window_update_flood", "early-hints-flood": "empty_frame_flood", "continuation-flood": "continuation_flood",
    "tiny-headers": "header_list_too_large", "header-bomb": "header_list_too_large", "slow-headers": "slow_headers",
    "oversized-frame": "protocol_error", "push": "protocol_error", "short-frame": "protocol_error"}
