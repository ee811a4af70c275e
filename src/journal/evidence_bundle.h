// An evidence bundle (hồ sơ chứng cứ): chosen exchanges of a journal with everything by which a
// stranger can check them. The layout stands in README.md.
//
// Thread-safety: thread-compatible; blocks on the disk. Errors: as BundleWriter.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/journal/bundle_files.h"
#include "ndx/journal/v1/evidence_manifest.pb.h"

namespace ndx::journal {

inline constexpr char kBundleManifest[] = "manifest.json";
inline constexpr char kBundleCheckpoint[] = "checkpoint";
inline constexpr char kBundleVkey[] = "vkey";
inline constexpr char kBundleLeaves[] = "leaves.ndjson";
inline constexpr char kBundleDescriptors[] = "descriptors.binpb";
inline constexpr uint32_t kBundleFormatVersion = 1;

// receipts/<index>.tlog-proof
std::string BundleReceiptName(uint64_t index);
// payloads/<index>.request, payloads/<index>.response, by the newest leaf of the exchange.
std::string BundlePayloadName(uint64_t index, bool request);
// payloads/<index>.signature, likewise.
std::string BundleSignatureName(uint64_t index);

// Messages one after another, each behind its length as u32 big-endian.
std::string FrameMessages(const std::vector<std::string>& messages);
// kDataLoss if the frames are not whole.
absl::StatusOr<std::vector<std::string>> UnframeMessages(absl::string_view frames);

// JSON over several lines, names as in the .proto.
std::string FormatManifest(const v1::EvidenceManifest& manifest);
absl::StatusOr<v1::EvidenceManifest> ParseManifest(const std::string& json);

class EvidenceWriter {
 public:
  static absl::StatusOr<EvidenceWriter> Create(const std::string& path);

  struct Leaf {
    uint64_t index = 0;
    std::string bytes;
    std::string receipt;
  };
  struct Exchange {
    std::string exchange_id;
    std::string consumer;
    std::vector<Leaf> leaves;           // ascending
    std::vector<std::string> request;   // written where not empty
    std::vector<std::string> response;  // likewise
    std::string consumer_signature;     // likewise
    std::string unreadable;
    uint64_t read_leaf_plus_one = 0;
  };
  // kAlreadyExists for a leaf that is in the bundle already.
  absl::Status Add(const Exchange& exchange);
  // One file more, which the manifest will name.
  absl::Status AddFile(const std::string& name, absl::string_view bytes);

  struct Head {
    std::string checkpoint;
    std::string vkey;
    std::string descriptors;  // serialized FileDescriptorSet; empty for none
    std::string origin;
    uint64_t tree_size = 0;
    std::string made;       // RFC 3339
    std::string selection;  // how the exchanges were chosen
  };
  // Writes the rest and the manifest; returns the manifest's SHA-256 in hexadecimal.
  absl::StatusOr<std::string> Finish(const Head& head);

 private:
  explicit EvidenceWriter(BundleWriter files) : files_(std::move(files)) {}

  BundleWriter files_;
  v1::EvidenceManifest manifest_;
  std::string leaves_;
  std::set<std::string> names_;
};

}  // namespace ndx::journal
