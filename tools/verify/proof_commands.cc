// ndx-verify inclusion and consistency: proofs given as numbers and hexadecimal hashes.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ndx/journal/merkle.h"
#include "ndx/tools/verify/input_file.h"
#include "ndx/tools/verify/verify_line.h"

namespace ndx::tools::verify {
namespace {

using journal::TreeHash;

// Hashes that are no hashes do not prove anything: that is a verdict, not a wrong command line.
class HashOptions {
 public:
  explicit HashOptions(Verdict& verdict) : verdict_(verdict) {}

  TreeHash Hash(const std::string& option, const std::string& hex) {
    const auto hash = HashFromHex(hex);
    if (!hash.has_value()) {
      verdict_.Problem(
          {absl::StrCat(option, " is not a SHA-256 hash of 64 hexadecimal digits"),
           absl::StrCat(option, " không phải giá trị băm SHA-256 gồm 64 chữ số hệ 16")});
      return {};
    }
    return *hash;
  }

  std::vector<TreeHash> Proof(const std::string& text) {
    std::vector<TreeHash> proof;
    if (text.empty()) return proof;
    for (const std::string& hex : std::vector<std::string>(absl::StrSplit(text, ','))) {
      proof.push_back(Hash(absl::StrCat("--proof, hash ", proof.size() + 1), hex));
    }
    return proof;
  }

 private:
  Verdict& verdict_;
};

std::string Hex(const TreeHash& hash) { return absl::BytesToHexString(crypto::AsBytes(hash)); }

struct InclusionOptions {
  uint64_t leaf_index = 0;
  uint64_t tree_size = 0;
  std::string root;
  std::string leaf_hash;
  std::string proof;
};

absl::Status CheckInclusion(const InclusionOptions& options, Verdict& verdict) {
  HashOptions hashes(verdict);
  const TreeHash root = hashes.Hash("--root", options.root);
  const TreeHash leaf = hashes.Hash("--leaf-hash", options.leaf_hash);
  const std::vector<TreeHash> proof = hashes.Proof(options.proof);
  if (!verdict.holds()) return absl::OkStatus();
  const absl::Status included =
      journal::VerifyInclusion(options.leaf_index, options.tree_size, leaf, proof, root);
  if (!included.ok()) {
    verdict.Problem(Translate(std::string(included.message())));
    return absl::OkStatus();
  }
  verdict.Checked(
      {absl::StrCat("the leaf with hash ", Hex(leaf), " stands at index ", options.leaf_index,
                    " of the tree of ", options.tree_size, " leaves with root ", Hex(root)),
       absl::StrCat("bản ghi có giá trị băm ", Hex(leaf), " đứng ở vị trí ", options.leaf_index,
                    " trong cây ", options.tree_size, " bản ghi có gốc ", Hex(root))});
  verdict.NotChecked({"who signed that root, and what the leaf says",
                      "ai đã ký giá trị gốc đó, và nội dung của bản ghi"});
  return absl::OkStatus();
}

struct ConsistencyOptions {
  uint64_t size1 = 0;
  uint64_t size2 = 0;
  std::string root1;
  std::string root2;
  std::string proof;
};

absl::Status CheckConsistency(const ConsistencyOptions& options, Verdict& verdict) {
  HashOptions hashes(verdict);
  const journal::TreeHead older{.size = options.size1,
                                .root = hashes.Hash("--root1", options.root1)};
  const journal::TreeHead newer{.size = options.size2,
                                .root = hashes.Hash("--root2", options.root2)};
  const std::vector<TreeHash> proof = hashes.Proof(options.proof);
  for (const auto& [head, name] : {std::pair(older, "1"), std::pair(newer, "2")}) {
    if (verdict.holds() && head.size == 0 && head.root != journal::EmptyRoot()) {
      verdict.Problem({absl::StrCat("--root", name, " is not the root of a tree without leaves"),
                       absl::StrCat("--root", name, " không phải gốc của cây không có bản ghi")});
    }
  }
  if (!verdict.holds()) return absl::OkStatus();
  const absl::Status consistent = journal::VerifyConsistency(older, newer, proof);
  if (!consistent.ok()) {
    verdict.Problem(Translate(std::string(consistent.message())));
    return absl::OkStatus();
  }
  verdict.Checked({absl::StrCat("the tree of ", newer.size, " leaves begins with the tree of ",
                                older.size, " leaves: nothing in it was changed, removed or moved"),
                   absl::StrCat("cây ", newer.size, " bản ghi bắt đầu bằng cây ", older.size,
                                " bản ghi: không bản ghi nào bị sửa, xóa hay đổi chỗ")});
  verdict.NotChecked({"who signed those roots", "ai đã ký các giá trị gốc đó"});
  return absl::OkStatus();
}

// The option takes "" too: a tree of one leaf has an empty proof.
void AddProof(command_options::Command& command, std::string& proof) {
  command
      .AddOption("--proof", proof,
                 "Hashes in hexadecimal, comma-separated, as RFC 6962 orders them; may be empty")
      .ValueOptional();
}

}  // namespace

void AddInclusionCommand(VerifyLine& line) {
  auto options = std::make_shared<InclusionOptions>();
  command_options::Command command = line.program().AddCommand(
      "inclusion", "A leaf stands in a tree (bằng chứng có mặt), RFC 6962");
  command.AddOption("--leaf-index", options->leaf_index, "Index of the leaf, from 0")
      .Required()
      .NotNegative();
  command.AddOption("--tree-size", options->tree_size, "Leaves in the tree")
      .Required()
      .NotNegative();
  command.AddOption("--root", options->root, "Root hash").Required();
  command.AddOption("--leaf-hash", options->leaf_hash, "SHA-256(0x00 followed by the leaf)")
      .Required();
  AddProof(command, options->proof);
  line.Bind(command,
            "  ndx-verify inclusion --leaf-index 0 --tree-size 2 --root HEX --leaf-hash HEX "
            "--proof HEX",
            [options](Verdict& verdict) { return CheckInclusion(*options, verdict); });
}

void AddConsistencyCommand(VerifyLine& line) {
  auto options = std::make_shared<ConsistencyOptions>();
  command_options::Command command = line.program().AddCommand(
      "consistency", "A tree begins with an earlier one (bằng chứng nhất quán), RFC 6962");
  command.AddOption("--size1", options->size1, "Leaves in the earlier tree")
      .Required()
      .NotNegative();
  command.AddOption("--size2", options->size2, "Leaves in the later tree").Required().NotNegative();
  command.AddOption("--root1", options->root1, "Root hash of the earlier tree").Required();
  command.AddOption("--root2", options->root2, "Root hash of the later tree").Required();
  AddProof(command, options->proof);
  line.Bind(command,
            "  ndx-verify consistency --size1 4 --size2 7 --root1 HEX --root2 HEX --proof HEX,HEX",
            [options](Verdict& verdict) { return CheckConsistency(*options, verdict); });
}

}  // namespace ndx::tools::verify
