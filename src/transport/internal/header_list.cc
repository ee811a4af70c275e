#include "internal/header_list.h"

#include <utility>

#include "ndx/transport/base64.h"
#include "ndx/transport/percent_encoding.h"

namespace ndx::transport {
namespace {

uint8_t* ToBytes(absl::string_view text) {
  return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

void HeaderList::Add(absl::string_view name, absl::string_view value) {
  const uint8_t flags = IsNeverIndexed(name) ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
  entries_.push_back({ToBytes(name), ToBytes(value), name.size(), value.size(), flags});
}

void HeaderList::AddOwned(absl::string_view name, std::string value) {
  owned_.push_front(std::move(value));
  Add(name, owned_.front());
}

void HeaderList::AddMetadata(const Metadata& metadata) {
  for (const Metadata::Entry& entry : metadata.entries()) {
    if (IsReservedKey(entry.key)) continue;
    if (IsBinaryKey(entry.key)) {
      AddOwned(entry.key, EncodeBase64(entry.value));
    } else {
      Add(entry.key, entry.value);
    }
  }
}

void HeaderList::AddStatus(const GrpcStatus& status) {
  if (status.ok()) {
    Add("grpc-status", "0");
  } else {
    AddOwned("grpc-status", std::to_string(status.code));
  }
  if (!status.message.empty()) AddOwned("grpc-message", PercentEncode(status.message));
  if (!status.details_bin.empty()) {
    AddOwned("grpc-status-details-bin", EncodeBase64(status.details_bin));
  }
}

}  // namespace ndx::transport
