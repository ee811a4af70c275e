// Legal holds and erasure orders as they are kept in the store of subject keys. Private to this
// folder.
//
// Thread-safety: thread-compatible. Durability: what changes is synced.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/journal/payload_keeper.h"
#include "ndx/store/database.h"

namespace ndx::journal {

class KeeperRecords {
 public:
  explicit KeeperRecords(store::Database& database) : database_(database) {}

  // Under the next number, which is filled in.
  absl::Status Add(LegalHold& hold);
  absl::Status Add(ErasureOrder& order);
  absl::StatusOr<std::vector<LegalHold>> Holds() const;
  absl::StatusOr<std::vector<ErasureOrder>> Orders() const;
  absl::StatusOr<ErasureOrder> Order(uint64_t number) const;

  // Notes that an order is being carried out on the key with this serial. The first serial stays.
  absl::StatusOr<uint64_t> Begin(uint64_t number, uint64_t serial);

  absl::Status RemoveHold(uint64_t number);
  absl::Status RemoveOrder(uint64_t number);

 private:
  absl::StatusOr<uint64_t> NextNumber(store::Family family) const;
  absl::Status Remove(store::Family family, uint64_t number);

  store::Database& database_;
};

}  // namespace ndx::journal
