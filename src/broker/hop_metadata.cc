#include "ndx/broker/hop_metadata.h"

#include <algorithm>

namespace ndx::broker {

namespace {

// What begins so is said by the node itself, or by a proxy about who stands before it.
constexpr absl::string_view kStaysPrefixes[] = {"ndx-", "x-forwarded-", "x-road-", "x-ssl-client-",
                                                "ssl-client-"};

constexpr absl::string_view kStays[] = {"traceparent", "proxy-authenticate", "proxy-authorization",
                                        "proxy-authentication-info", "trailer", "alt-svc",
                                        // Of proxies about their peers.
                                        "forwarded", "x-real-ip", "true-client-ip", "x-client-ip",
                                        "x-client-cert", "x-client-dn", "client-cert",
                                        "client-cert-chain"};

// Many servers hand headers on under names in which '-', '_' and '.' are the same.
char Folded(char c) { return c == '_' || c == '.' ? '-' : c; }

bool StartsWithFolded(absl::string_view key, absl::string_view prefix) {
  if (key.size() < prefix.size()) return false;
  return std::equal(prefix.begin(), prefix.end(), key.begin(),
                    [](char wanted, char c) { return Folded(c) == wanted; });
}

}  // namespace

bool CrossesNode(absl::string_view key) {
  if (transport::IsReservedKey(key)) return false;
  for (const absl::string_view prefix : kStaysPrefixes) {
    if (StartsWithFolded(key, prefix)) return false;
  }
  for (const absl::string_view stays : kStays) {
    if (key.size() == stays.size() && StartsWithFolded(key, stays)) return false;
  }
  return true;
}

transport::Metadata AcrossNode(const transport::Metadata& metadata) {
  transport::Metadata across;
  for (const transport::Metadata::Entry& entry : metadata.entries()) {
    if (CrossesNode(entry.key)) across.Add(entry.key, entry.value);
  }
  return across;
}

}  // namespace ndx::broker
