// Tells a search index of leaves, as the follower of a journal does.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "leaf_list.h"
#include "ndx/search/search_index.h"

namespace ndx::search {

// Leaves from `from` on, before `to`; subjects by leaf.
inline absl::Status Tell(SearchIndex& index, const LeafList& leaves, uint64_t from, uint64_t to,
                         const std::map<uint64_t, std::string>& subjects = {}) {
  std::vector<journal::FollowedLeaf> told;
  for (uint64_t i = from; i < to; ++i) {
    told.push_back({.leaf = *leaves.Leaf(i)});
    const auto subject = subjects.find(i);
    if (subject == subjects.end()) continue;
    told.back().subjects.emplace_back().set_hmac(subject->second);
    told.back().subjects.emplace_back().set_hmac(std::string(16, 'x'));
  }
  return index.Observe(told);
}

// What it does not know yet, so many leaves a write.
inline void TellAll(SearchIndex& index, const LeafList& leaves, uint64_t batch_leaves) {
  while (index.NextLeaf() < leaves.size()) {
    const uint64_t from = index.NextLeaf();
    REQUIRE(Tell(index, leaves, from, std::min(leaves.size(), from + batch_leaves)).ok());
  }
}

}  // namespace ndx::search
