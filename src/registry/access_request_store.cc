#include "ndx/registry/access_request_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "ledger_families.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/access_request.h"

namespace ndx::registry {
namespace {

constexpr char kLastRequestKey[] = "last_access_request";
constexpr char kOpen = 'o';
constexpr char kClosed = 'c';

std::string Key(char place, uint64_t number) {
  return absl::StrCat(std::string(1, place), core::BigEndian(number));
}

absl::StatusOr<v1::AccessRequest> ParseRequest(absl::string_view bytes) {
  v1::AccessRequest request;
  if (request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) &&
      !request.steps().empty() && request.steps(0).has_grant()) {
    return request;
  }
  return absl::DataLossError("an access request of the registry's directory is unreadable");
}

}  // namespace

absl::StatusOr<uint64_t> AccessRequestStore::NextNumber() const {
  const auto last = database_.Get(store::kDefaultFamily, kLastRequestKey);
  if (absl::IsNotFound(last.status())) return 1;
  NDX_RETURN_IF_ERROR(last.status());
  if (last->size() != sizeof(uint64_t)) {
    return absl::DataLossError("the number of the last access request is unreadable");
  }
  return core::ReadBigEndian<uint64_t>(*last) + 1;
}

void AccessRequestStore::PutInto(const v1::AccessRequest& request, store::Batch& batch) {
  const bool open = IsOpen(request);
  batch.Put(kAccessRequestFamily, Key(open ? kOpen : kClosed, request.number()),
            request.SerializeAsString());
  if (!open) batch.Delete(kAccessRequestFamily, Key(kOpen, request.number()));
}

absl::Status AccessRequestStore::Put(const v1::AccessRequest& request) {
  NDX_ASSIGN_OR_RETURN(const uint64_t next, NextNumber());
  store::Batch batch;
  PutInto(request, batch);
  if (request.number() >= next) {
    batch.Put(store::kDefaultFamily, kLastRequestKey, core::BigEndian(request.number()));
  }
  return database_.WriteSynced(batch);
}

absl::StatusOr<v1::AccessRequest> AccessRequestStore::Find(uint64_t number) const {
  for (const char place : {kOpen, kClosed}) {
    const auto bytes = database_.Get(kAccessRequestFamily, Key(place, number));
    if (bytes.ok()) return ParseRequest(*bytes);
    if (!absl::IsNotFound(bytes.status())) return bytes.status();
  }
  return absl::NotFoundError(absl::StrCat("there is no access request ", number));
}

absl::StatusOr<std::vector<v1::AccessRequest>> AccessRequestStore::Open() const {
  std::vector<v1::AccessRequest> requests;
  const auto cursor = database_.NewCursor(kAccessRequestFamily);
  for (cursor->Seek(Key(kOpen, 0)); cursor->Valid() && cursor->key()[0] == kOpen; cursor->Next()) {
    NDX_ASSIGN_OR_RETURN(requests.emplace_back(), ParseRequest(cursor->value()));
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return requests;
}

absl::StatusOr<std::vector<v1::AccessRequest>> AccessRequestStore::Closed(uint64_t before,
                                                                          size_t count) const {
  std::vector<v1::AccessRequest> requests;
  if (before == 0) return requests;
  const auto cursor = database_.NewCursor(kAccessRequestFamily);
  for (cursor->SeekForPrev(Key(kClosed, before - 1));
       cursor->Valid() && cursor->key()[0] == kClosed && requests.size() < count; cursor->Prev()) {
    NDX_ASSIGN_OR_RETURN(requests.emplace_back(), ParseRequest(cursor->value()));
  }
  NDX_RETURN_IF_ERROR(cursor->status());
  return requests;
}

}  // namespace ndx::registry
