#include "keeper_records.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "subject_keys.h"

namespace ndx::journal {
namespace {

// Of the family's last number given, so that one is never given twice.
std::string NumberKey(store::Family family) { return absl::StrCat("number_", family); }

LegalHold FromStored(uint64_t number, const v1::StoredHold& stored) {
  return {.number = number,
          .subject_id = stored.subject_id(),
          .exchange_id = stored.exchange_id(),
          .order = stored.order(),
          .operator_name = stored.operator_name(),
          .time = absl::FromUnixNanos(stored.time_unix_ns()),
          .leaf_index = stored.leaf_index()};
}

ErasureOrder FromStored(uint64_t number, const v1::StoredErasure& stored) {
  return {.number = number,
          .subject_id = stored.subject_id(),
          .subject = stored.subject(),
          .order = stored.order(),
          .operator_name = stored.operator_name(),
          .time = absl::FromUnixNanos(stored.time_unix_ns()),
          .leaf_index = stored.leaf_index(),
          .begun = stored.begun()};
}

template <typename Stored, typename Record>
absl::StatusOr<std::vector<Record>> List(const store::Database& database, store::Family family) {
  std::vector<Record> records;
  const auto cursor = database.NewCursor(family);
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    Stored stored;
    if (!stored.ParseFromArray(cursor->value().data(), static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError("a hold or an erasure order is damaged");
    }
    records.push_back(FromStored(core::ReadBigEndian<uint64_t>(cursor->key()), stored));
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return records;
}

}  // namespace

absl::StatusOr<uint64_t> KeeperRecords::NextNumber(store::Family family) const {
  const auto last = database_.Get(store::kDefaultFamily, NumberKey(family));
  if (absl::IsNotFound(last.status())) return 1;
  NDX_RETURN_IF_ERROR(last.status());
  return core::ReadBigEndian<uint64_t>(*last) + 1;
}

absl::Status KeeperRecords::Add(LegalHold& hold) {
  NDX_ASSIGN_OR_RETURN(hold.number, NextNumber(kHoldFamily));
  v1::StoredHold stored;
  stored.set_subject_id(hold.subject_id);
  stored.set_exchange_id(hold.exchange_id);
  stored.set_order(hold.order);
  stored.set_operator_name(hold.operator_name);
  stored.set_time_unix_ns(absl::ToUnixNanos(hold.time));
  stored.set_leaf_index(hold.leaf_index);
  store::Batch batch;
  batch.Put(kHoldFamily, core::BigEndian(hold.number), stored.SerializeAsString());
  batch.Put(store::kDefaultFamily, NumberKey(kHoldFamily), core::BigEndian(hold.number));
  return database_.WriteSynced(batch);
}

absl::Status KeeperRecords::Add(ErasureOrder& order) {
  NDX_ASSIGN_OR_RETURN(order.number, NextNumber(kErasureFamily));
  v1::StoredErasure stored;
  stored.set_subject_id(order.subject_id);
  *stored.mutable_subject() = order.subject;
  stored.set_order(order.order);
  stored.set_operator_name(order.operator_name);
  stored.set_time_unix_ns(absl::ToUnixNanos(order.time));
  stored.set_leaf_index(order.leaf_index);
  store::Batch batch;
  batch.Put(kErasureFamily, core::BigEndian(order.number), stored.SerializeAsString());
  batch.Put(store::kDefaultFamily, NumberKey(kErasureFamily), core::BigEndian(order.number));
  return database_.WriteSynced(batch);
}

absl::StatusOr<std::vector<LegalHold>> KeeperRecords::Holds() const {
  return List<v1::StoredHold, LegalHold>(database_, kHoldFamily);
}

absl::StatusOr<std::vector<ErasureOrder>> KeeperRecords::Orders() const {
  return List<v1::StoredErasure, ErasureOrder>(database_, kErasureFamily);
}

absl::StatusOr<ErasureOrder> KeeperRecords::Order(uint64_t number) const {
  NDX_ASSIGN_OR_RETURN(const auto orders, Orders());
  for (const ErasureOrder& order : orders) {
    if (order.number == number) return order;
  }
  return absl::NotFoundError(absl::StrCat("there is no erasure order ", number));
}

absl::StatusOr<uint64_t> KeeperRecords::Begin(uint64_t number, uint64_t serial) {
  NDX_ASSIGN_OR_RETURN(const std::string bytes,
                       database_.Get(kErasureFamily, core::BigEndian(number)));
  v1::StoredErasure stored;
  if (!stored.ParseFromString(bytes)) return absl::DataLossError("an erasure order is damaged");
  if (stored.begun()) return stored.serial();
  stored.set_begun(true);
  stored.set_serial(serial);
  store::Batch batch;
  batch.Put(kErasureFamily, core::BigEndian(number), stored.SerializeAsString());
  NDX_RETURN_IF_ERROR(database_.WriteSynced(batch));
  return serial;
}

absl::Status KeeperRecords::Remove(store::Family family, uint64_t number) {
  NDX_RETURN_IF_ERROR(database_.Get(family, core::BigEndian(number)).status());
  store::Batch batch;
  batch.Delete(family, core::BigEndian(number));
  return database_.WriteSynced(batch);
}

absl::Status KeeperRecords::RemoveHold(uint64_t number) { return Remove(kHoldFamily, number); }

absl::Status KeeperRecords::RemoveOrder(uint64_t number) { return Remove(kErasureFamily, number); }

}  // namespace ndx::journal
