#include "ndx/journal/leaf_line.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/merkle.h"
#include "strict_text.h"

namespace ndx::journal {
namespace {

namespace util = google::protobuf::util;

// JSON numbers are exact up to here; no journal is longer.
constexpr double kIndexMax = 9007199254740992.0;

std::string TextOf(const google::protobuf::Struct& object, const std::string& field) {
  const auto found = object.fields().find(field);
  return found == object.fields().end() ? std::string() : found->second.string_value();
}

}  // namespace

absl::StatusOr<std::string> FormatLeafLine(uint64_t index, absl::string_view leaf) {
  NDX_ASSIGN_OR_RETURN(const v1::JournalLeaf record, DecodeLeaf(leaf));
  util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto printed = util::MessageToJsonString(record, &json, options);
  if (!printed.ok()) return absl::DataLossError("a leaf cannot be written as JSON");
  return absl::StrCat("{\"index\":", index, ",\"leaf_hash\":\"",
                      absl::BytesToHexString(crypto::AsBytes(LeafHash(leaf))), "\",\"leaf\":\"",
                      absl::Base64Escape(leaf), "\",\"record\":", json, "}");
}

absl::StatusOr<LeafLine> ParseLeafLine(absl::string_view line) {
  const absl::Status malformed = absl::InvalidArgumentError("not a leaf as a line of JSON");
  google::protobuf::Struct object;
  if (!util::JsonStringToMessage(std::string(line), &object).ok()) return malformed;
  const auto index = object.fields().find("index");
  const auto record = object.fields().find("record");
  if (index == object.fields().end() || record == object.fields().end()) return malformed;
  const double number = index->second.number_value();
  if (!(number >= 0) || number >= kIndexMax) return malformed;
  LeafLine out{.index = static_cast<uint64_t>(number)};
  if (static_cast<double>(out.index) != number) return malformed;
  NDX_ASSIGN_OR_RETURN(out.bytes, DecodeBase64(TextOf(object, "leaf")));
  NDX_ASSIGN_OR_RETURN(out.leaf, DecodeLeaf(out.bytes));
  const std::string hash = absl::BytesToHexString(crypto::AsBytes(LeafHash(out.bytes)));
  if (TextOf(object, "leaf_hash") != hash) {
    return absl::DataLossError("leaf_hash is not the hash of the leaf");
  }
  std::string json;
  v1::JournalLeaf said;
  if (!util::MessageToJsonString(record->second, &json).ok() ||
      !util::JsonStringToMessage(json, &said).ok() ||
      !util::MessageDifferencer::Equals(said, out.leaf)) {
    return absl::DataLossError("record does not say what the leaf says");
  }
  return out;
}

}  // namespace ndx::journal
