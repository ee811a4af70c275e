#include "ndx/journal/merkle.h"

#include <catch2/catch.hpp>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "memory_tree.h"
#include "ndx/tests/support/vectors.h"

namespace ndx::journal {
namespace {

std::string HexOf(const TreeHash& hash) { return absl::BytesToHexString(crypto::AsBytes(hash)); }

// The published cases hold sizes up to 2^64-1, which JSON readers round up to 2^64.
uint64_t Size(const google::protobuf::Struct& object, const char* field) {
  const double number = tests::Number(object, field);
  return number >= 18446744073709551615.0 ? std::numeric_limits<uint64_t>::max()
                                          : static_cast<uint64_t>(number);
}

// nullopt where a "hash" of the case has another length: such a proof cannot even be expressed
// here.
std::optional<std::vector<TreeHash>> Proof(const google::protobuf::Struct& object) {
  std::vector<TreeHash> proof;
  for (const auto& value : tests::List(object, "proof")) {
    std::string bytes;
    REQUIRE(absl::Base64Unescape(value.string_value(), &bytes));
    if (bytes.size() != crypto::kDigestBytes) return std::nullopt;
    proof.push_back(crypto::DigestFromBytes(bytes));
  }
  return proof;
}

std::optional<TreeHash> Hash(const google::protobuf::Struct& object, const char* field) {
  const std::string bytes = tests::Base64(object, field);
  if (bytes.size() != crypto::kDigestBytes) return std::nullopt;
  return crypto::DigestFromBytes(bytes);
}

TEST_CASE("hashes and roots are those of transparency-dev/merkle") {
  const auto roots = tests::ReadJsonVector("merkle/roots.json");
  const auto& hashing = roots.fields().at("hashing").struct_value();
  CHECK(HexOf(EmptyRoot()) == tests::Text(hashing, "empty_root_hex"));
  CHECK(HexOf(LeafHash("")) == tests::Text(hashing, "empty_leaf_hash_hex"));
  CHECK(HexOf(LeafHash("L123456")) == tests::Text(hashing, "leaf_L123456_hash_hex"));
  const auto& eight = roots.fields().at("eight_leaves").struct_value();
  const auto leaves = tests::List(eight, "leaves_hex");
  const auto expected = tests::List(eight, "roots_hex_by_size");
  std::vector<TreeHash> hashes;
  for (size_t size = 0; size <= leaves.size(); ++size) {
    CHECK(HexOf(RootOf(hashes)) == expected[size].string_value());
    if (size < leaves.size()) {
      hashes.push_back(LeafHash(absl::HexStringToBytes(leaves[size].string_value())));
    }
  }
}

TEST_CASE("inclusion proofs pass the published cases") {
  const auto files = tests::JsonVectorsUnder("merkle/inclusion");
  CHECK(files.size() >= 20);
  for (const std::string& file : files) {
    INFO(file);
    const auto c = tests::ReadJsonVector(file);
    const auto proof = Proof(c);
    const auto leaf = Hash(c, "leafHash");
    const auto root = Hash(c, "root");
    const bool good =
        proof.has_value() && leaf.has_value() && root.has_value() &&
        VerifyInclusion(Size(c, "leafIdx"), Size(c, "treeSize"), *leaf, *proof, *root).ok();
    CHECK(good == !tests::Flag(c, "wantErr"));
  }
}

TEST_CASE("consistency proofs pass the published cases") {
  const auto files = tests::JsonVectorsUnder("merkle/consistency");
  CHECK(files.size() >= 20);
  for (const std::string& file : files) {
    INFO(file);
    const auto c = tests::ReadJsonVector(file);
    const auto proof = Proof(c);
    const auto older = Hash(c, "root1");
    const auto newer = Hash(c, "root2");
    const bool good = proof.has_value() && older.has_value() && newer.has_value() &&
                      VerifyConsistency({.size = Size(c, "size1"), .root = *older},
                                        {.size = Size(c, "size2"), .root = *newer}, *proof)
                          .ok();
    CHECK(good == !tests::Flag(c, "wantErr"));
  }
}

TEST_CASE("every proof of every tree up to 40 leaves verifies, and no other leaf's does") {
  const MemoryTree tree(40);
  for (uint64_t size = 1; size <= 40; ++size) {
    const TreeHash root = tree.Root(size);
    CHECK(RootAt(size, tree).value() == root);
    for (uint64_t index = 0; index < size; ++index) {
      const auto proof = InclusionProof(index, size, tree).value();
      CHECK(VerifyInclusion(index, size, tree.leaf(index), proof, root).ok());
      CHECK_FALSE(VerifyInclusion(index, size, LeafHash("other"), proof, root).ok());
      if (size > 1) {
        CHECK_FALSE(VerifyInclusion((index + 1) % size, size, tree.leaf(index), proof, root).ok());
      }
    }
    for (uint64_t old_size = 1; old_size <= size; ++old_size) {
      const auto proof = ConsistencyProof(old_size, size, tree).value();
      const TreeHead older{.size = old_size, .root = tree.Root(old_size)};
      const TreeHead newer{.size = size, .root = root};
      CHECK(VerifyConsistency(older, newer, proof).ok());
      CHECK_FALSE(VerifyConsistency({.size = old_size, .root = LeafHash("x")}, newer, proof).ok());
    }
  }
}

}  // namespace
}  // namespace ndx::journal
