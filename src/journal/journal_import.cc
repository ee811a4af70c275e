#include "ndx/journal/journal_import.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "exported_leaves.h"
#include "import_store.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/tile_tree.h"
#include "ndx/store/whole_file.h"

namespace ndx::journal {
namespace {

struct Source {
  std::string path;
  std::unique_ptr<ExportedLeaves> leaves;
  uint64_t proved_to = 0;  // records before this one are proved; UINT64_MAX: all of them
};

class Import {
 public:
  explicit Import(const ImportOptions& options) : options_(options) {}

  absl::StatusOr<ImportSummary> Run();

 private:
  absl::Status TakeHead(SignedCheckpoint head, const std::string& from);
  absl::Status OpenSources();
  absl::Status Prove(Source& source) const;
  absl::Status CheckUnproved(const Source& source, const ImportStore& store) const;
  absl::Status Add(const Source& source, ImportStore& store) const;

  const ImportOptions& options_;
  std::vector<Source> sources_;
  std::vector<SignedCheckpoint> heads_;  // by size, ascending, once all are there
};

// A head of the same journal, and not of the same size with another root.
absl::Status Import::TakeHead(SignedCheckpoint head, const std::string& from) {
  for (const SignedCheckpoint& other : heads_) {
    if (other.checkpoint.origin != head.checkpoint.origin) {
      return absl::InvalidArgumentError(absl::StrCat(from, " is of ", head.checkpoint.origin,
                                                     ", not of ", other.checkpoint.origin));
    }
    const TreeHead& known = other.checkpoint.head;
    if (known.size == head.checkpoint.head.size && known.root != head.checkpoint.head.root) {
      return absl::DataLossError(
          absl::StrCat(from, ": two checkpoints of ", known.size,
                       " records are signed and differ: the journal was shown in two versions"));
    }
  }
  heads_.push_back(std::move(head));
  return absl::OkStatus();
}

absl::Status Import::OpenSources() {
  for (const std::string& file : options_.checkpoint_files) {
    NDX_ASSIGN_OR_RETURN(const std::string text, store::ReadWholeFile(file, kReceiptBytesMax));
    const auto receipt = ParseReceipt(text);
    auto head = OpenByKeys(receipt.ok() ? receipt->checkpoint : text, options_.vkeys);
    if (!head.ok()) {
      return absl::Status(head.status().code(), absl::StrCat(file, ": ", head.status().message()));
    }
    NDX_RETURN_IF_ERROR(TakeHead(*std::move(head), file));
  }
  for (const std::string& path : options_.sources) {
    NDX_ASSIGN_OR_RETURN(auto leaves, ExportedLeaves::Open(path, options_.vkeys));
    for (const SignedCheckpoint& head : leaves->heads()) NDX_RETURN_IF_ERROR(TakeHead(head, path));
    sources_.push_back({.path = path, .leaves = std::move(leaves)});
  }
  return absl::OkStatus();
}

// Holds an export against every checkpoint, as far as it is there from the first record on.
absl::Status Import::Prove(Source& source) const {
  TileTree tree = TileTree::Empty();
  auto next = heads_.begin();
  NDX_RETURN_IF_ERROR(
      source.leaves->ForEach([&](uint64_t index, absl::string_view leaf) -> absl::Status {
        if (index != tree.size()) return absl::OkStatus();
        tree.Append(LeafHash(leaf));
        (void)tree.TakeWrites();
        while (next != heads_.end() && next->checkpoint.head.size < tree.size()) ++next;
        if (next == heads_.end() || next->checkpoint.head.size != tree.size()) {
          return absl::OkStatus();
        }
        if (tree.Root() != next->checkpoint.head.root) {
          return absl::DataLossError(
              absl::StrCat(source.path, ": its first ", tree.size(),
                           " records are not those that a checkpoint of this journal signs"));
        }
        source.proved_to = tree.size();
        return absl::OkStatus();
      }));
  if (source.leaves->proved()) source.proved_to = UINT64_MAX;
  return absl::OkStatus();
}

// Nothing is written where a record contradicts what is there, or is neither proved nor wanted.
absl::Status Import::CheckUnproved(const Source& source, const ImportStore& store) const {
  return source.leaves->ForEach([&](uint64_t index, absl::string_view leaf) -> absl::Status {
    const auto proved = store.IsProved(index, leaf);
    if (!proved.ok()) {
      return absl::Status(proved.status().code(),
                          absl::StrCat(source.path, ": ", proved.status().message()));
    }
    if (*proved || index < source.proved_to || options_.take_unproved) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        source.path, ": nothing proves record ", index,
        ". Lines carry no proof: give a checkpoint or receipt that covers them, with all lines "
        "from "
        "the first on; or the tiles; or take them as they are, marked (--take-unproved)."));
  });
}

absl::Status Import::Add(const Source& source, ImportStore& store) const {
  NDX_RETURN_IF_ERROR(source.leaves->ForEach([&](uint64_t index, absl::string_view leaf) {
    return store.Add(index, leaf, index < source.proved_to);
  }));
  return store.Flush();
}

absl::StatusOr<ImportSummary> Import::Run() {
  if (options_.vkeys.empty()) return absl::InvalidArgumentError("no verifier key is given");
  if (options_.sources.empty()) return absl::InvalidArgumentError("nothing to import is given");
  NDX_RETURN_IF_ERROR(OpenSources());
  NDX_ASSIGN_OR_RETURN(ImportStore store, ImportStore::Open(options_.to));
  if (!store.note().empty()) {
    NDX_ASSIGN_OR_RETURN(SignedCheckpoint stored, OpenByKeys(store.note(), options_.vkeys));
    NDX_RETURN_IF_ERROR(TakeHead(std::move(stored), options_.to));
  }
  if (heads_.empty()) {
    return absl::FailedPreconditionError(
        "lines alone do not tell which journal they are of: give a checkpoint or receipt too");
  }
  std::sort(heads_.begin(), heads_.end(), [](const auto& a, const auto& b) {
    return a.checkpoint.head.size < b.checkpoint.head.size;
  });
  // Proofs first, whatever the order on the command line: they may prove the lines that follow.
  std::stable_sort(sources_.begin(), sources_.end(), [](const Source& a, const Source& b) {
    return a.leaves->proved() && !b.leaves->proved();
  });
  for (Source& source : sources_) NDX_RETURN_IF_ERROR(Prove(source));
  for (const Source& source : sources_) {
    NDX_RETURN_IF_ERROR(CheckUnproved(source, store));
    NDX_RETURN_IF_ERROR(Add(source, store));
  }
  // Only now: a head whose records contradict what is there is none.
  NDX_RETURN_IF_ERROR(store.SetHead(heads_.back()));
  return store.summary();
}

}  // namespace

absl::StatusOr<ImportSummary> ImportJournal(const ImportOptions& options) {
  std::error_code error;
  const bool made = !std::filesystem::exists(options.to, error);
  auto imported = Import(options).Run();
  // Nothing was there before and nothing was proved: nothing stays.
  if (made && !imported.ok()) std::filesystem::remove_all(options.to, error);
  return imported;
}

}  // namespace ndx::journal
