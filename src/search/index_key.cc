#include "index_key.h"

#include <bit>

#include "absl/strings/str_format.h"
#include "ndx/core/big_endian.h"

namespace ndx::search {
namespace {

constexpr char kMetaByte = '\0';
constexpr uint32_t kBucketBits = 2;

std::string MetaKey(char kind) { return {kMetaByte, kind}; }

void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(0x80 | (value & 0x7F)));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

bool TakeVarint(absl::string_view* bytes, uint64_t* value) {
  *value = 0;
  for (uint32_t shift = 0; shift < 64 && !bytes->empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes->front());
    bytes->remove_prefix(1);
    *value |= uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

}  // namespace

std::string PostingPrefix(IndexField field, uint32_t number) {
  std::string key(1, static_cast<char>(field));
  core::AppendBigEndian(number, &key);
  return key;
}

std::string PostingPrefix(IndexField field, absl::string_view keyed_value) {
  std::string key(1, static_cast<char>(field));
  key.append(keyed_value.data(), keyed_value.size());
  return key;
}

std::string PostingKey(absl::string_view prefix, uint64_t first) {
  std::string key(prefix);
  core::AppendBigEndian(first, &key);
  return key;
}

std::string EncodeGaps(const std::vector<uint64_t>& leaves, size_t begin, size_t end) {
  std::string gaps;
  for (size_t i = begin + 1; i < end; ++i) AppendVarint(leaves[i] - leaves[i - 1], &gaps);
  return gaps;
}

bool DecodeLeaves(uint64_t first, absl::string_view gaps, std::vector<uint64_t>* leaves) {
  leaves->assign(1, first);
  uint64_t gap = 0;
  while (!gaps.empty()) {
    if (!TakeVarint(&gaps, &gap) || gap == 0) return false;
    leaves->push_back(leaves->back() + gap);
  }
  return true;
}

std::string MarkKey() { return MetaKey('W'); }
std::string LayoutKey() { return MetaKey('L'); }
std::string ValuePrefix() { return MetaKey('V'); }
std::string BlockPrefix() { return MetaKey('T'); }

std::string ValueKey(IndexField field, absl::string_view text) {
  std::string key = ValuePrefix();
  key.push_back(static_cast<char>(field));
  key.append(text.data(), text.size());
  return key;
}

std::string BlockKey(uint64_t block) { return PostingKey(BlockPrefix(), block); }

uint32_t BucketOf(uint64_t number) {
  constexpr uint32_t kPlain = 1U << (kBucketBits + 1);
  if (number < kPlain) return static_cast<uint32_t>(number);
  const auto octave = static_cast<uint32_t>(std::bit_width(number)) - 1;
  const auto quarter = static_cast<uint32_t>(number >> (octave - kBucketBits)) & 3U;
  return kPlain + ((octave - kBucketBits - 1) << kBucketBits) + quarter;
}

const std::string& BucketText(uint32_t bucket) {
  static const auto* const kTexts = [] {
    auto* texts = new std::vector<std::string>;
    for (uint32_t i = 0; i < kBuckets; ++i) texts->push_back(absl::StrFormat("%03d", i));
    return texts;
  }();
  return kTexts->at(bucket);
}

}  // namespace ndx::search
