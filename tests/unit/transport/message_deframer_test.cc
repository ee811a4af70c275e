#include "ndx/transport/message_deframer.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/transport/gzip.h"

namespace ndx::transport {
namespace {

std::string Frame(const std::string& body, char flag = 0) {
  std::string frame(kMessagePrefixBytes, '\0');
  WriteMessagePrefix(body.size(), frame.data());
  frame[0] = flag;
  return frame + body;
}

// Feeds pieces of the given size; the messages, or the error.
absl::StatusOr<std::vector<std::string>> FeedAll(MessageDeframer& deframer,
                                                 const std::string& bytes, size_t piece) {
  std::vector<std::string> messages;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    absl::string_view rest = absl::string_view(bytes).substr(at, piece);
    while (!rest.empty()) {
      Message message;
      if (absl::Status status = deframer.Feed(&rest, &message); !status.ok()) return status;
      if (message != nullptr) messages.push_back(*message);
    }
  }
  if (absl::Status status = deframer.End(); !status.ok()) return status;
  return messages;
}

TEST_CASE("messages are found however the bytes are cut") {
  const std::string bytes =
      Frame("one") + Frame("") + Frame(std::string(100'000, 'x')) + Frame("4");
  for (const size_t piece : {size_t{1}, size_t{3}, size_t{5}, size_t{16384}, bytes.size()}) {
    MessageDeframer deframer({.message_bytes_max = 100'000});
    const auto messages = FeedAll(deframer, bytes, piece);
    REQUIRE(messages.ok());
    CHECK(*messages == std::vector<std::string>{"one", "", std::string(100'000, 'x'), "4"});
    CHECK(deframer.buffered_bytes() < 100);
  }
}

TEST_CASE("the limit holds at the limit and one past it, from the prefix alone") {
  MessageDeframer at({.message_bytes_max = 1000});
  CHECK(FeedAll(at, Frame(std::string(1000, 'x')), 4096).ok());
  MessageDeframer over({.message_bytes_max = 1000});
  const std::string prefix = Frame(std::string(1001, 'x')).substr(0, kMessagePrefixBytes);
  CHECK(absl::IsResourceExhausted(FeedAll(over, prefix, 5).status()));
  CHECK(over.buffered_bytes() < 100);
  over.set_message_bytes_max(2000);
  CHECK(absl::IsResourceExhausted(FeedAll(over, Frame("x"), 5).status()));  // stays failed
  MessageDeframer raised({.message_bytes_max = 1000});
  raised.set_message_bytes_max(1001);
  CHECK(FeedAll(raised, Frame(std::string(1001, 'x')), 4096).ok());
}

TEST_CASE("a length that lies takes no memory") {
  MessageDeframer deframer({.message_bytes_max = size_t{64} << 20});
  std::string prefix(kMessagePrefixBytes, '\0');
  WriteMessagePrefix(size_t{64} << 20, prefix.data());
  absl::string_view rest = prefix;
  Message message;
  REQUIRE(deframer.Feed(&rest, &message).ok());
  CHECK(deframer.buffered_bytes() <= 2 * MessageDeframer::kReserveBytesMax);
  CHECK(absl::IsInternal(deframer.End()));
}

TEST_CASE("broken prefixes and truncated messages are errors") {
  struct Case {
    const char* name;
    std::string bytes;
  };
  const Case cases[] = {{"flag 2", Frame("x", 2)},
                        {"flag 255", Frame("x", static_cast<char>(255))},
                        {"compressed without an encoding", Frame("x", 1)},
                        {"half a prefix", std::string(3, '\0')},
                        {"a prefix without its body", Frame("abc").substr(0, 5)},
                        {"a body cut short", Frame("abc").substr(0, 7)},
                        {"bytes after the message", Frame("abc") + "x"}};
  for (const Case& c : cases) {
    INFO(c.name);
    MessageDeframer deframer({});
    CHECK(absl::IsInternal(FeedAll(deframer, c.bytes, 4096).status()));
  }
}

TEST_CASE("gzip messages are unpacked within the limits when the encoding was declared") {
  const std::string text(50'000, 'x');
  MessageDeframer deframer({.message_bytes_max = 50'000});
  deframer.allow_gzip();
  const auto messages = FeedAll(deframer, Frame(Gzip(text), 1) + Frame("plain"), 100);
  REQUIRE(messages.ok());
  CHECK(*messages == std::vector<std::string>{text, "plain"});
  MessageDeframer small({.message_bytes_max = 49'999});
  small.allow_gzip();
  CHECK(absl::IsResourceExhausted(FeedAll(small, Frame(Gzip(text), 1), 100).status()));
  MessageDeframer broken({});
  broken.allow_gzip();
  CHECK(absl::IsInternal(FeedAll(broken, Frame("no gzip", 1), 100).status()));
}

}  // namespace
}  // namespace ndx::transport
