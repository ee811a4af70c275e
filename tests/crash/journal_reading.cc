#include "journal_reading.h"

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/crypto/key_file.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/journal/signed_note.h"
#include "ndx/search/searcher.h"

namespace ndx::tests {
namespace {

constexpr size_t kSearchRowsMax = 10'000;
constexpr const char* kSearches[] = {"event = answered", "NOT event = answered", "method:*"};

std::string ErrorText(const absl::Status& status) {
  return absl::StrCat(kReadingError, status.message());
}

class Reading {
 public:
  Reading(const journal::RocksJournal& journal, uint64_t leaves)
      : journal_(journal), leaves_(leaves == 0 ? journal.findings().leaves : leaves) {}

  JournalReading Take() {
    for (uint64_t index = 0; index < leaves_; ++index) ReadLeaf(index);
    for (const std::string& id : exchanges_) ReadExchange(id);
    ReadSearches();
    return std::move(out_);
  }

 private:
  void ReadLeaf(uint64_t index) {
    const auto leaf = journal_.reader().Leaf(index);
    out_[absl::StrCat("leaf ", index)] = leaf.ok() ? leaf->bytes : ErrorText(leaf.status());
    if (leaf.ok() && !leaf->leaf.exchange_id().empty()) exchanges_.insert(leaf->leaf.exchange_id());
    // Receipts are against the newest checkpoint, which each start moves: what stays is that they
    // prove this record.
    const auto receipt = journal_.reader().Receipt(index);
    std::string proof = "proves";
    if (!receipt.ok()) {
      proof = ErrorText(receipt.status());
    } else {
      const auto verified = journal::VerifyReceipt(*receipt, {.vkey = journal_.vkey()});
      if (!verified.ok()) proof = absl::StrCat("does not verify: ", verified.status().message());
      if (verified.ok() && verified->index != index) proof = "proves another record";
    }
    out_[absl::StrCat("proof ", index)] = proof;
    ReadPayload(index);
  }

  void ReadPayload(uint64_t index) {
    const auto opened = journal_.reader().OpenPayload(index);
    std::string text;
    if (!opened.ok() && !absl::IsNotFound(opened.status())) {
      text = ErrorText(opened.status());
    } else if (!opened.ok()) {
      text = "none";
    } else {
      for (const auto* messages : {&opened->request, &opened->response}) {
        absl::StrAppend(&text, messages->size(), " messages");
        for (const std::string& message : *messages) absl::StrAppend(&text, "|", message);
      }
      absl::StrAppend(&text, opened->consumer_signature);
    }
    out_[absl::StrCat("payload ", index)] = text;
  }

  void ReadExchange(const std::string& bytes) {
    const auto id = core::ExchangeId::FromBytes(bytes);
    const auto leaves = id.ok() ? journal_.reader().LeavesOf(*id, "")
                                : absl::StatusOr<std::vector<journal::StoredLeaf>>(id.status());
    std::string text = leaves.ok() ? "" : ErrorText(leaves.status());
    if (leaves.ok()) {
      for (const auto& leaf : *leaves) {
        // What a start adds (the exchange is in doubt now) is no part of what was there.
        if (leaf.index < leaves_) absl::StrAppend(&text, leaf.index, " ");
      }
    }
    out_[absl::StrCat("exchange ", id.ok() ? id->ToString() : "?")] = text;
  }

  // What the index does not know yet, as far as it can be read.
  void TellAll(search::SearchIndex& index) {
    std::vector<journal::FollowedLeaf> leaves;
    const absl::Status scanned = journal_.reader().Scan({.from_index = index.NextLeaf()},
                                                        [&](const journal::StoredLeaf& leaf) {
                                                          leaves.push_back({.leaf = leaf});
                                                          return true;
                                                        });
    if (scanned.ok()) (void)index.Observe(leaves);
  }

  void ReadSearches() {
    const core::SystemClock clock;
    const auto index = search::SearchIndex::Open(
        {.directory = absl::StrCat(journal_.findings().epoch_directory, "/index")},
        journal_.reader());
    if (index.ok()) TellAll(**index);
    for (const char* const text : kSearches) {
      std::string rows;
      const auto filter = search::Filter::Parse(text, clock.Now());
      NDX_CHECK(filter.ok());
      const auto page =
          search::Searcher(journal_.reader(), index.ok() ? index->get() : nullptr, clock)
              .Search({.filter = *filter,
                       .rows = "exchanges",
                       .page_rows = kSearchRowsMax,
                       .budget = absl::Minutes(1)},
                      [](const auto&) { return true; });
      if (!page.ok()) {
        rows = ErrorText(page.status());
      } else {
        for (const auto& leaf : page->leaves) {
          if (leaf.index < leaves_) absl::StrAppend(&rows, leaf.index, " ");
        }
      }
      out_[absl::StrCat("search ", text)] = rows;
    }
  }

  const journal::RocksJournal& journal_;
  const uint64_t leaves_;
  std::set<std::string> exchanges_;
  JournalReading out_;
};

}  // namespace

absl::StatusOr<JournalReading> ReadJournal(const std::string& directory,
                                           const JournalKeyFiles& keys, uint64_t leaves) {
  NDX_ASSIGN_OR_RETURN(crypto::Ed25519PrivateKey signing, crypto::ReadEd25519KeyFile(keys.signing));
  NDX_ASSIGN_OR_RETURN(crypto::SecretBytes master, crypto::ReadAesKeyFile(keys.master));
  const core::SystemClock clock;
  core::SystemRandom random;
  journal::RocksJournalOptions options;
  options.directory = directory;
  options.node = keys.node;
  options.version = "damaged_files";
  options.ballast_bytes = 0;
  options.free_bytes_min = 0;
  options.block_cache_bytes = size_t{1} << 20;
  NDX_ASSIGN_OR_RETURN(
      const auto journal,
      journal::RocksJournal::Open(std::move(options), {std::move(signing), std::move(master)},
                                  clock, random));
  return Reading(*journal, leaves).Take();
}

absl::StatusOr<std::string> VkeyOf(const JournalKeyFiles& keys) {
  NDX_ASSIGN_OR_RETURN(const auto signing, crypto::ReadEd25519KeyFile(keys.signing));
  NDX_ASSIGN_OR_RETURN(const auto signer,
                       journal::NoteSigner::Create(absl::StrCat(keys.node, "/journal/1"), signing));
  return signer.verifier().vkey();
}

ReadingDifference Compare(const JournalReading& before, const JournalReading& now) {
  ReadingDifference difference;
  for (const auto& [question, answer] : before) {
    const auto found = now.find(question);
    const std::string got = found == now.end() ? "error: not there" : found->second;
    if (got == answer) continue;
    const bool error = absl::StartsWith(got, kReadingError);
    if (difference.first.empty() || (!error && difference.wrong == 0)) {
      difference.first =
          absl::StrCat(question, error ? absl::StrCat(": ", got) : " reads otherwise");
    }
    ++(error ? difference.errors : difference.wrong);
  }
  return difference;
}

}  // namespace ndx::tests
