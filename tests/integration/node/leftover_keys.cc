// What can still be read of a copy of a journal by somebody who has its directory and the master
// key, and knows the format: opens every wrapped key with every key it has, until nothing more
// opens, then tries each of them, and what derives from it, on every part of every payload.
//
//   ndx-leftover-keys JOURNAL_DIRECTORY MASTER_KEY_FILE
//
// Prints "wrapped WHERE HEX" for each wrapped key in the databases, and "opened LEAF DIRECTION PART
// HEX" for each part that opens. Payloads in segment files are left out. It uses no code of the
// journal's reading: only databases, primitives and the published format.
//
// Thread-safety: a program.
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/key_derivation.h"
#include "ndx/crypto/key_file.h"
#include "ndx/crypto/key_wrap.h"
#include "ndx/journal/sealing.h"
#include "ndx/journal/v1/journal_leaf.pb.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"

namespace ndx::tests {
namespace {

using journal::Direction;

constexpr uint32_t kPartsMax = 16;
constexpr size_t kKeyBytes = 32;

struct Blob {
  std::string where;
  std::string bytes;
  int subjects = 1;
};

std::unique_ptr<store::Database> OpenCopy(const std::string& directory,
                                          std::vector<std::string> families) {
  store::DatabaseOptions options{.directory = directory};
  for (std::string& name : families) options.families.push_back({.name = std::move(name)});
  return store::Database::OpenReadOnly(options, store::LogCheck::kPointInTime).value();
}

void ForEach(const store::Database& database, store::Family family,
             const std::function<void(const std::string&, const std::string&)>& see) {
  const auto cursor = database.NewCursor(family);
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    see(std::string(cursor->key()), std::string(cursor->value()));
  }
  NDX_CHECK(cursor->status().ok());
}

class Attempt {
 public:
  Attempt(const std::string& directory, std::string master)
      : journal_(OpenCopy(directory + "/epoch-0001/db",
                          {"leaves", "tiles", "exchanges", "open", "keys", "payloads"})),
        keys_(OpenCopy(directory + "/epoch-0001/keys",
                       {"subjects", "moved", "leaf_subjects", "holds", "erasures"})),
        known_{std::move(master)} {}

  void Run() {
    Collect();
    for (const Blob& blob : blobs_) {
      std::printf("wrapped %s %s\n", blob.where.c_str(),
                  absl::BytesToHexString(blob.bytes).c_str());
    }
    while (UnwrapMore()) continue;
    ForEach(*journal_, 6, [&](const std::string& key, const std::string& value) {
      journal::v1::StoredPayloads payloads;
      NDX_CHECK(payloads.ParseFromString(value));
      const auto leaf = core::ReadBigEndian<uint64_t>(key);
      TryParts(leaf, Direction::kRequest, payloads.request());
      TryParts(leaf, Direction::kResponse, payloads.response());
    });
  }

 private:
  void Add(std::string where, std::string bytes, int subjects = 1) {
    if (!bytes.empty()) blobs_.push_back({std::move(where), std::move(bytes), subjects});
  }

  void Collect() {
    ForEach(*journal_, 5, [&](const std::string& key, const std::string& value) {
      if (key[0] != 'X') return Add(key[0] == 'I' ? "intake" : "reference", value);
      journal::v1::WrappedExchangeKey wrapped;
      NDX_CHECK(wrapped.ParseFromString(value));
      Add("exchange", wrapped.wrapped());
    });
    ForEach(*keys_, store::kDefaultFamily, [&](const std::string& key, const std::string& value) {
      if (key == "name_key" || key == "house_key") Add(key, value);
    });
    ForEach(*keys_, 1, [&](const std::string&, const std::string& value) {
      journal::v1::SubjectKey subject;
      NDX_CHECK(subject.ParseFromString(value));
      Add("subject", subject.wrapped());
    });
    ForEach(*keys_, 2, [&](const std::string&, const std::string& value) {
      journal::v1::MovedKeys moved;
      NDX_CHECK(moved.ParseFromString(value));
      for (const auto& group : moved.groups()) {
        Add("parts", group.wrapped(), group.subjects_size());
      }
    });
  }

  static std::string WrappingKey(const std::string& keys) {
    return std::string(
        crypto::HkdfSha256({.key = keys, .salt = {}, .info = "ndx part wrap v1"}, kKeyBytes)
            .view());
  }

  bool Opens(const Blob& blob, const std::string& key) {
    const auto opened = crypto::UnwrapKey(key, blob.bytes);
    if (!opened.ok()) return false;
    for (size_t at = 0; at + kKeyBytes <= opened->size(); at += kKeyBytes) {
      known_.emplace_back(opened->view().substr(at, kKeyBytes));
    }
    return true;
  }

  bool OpensAtAll(const Blob& blob) {
    const std::vector<std::string> known = known_;
    for (const std::string& first : known) {
      if (Opens(blob, first) || Opens(blob, WrappingKey(first))) return true;
      if (blob.subjects != 2) continue;
      for (const std::string& second : known) {
        if (Opens(blob, WrappingKey(first + second))) return true;
      }
    }
    return false;
  }

  bool UnwrapMore() {
    const size_t before = blobs_.size();
    std::vector<Blob> shut;
    for (Blob& blob : blobs_) {
      if (!OpensAtAll(blob)) shut.push_back(std::move(blob));
    }
    blobs_ = std::move(shut);
    return blobs_.size() < before;
  }

  void TryParts(uint64_t index, Direction direction, const journal::v1::StoredDirection& stored) {
    if (stored.inline_bytes().empty()) return;
    journal::v1::JournalLeaf leaf;
    NDX_CHECK(leaf.ParseFromString(journal_->Get(1, core::BigEndian(index)).value()));
    const journal::SealContext context{
        .exchange_id = core::ExchangeId::FromBytes(leaf.exchange_id()).value(),
        .direction = direction,
        .attempt = static_cast<uint16_t>(stored.attempt())};
    for (uint32_t part = 0; part < kPartsMax; ++part) {
      for (const std::string& key : known_) {
        const auto derived = journal::PartKey(key, direction, part);
        if (TryPart(index, context, stored.inline_bytes(), part, key) ||
            TryPart(index, context, stored.inline_bytes(), part, std::string(derived.view()))) {
          break;
        }
      }
    }
  }

  static bool TryPart(uint64_t index, const journal::SealContext& context,
                      const std::string& stored, uint32_t part, const std::string& key) {
    bool asked = false;
    const auto parts = journal::OpenParts(
        context, stored, [&](uint32_t number) -> absl::StatusOr<crypto::SecretBytes> {
          if (number != part) return absl::NotFoundError("not this one");
          asked = true;
          return crypto::SecretBytes(key);
        });
    if (!asked || !parts.ok()) return false;
    std::printf("opened %llu %d %u %s\n", static_cast<unsigned long long>(index),
                static_cast<int>(context.direction), part,
                absl::BytesToHexString((*parts)[part].plaintext).c_str());
    return true;
  }

  const std::unique_ptr<store::Database> journal_;
  const std::unique_ptr<store::Database> keys_;
  std::vector<std::string> known_;
  std::vector<Blob> blobs_;
};

}  // namespace
}  // namespace ndx::tests

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "ndx-leftover-keys JOURNAL_DIRECTORY MASTER_KEY_FILE\n");
    return 2;
  }
  const auto master = ndx::crypto::ReadAesKeyFile(argv[2]);
  NDX_CHECK(master.ok());
  ndx::tests::Attempt(argv[1], std::string(master->view())).Run();
  return 0;
}
