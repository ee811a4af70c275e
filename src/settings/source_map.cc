#include "ndx/settings/source_map.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace ndx::settings {

void SourceMap::Add(std::string merged_path, SourceLocation where) {
  places_.insert_or_assign(std::move(merged_path), std::move(where));
}

SourceLocation SourceMap::Find(absl::string_view merged_path) const {
  size_t end = merged_path.size();
  while (true) {
    const auto found = places_.find(std::string(merged_path.substr(0, end)));
    if (found != places_.end()) {
      SourceLocation where = found->second;
      absl::string_view rest = merged_path.substr(end);
      if (where.path.empty() && !rest.empty() && rest.front() == '.') rest.remove_prefix(1);
      absl::StrAppend(&where.path, rest);
      return where;
    }
    if (end == 0) return {.path = std::string(merged_path)};
    const size_t cut = merged_path.substr(0, end).find_last_of(".[");
    end = cut == absl::string_view::npos ? 0 : cut;
  }
}

}  // namespace ndx::settings
