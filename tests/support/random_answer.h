// Bytes that a provider might answer with, well meant or not: of a type, with everything that wire
// format allows and some that it does not.
//
// Thread-safety: thread-safe functions, as their random source is.
// Source of the format: https://protobuf.dev/programming-guides/encoding
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"
#include "ndx/tests/support/fake_random.h"

namespace ndx::tests {

// A few fields of the type in any order and number, so that a parser merges some: nested ones to a
// depth, maps, groups, packed and not. Between them fields the type does not know, and known ones
// with another wire type. Now and then one is huge (up to 64 KiB), a varint longer than it need be,
// an enumeration's value unknown. Always what a parser accepts.
std::string RandomAnswer(const google::protobuf::Descriptor& type, FakeRandom& random, int depth);

// The same with some bytes changed, left out or doubled, or text that is no UTF-8.
std::string Damaged(std::string answer, FakeRandom& random);

}  // namespace ndx::tests
