// Every fixed limit of the node, by name. A limit that an operator may change is a setting whose
// default stands here. Each is tested at the limit and one past it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ndx::core {

// A message in either direction: default, and the most that a method may ask for
// (MethodRules.message_bytes_max).
inline constexpr size_t kMessageBytesDefault = size_t{4} << 20;
inline constexpr size_t kMessageBytesMax = size_t{64} << 20;

// Request metadata as received, names and values with 32 bytes of overhead each (RFC 9113
// section 10.5.1).
inline constexpr size_t kHeaderListBytesMax = size_t{16} << 10;
inline constexpr size_t kHeaderCountMax = 100;

// Values of the metadata that NDX reads. They end in leaves, whose size they bound.
inline constexpr size_t kPurposeBytesMax = 64;
inline constexpr size_t kProcedureBytesMax = 64;
inline constexpr size_t kDossierBytesMax = 128;
inline constexpr size_t kOfficerBytesMax = 64;
inline constexpr size_t kMethodBytesMax = 200;
inline constexpr size_t kTraceparentBytesMax = 55;

// A leaf of the journal as stored.
inline constexpr size_t kLeafBytesMax = 4096;

// All response trailers together; a receipt that does not fit is fetched with GetReceipt.
inline constexpr size_t kTrailerBytesMax = 6 << 10;

// The same towards another node, whose connections take kHeaderListBytesMax.
inline constexpr size_t kPeerTrailerBytesMax = 14 << 10;
static_assert(kPeerTrailerBytesMax < kHeaderListBytesMax);

// Relays an exchange may cross.
inline constexpr size_t kRelayHopsMax = 4;

}  // namespace ndx::core
