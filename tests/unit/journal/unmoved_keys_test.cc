// What the follower of the log gets from memory.
#include "ndx/journal/unmoved_keys.h"

#include <catch2/catch.hpp>

namespace ndx::journal {
namespace {

std::unique_ptr<UnmovedLeaf> LeafWith(size_t parts) {
  auto leaf = std::make_unique<UnmovedLeaf>();
  leaf->request.resize(parts);
  return leaf;
}

TEST_CASE("a leaf's keys are taken once, and those before it are dropped") {
  UnmovedKeys keys;
  for (const uint64_t index : {3, 5, 8}) keys.Put(index, LeafWith(index));
  CHECK(keys.Take(2) == nullptr);
  CHECK(keys.Take(5)->request.size() == 5);
  CHECK(keys.Take(5) == nullptr);
  CHECK(keys.Take(3) == nullptr);
  CHECK(keys.Take(8)->request.size() == 8);
}

TEST_CASE("past the bound nothing is taken in until there is room again") {
  UnmovedKeys keys;
  const size_t half = kUnmovedBytesMax / 2 / LeafWith(1000)->MemoryBytes() * 1000;
  keys.Put(1, LeafWith(half));
  keys.Put(2, LeafWith(half));
  keys.Put(3, LeafWith(half));
  CHECK(keys.Take(1) != nullptr);
  keys.Put(4, LeafWith(half));
  CHECK(keys.Take(2) != nullptr);
  CHECK(keys.Take(3) == nullptr);
  CHECK(keys.Take(4) != nullptr);
}

TEST_CASE("subjects count") {
  auto leaf = LeafWith(1);
  const size_t without = leaf->MemoryBytes();
  leaf->request[0].subjects.resize(10);
  CHECK(leaf->MemoryBytes() > without + 10 * sizeof(std::string));
}

}  // namespace
}  // namespace ndx::journal
