#include "ndx/telemetry/log_event.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace ndx::telemetry {
namespace {

TEST_CASE("every event has an entry of its own, in the order of the enum") {
  std::set<std::string> names;
  size_t index = 0;
  for (const LogEventEntry& entry : LogEventCatalogue()) {
    INFO(std::string(entry.name));
    CHECK(static_cast<size_t>(entry.event) == index++);
    CHECK(names.insert(std::string(entry.name)).second);
    CHECK(entry.name.find('.') != absl::string_view::npos);
    CHECK_FALSE(entry.meaning.empty());
    CHECK(&EntryOf(entry.event) == &entry);
  }
  CHECK(index == static_cast<size_t>(LogEvent::kAdapterCallFailed) + 1);
}

}  // namespace
}  // namespace ndx::telemetry
