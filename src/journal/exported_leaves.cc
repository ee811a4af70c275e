#include "exported_leaves.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/bundle_files.h"
#include "ndx/journal/evidence_bundle.h"
#include "ndx/journal/leaf_line.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/tile_export.h"
#include "ndx/journal/tile_tree.h"
#include "ndx/store/whole_file.h"

namespace ndx::journal {
namespace {

namespace fs = std::filesystem;

// A bundle of 256 entries, each at its longest.
constexpr size_t kEntryFileBytesMax = kTileWidth * (2 + kEntryBytesMax);
constexpr size_t kNoteBytesMax = size_t{64} << 10;
constexpr size_t kLineBytesMax = size_t{1} << 20;

absl::Status Explain(const std::string& file, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(file, ": ", status.message()));
}

class Tiles final : public ExportedLeaves {
 public:
  static absl::StatusOr<std::unique_ptr<ExportedLeaves>> Open(
      const std::string& directory, const std::vector<std::string>& vkeys) {
    const std::string path = absl::StrCat(directory, "/checkpoint");
    NDX_ASSIGN_OR_RETURN(const std::string note, store::ReadWholeFile(path, kNoteBytesMax));
    auto head = OpenByKeys(note, vkeys);
    if (!head.ok()) return Explain(path, head.status());
    std::unique_ptr<Tiles> tiles(new Tiles(directory, *std::move(head)));
    TileTree tree = TileTree::Empty();
    NDX_RETURN_IF_ERROR(tiles->ForEach([&](uint64_t, absl::string_view leaf) {
      tree.Append(LeafHash(leaf));
      (void)tree.TakeWrites();
      return absl::OkStatus();
    }));
    if (tree.Root() != tiles->heads_[0].checkpoint.head.root) {
      return absl::DataLossError(
          absl::StrCat(directory, " does not hold the records that its checkpoint signs"));
    }
    return std::unique_ptr<ExportedLeaves>(std::move(tiles));
  }

  const std::vector<SignedCheckpoint>& heads() const override { return heads_; }
  bool proved() const override { return true; }

  absl::Status ForEach(See see) const override {
    const uint64_t size = heads_[0].checkpoint.head.size;
    for (uint64_t first = 0; first < size; first += kTileWidth) {
      const auto width = static_cast<uint32_t>(std::min<uint64_t>(kTileWidth, size - first));
      const std::string path =
          absl::StrCat(directory_, "/", EntryBundlePath(first / kTileWidth, width));
      NDX_ASSIGN_OR_RETURN(const std::string bytes, store::ReadWholeFile(path, kEntryFileBytesMax));
      absl::string_view rest = bytes;
      for (uint32_t i = 0; i < width; ++i) {
        const size_t length = rest.size() < 2 ? 0 : core::ReadBigEndian<uint16_t>(rest);
        if (rest.size() < 2 + length) {
          return absl::DataLossError(absl::StrCat(path, " ends before record ", first + i));
        }
        NDX_RETURN_IF_ERROR(see(first + i, rest.substr(2, length)));
        rest.remove_prefix(2 + length);
      }
    }
    return absl::OkStatus();
  }

 private:
  Tiles(std::string directory, SignedCheckpoint head)
      : directory_(std::move(directory)), heads_{std::move(head)} {}

  const std::string directory_;
  const std::vector<SignedCheckpoint> heads_;
};

class Bundle final : public ExportedLeaves {
 public:
  static absl::StatusOr<std::unique_ptr<ExportedLeaves>> Open(
      const std::string& path, const std::vector<std::string>& vkeys) {
    NDX_ASSIGN_OR_RETURN(const BundleReader files, BundleReader::Open(path));
    NDX_ASSIGN_OR_RETURN(const std::string json, files.Read(kBundleManifest));
    NDX_ASSIGN_OR_RETURN(const v1::EvidenceManifest manifest, ParseManifest(json));
    if (manifest.format_version() != kBundleFormatVersion) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, " is of bundle format ", manifest.format_version(),
                       "; this program reads format ", kBundleFormatVersion));
    }
    std::unique_ptr<Bundle> bundle(new Bundle());
    for (const v1::EvidenceFile& file : manifest.files()) {
      NDX_ASSIGN_OR_RETURN(const std::string bytes, files.Read(file.name()));
      const crypto::Digest digest = crypto::Sha256Of({bytes});
      if (absl::BytesToHexString(crypto::AsBytes(digest)) != file.sha256()) {
        return absl::DataLossError(
            absl::StrCat(path, ": ", file.name(), " is not the file that the manifest names"));
      }
      if (!absl::StartsWith(file.name(), "receipts/")) continue;
      const absl::Status taken = bundle->TakeReceipt(bytes, vkeys);
      if (!taken.ok()) return Explain(absl::StrCat(path, ": ", file.name()), taken);
    }
    NDX_ASSIGN_OR_RETURN(const std::string note, files.Read(kBundleCheckpoint));
    auto head = OpenByKeys(note, vkeys);
    if (!head.ok()) return Explain(absl::StrCat(path, ": checkpoint"), head.status());
    bundle->heads_.push_back(*std::move(head));
    return std::unique_ptr<ExportedLeaves>(std::move(bundle));
  }

  const std::vector<SignedCheckpoint>& heads() const override { return heads_; }
  bool proved() const override { return true; }

  absl::Status ForEach(See see) const override {
    for (const auto& [index, leaf] : leaves_) NDX_RETURN_IF_ERROR(see(index, leaf));
    return absl::OkStatus();
  }

 private:
  Bundle() = default;

  absl::Status TakeReceipt(const std::string& text, const std::vector<std::string>& vkeys) {
    absl::Status why = absl::PermissionDeniedError("no key is given");
    for (const std::string& vkey : vkeys) {
      const auto verified = VerifyReceipt(text, {.vkey = vkey});
      why = verified.status();
      if (!verified.ok()) continue;
      NDX_ASSIGN_OR_RETURN(const Receipt receipt, ParseReceipt(text));
      NDX_ASSIGN_OR_RETURN(SignedCheckpoint head, OpenByKeys(receipt.checkpoint, vkeys));
      leaves_[receipt.index] = receipt.opening.leaf();
      if (heads_.empty() || heads_.back().note != head.note) heads_.push_back(std::move(head));
      return absl::OkStatus();
    }
    return why;
  }

  std::map<uint64_t, std::string> leaves_;
  std::vector<SignedCheckpoint> heads_;
};

class Lines final : public ExportedLeaves {
 public:
  explicit Lines(std::string path) : path_(std::move(path)) {}

  const std::vector<SignedCheckpoint>& heads() const override { return heads_; }
  bool proved() const override { return false; }

  absl::Status ForEach(See see) const override {
    std::ifstream file(path_, std::ios::binary);
    uint64_t number = 0;
    uint64_t next = 0;
    for (std::string text; std::getline(file, text);) {
      ++number;
      if (text.size() > kLineBytesMax) return At(number, absl::DataLossError("is too long"));
      const auto line = ParseLeafLine(text);
      if (!line.ok()) return At(number, line.status());
      if (line->index < next) return At(number, absl::DataLossError("is out of order"));
      next = line->index + 1;
      NDX_RETURN_IF_ERROR(see(line->index, line->bytes));
    }
    if (!file.eof()) return absl::UnavailableError(absl::StrCat(path_, " cannot be read"));
    return absl::OkStatus();
  }

 private:
  absl::Status At(uint64_t line, const absl::Status& status) const {
    return Explain(absl::StrCat(path_, ", line ", line), status);
  }

  const std::string path_;
  const std::vector<SignedCheckpoint> heads_;
};

}  // namespace

absl::StatusOr<SignedCheckpoint> OpenByKeys(const std::string& note,
                                            const std::vector<std::string>& vkeys) {
  absl::Status why = absl::PermissionDeniedError("no key is given");
  for (const std::string& vkey : vkeys) {
    NDX_ASSIGN_OR_RETURN(const NoteVerifier verifier, NoteVerifier::FromVkey(vkey));
    auto checkpoint = OpenCheckpoint(note, {&verifier, 1});
    if (checkpoint.ok()) {
      return SignedCheckpoint{.note = note, .checkpoint = *std::move(checkpoint), .vkey = vkey};
    }
    why = checkpoint.status();
  }
  return why;
}

absl::StatusOr<std::unique_ptr<ExportedLeaves>> ExportedLeaves::Open(
    const std::string& path, const std::vector<std::string>& vkeys) {
  std::error_code error;
  if (fs::is_directory(absl::StrCat(path, "/tile"), error)) return Tiles::Open(path, vkeys);
  if (absl::EndsWith(path, ".tar") || fs::exists(absl::StrCat(path, "/", kBundleManifest), error)) {
    return Bundle::Open(path, vkeys);
  }
  if (fs::is_regular_file(path, error)) return std::make_unique<Lines>(path);
  return absl::InvalidArgumentError(absl::StrCat(
      path, " is no export: neither tiles, nor an evidence bundle, nor a file of lines"));
}

}  // namespace ndx::journal
