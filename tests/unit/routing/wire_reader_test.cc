// The wire format's corners, seen through the minimiser, which is the wire reader with nothing
// around it.
#include <catch2/catch.hpp>
#include <string>

#include "ndx/routing/minimiser.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::routing {
namespace {

struct Case {
  const char* name;
  std::string bytes;
  bool good;
};

std::string Groups(int depth) {
  std::string bytes;
  for (int i = 0; i < depth; ++i) bytes += std::string("\x7B", 1);  // 15: group begins
  for (int i = 0; i < depth; ++i) bytes += std::string("\x7C", 1);
  return bytes;
}

TEST_CASE("what is no wire format is refused, as protobuf's parser refuses it") {
  static tests::ProtoSource schema(
      tests::ProtoSource::Files{{"probe/v1/probe.proto", tests::ProbeProto()}});
  const auto plan = registry::FieldPlan::Compile(schema.Type("probe.v1.Person"),
                                                 {"full_name", "numbers", "wide", "offset"});
  REQUIRE(plan.ok());
  const Case cases[] = {
      {"empty", "", true},
      {"text", std::string("\x12\x01x", 3), true},
      {"text, length in two bytes", std::string("\x12\x81\x00x", 4), true},
      {"tag alone", "\x12", false},
      {"tag unfinished", "\x92", false},
      {"tag of field 0", std::string("\x02\x00", 2), false},
      {"tag over 32 bits", std::string("\xFF\xFF\xFF\xFF\xFF\x7F\x00", 7), false},
      {"length beyond the end", "\x12\x02x", false},
      {"length near 2^64", std::string("\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11), false},
      {"varint of ten bytes", std::string("\x60\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11),
       true},
      {"varint of eleven bytes",
       std::string("\x60\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 12), false},
      {"varint unfinished", "\x60\xFF", false},
      {"fixed64 cut", "\x59\x01\x02", false},
      {"fixed32 cut", "\x7D\x01\x02", false},
      {"wire type 6", std::string("\x16\x00", 2), false},
      {"wire type 7", std::string("\x17\x00", 2), false},
      {"group", "\x7B\x7C", true},
      {"group with content", std::string("\x7B\x08\x01\x7C", 4), true},
      {"group without end", "\x7B", false},
      {"end without group", "\x7C", false},
      {"end of another group", "\x7B\x74", false},
      {"groups to the limit", Groups(100), true},
      {"groups past the limit", Groups(101), false},
      {"packed numbers", std::string("\x52\x02\x01\x02", 4), true},
      {"packed numbers, none", std::string("\x52\x00", 2), true},
      {"packed numbers broken", "\x52\x01\xFF", false},
      {"unpacked number", "\x50\x01", true},
      {"packed fixed64", std::string("\x5A\x08\x01\x02\x03\x04\x05\x06\x07\x08", 10), true},
      {"packed fixed64 broken", "\x5A\x07\x01\x02\x03\x04\x05\x06\x07", false},
      {"not UTF-8", "\x12\x01\xFF", false},
      {"surrogate in UTF-8", "\x12\x03\xED\xA0\x80", false},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(Minimise(*plan, c.bytes).ok() == c.good);
    auto message = schema.New("probe.v1.Person");
    // Stricter than the parser in one case: it drops the high bits of a tag.
    if (std::string(c.name) != "tag over 32 bits")
      CHECK(message->ParseFromString(c.bytes) == c.good);
  }
}

}  // namespace
}  // namespace ndx::routing
