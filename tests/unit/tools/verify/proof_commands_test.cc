#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/journal/merkle.h"
#include "ndx/tests/unit/tools/verify/verify_run.h"

namespace ndx::tools::verify {
namespace {

using journal::TreeHash;
using tests::RunVerify;

std::string Hex(const TreeHash& hash) { return absl::BytesToHexString(crypto::AsBytes(hash)); }

// Seven leaves.
struct Tree final : journal::HashSource {
  Tree() {
    for (int i = 0; i < 7; ++i) leaves.push_back(journal::LeafHash(std::to_string(i)));
  }
  absl::StatusOr<TreeHash> Node(uint32_t level, uint64_t index) const override {
    return journal::RootOf(
        absl::MakeConstSpan(leaves).subspan(index << level, uint64_t{1} << level));
  }
  std::string Root(uint64_t size) const {
    return Hex(journal::RootOf(absl::MakeConstSpan(leaves).subspan(0, size)));
  }
  static std::string Join(const std::vector<TreeHash>& hashes) {
    return absl::StrJoin(hashes, ",",
                         [](std::string* out, const TreeHash& hash) { out->append(Hex(hash)); });
  }
  std::vector<TreeHash> leaves;
};

TEST_CASE("an inclusion proof holds for its leaf, size and root only") {
  const Tree tree;
  const std::string proof = Tree::Join(journal::InclusionProof(2, 7, tree).value());
  const auto run = [&](const std::string& index, const std::string& size, const std::string& root,
                       const std::string& leaf, const std::string& hashes) {
    return RunVerify({"inclusion", "--leaf-index", index, "--tree-size", size, "--root", root,
                      "--leaf-hash", leaf, "--proof", hashes})
        .code;
  };
  const std::string leaf = Hex(tree.leaves[2]);
  CHECK(run("2", "7", tree.Root(7), leaf, proof) == 0);
  CHECK(run("2", "7", tree.Root(7), absl::AsciiStrToUpper(leaf), proof) == 0);
  CHECK(run("3", "7", tree.Root(7), leaf, proof) == 1);
  // (A tree of 8 has the same shape there: the size is vouched for by who signs it.)
  CHECK(run("2", "4", tree.Root(7), leaf, proof) == 1);
  CHECK(run("2", "9", tree.Root(7), leaf, proof) == 1);
  CHECK(run("2", "7", tree.Root(6), leaf, proof) == 1);
  CHECK(run("2", "7", tree.Root(7), tree.Root(1), proof) == 1);
  CHECK(run("2", "7", tree.Root(7), leaf, "") == 1);
  CHECK(run("2", "7", tree.Root(7), leaf, proof + ",") == 1);
  CHECK(run("2", "7", tree.Root(7).substr(2), leaf, proof) == 1);
  CHECK(run("-2", "7", tree.Root(7), leaf, proof) != 0);
  CHECK(run("18446744073709551615", "7", tree.Root(7), leaf, proof) == 1);
}

TEST_CASE("the only leaf of a tree needs no proof, however that is written") {
  const Tree tree;
  const std::string leaf = Hex(tree.leaves[0]);
  const std::vector<std::string> base = {"inclusion", "--leaf-index", "0",          "--tree-size",
                                         "1",         "--root",       tree.Root(1), "--leaf-hash",
                                         leaf};
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{}, {"--proof", ""}, {"--proof="}, {"--proof"}}) {
    std::vector<std::string> arguments = base;
    arguments.insert(arguments.end(), more.begin(), more.end());
    CHECK(RunVerify(arguments).code == 0);
  }
}

TEST_CASE("a consistency proof holds for its two trees only") {
  const Tree tree;
  const auto run = [&](uint64_t size1, uint64_t size2, const std::string& root1,
                       const std::string& root2, const std::string& hashes) {
    return RunVerify({"consistency", "--size1", absl::StrCat(size1), "--size2", absl::StrCat(size2),
                      "--root1", root1, "--root2", root2, "--proof", hashes})
        .code;
  };
  const std::string proof = Tree::Join(journal::ConsistencyProof(3, 7, tree).value());
  CHECK(run(3, 7, tree.Root(3), tree.Root(7), proof) == 0);
  CHECK(run(3, 7, tree.Root(7), tree.Root(3), proof) == 1);
  CHECK(run(3, 7, tree.Root(2), tree.Root(7), proof) == 1);
  CHECK(run(7, 3, tree.Root(7), tree.Root(3), proof) == 1);
  CHECK(run(7, 7, tree.Root(7), tree.Root(7), "") == 0);
  CHECK(run(7, 7, tree.Root(7), tree.Root(6), "") == 1);
  const std::string empty = Hex(journal::EmptyRoot());
  CHECK(run(0, 7, empty, tree.Root(7), "") == 0);
  CHECK(run(0, 7, tree.Root(1), tree.Root(7), "") == 1);
  CHECK(run(0, 7, empty, tree.Root(7), proof) == 1);
}

}  // namespace
}  // namespace ndx::tools::verify
