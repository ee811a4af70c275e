// Random messages of any type, for comparing what works on bytes with what protobuf's own parser
// makes of them.
//
// Thread-safety: thread-safe functions, as their random source is.
#pragma once

#include <string>

#include "google/protobuf/message.h"
#include "ndx/tests/support/fake_random.h"

namespace ndx::tests {

// A number below `bound`.
uint64_t Below(FakeRandom& random, uint64_t bound);

// Fills about half of the fields, nested ones to a depth, texts from a small set of good, bad and
// empty ones.
void FillAtRandom(google::protobuf::Message& message, FakeRandom& random, int depth);

// The serialized message with unknown fields of all wire types strewn in between its fields.
std::string WithUnknownFields(const google::protobuf::Message& message, FakeRandom& random);

}  // namespace ndx::tests
