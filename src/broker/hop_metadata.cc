#include "ndx/broker/hop_metadata.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"

namespace ndx::broker {

bool CrossesNode(absl::string_view key) {
  constexpr absl::string_view kStays[] = {"traceparent",
                                          "proxy-authenticate",
                                          "proxy-authorization",
                                          "proxy-authentication-info",
                                          "trailer",
                                          "alt-svc"};
  if (absl::StartsWith(key, "ndx-") || transport::IsReservedKey(key)) return false;
  return std::find(std::begin(kStays), std::end(kStays), key) == std::end(kStays);
}

transport::Metadata AcrossNode(const transport::Metadata& metadata) {
  transport::Metadata across;
  for (const transport::Metadata::Entry& entry : metadata.entries()) {
    if (CrossesNode(entry.key)) across.Add(entry.key, entry.value);
  }
  return across;
}

}  // namespace ndx::broker
