#include "ndx/transport/metadata.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::transport {
namespace {

TEST_CASE("repeated keys keep their order") {
  const Metadata metadata{{"a", "1"}, {"b", "2"}, {"a", "3"}};
  CHECK(metadata.FindAll("a") == std::vector<absl::string_view>{"1", "3"});
  CHECK(*metadata.Find("a") == "1");
  CHECK(metadata.Find("c") == nullptr);
  CHECK(metadata.entries()[1].key == "b");
}

TEST_CASE("binary values come decoded, joined ones apart, bad ones not at all") {
  Metadata metadata;
  CHECK(metadata.AddFromWire("k-bin", "Zm9v,Zg==, Zg").ok());
  CHECK(metadata.FindAll("k-bin") == std::vector<absl::string_view>{"foo", "f", "f"});
  const absl::Status bad = metadata.AddFromWire("k-bin", "Zm9v,secret!");
  CHECK(absl::IsInvalidArgument(bad));
  CHECK(std::string(bad.message()).find("k-bin") != std::string::npos);
  CHECK(std::string(bad.message()).find("secret") == std::string::npos);
  CHECK(metadata.size() == 3);
}

TEST_CASE("keys and values that HTTP does not carry are not added") {
  struct Case {
    const char* key;
    const char* value;
    bool good;
  };
  const Case cases[] = {{"a-b_c.9", "v", true},    {"A", "v", false},    {"", "v", false},
                        {"a b", "v", false},       {"a", "", true},      {"a", "x y", true},
                        {"a", " x", false},        {"a", "x\n", false},  {"a", "\xC3\xA1", false},
                        {"a-bin", "\xC3\n", true}, {":path", "v", false}};
  for (const Case& c : cases) {
    INFO(c.key << "=" << c.value);
    Metadata metadata;
    CHECK(metadata.Add(c.key, c.value) == c.good);
    CHECK(metadata.size() == (c.good ? 1 : 0));
  }
}

TEST_CASE("sizes are counted as RFC 9113 counts them") {
  Metadata metadata;
  metadata.Add("abc", "12345");
  CHECK(metadata.WireBytes() == 3 + 5 + 32);
  metadata.Add("x-bin", "foo1");  // base64 of four bytes: six characters
  CHECK(metadata.WireBytes() == 40 + 5 + 6 + 32);
  CHECK(metadata.Remove("abc") == 1);
  CHECK(metadata.size() == 1);
}

TEST_CASE("what HPACK must not index, and what belongs to HTTP or gRPC") {
  for (const char* key : {"ndx-officer", "authorization", "cookie", "anything-bin"}) {
    CHECK(IsNeverIndexed(key));
  }
  CHECK_FALSE(IsNeverIndexed("traceparent"));
  for (const char* key :
       {"grpc-timeout", ":path", "te", "content-type", "host", "user-agent", ""}) {
    CHECK(IsReservedKey(key));
  }
  CHECK_FALSE(IsReservedKey("ndx-purpose"));
}

}  // namespace
}  // namespace ndx::transport
