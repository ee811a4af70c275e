#include "ndx/dispatch/waiting_line.h"

#include <catch2/catch.hpp>
#include <vector>

namespace ndx::dispatch {
namespace {

using Verdict = WaitingLine::Verdict;

constexpr int64_t kMillis = 1'000'000;
constexpr int64_t kFar = 3600'000 * kMillis;  // a deadline

// A line whose calls last as long as the test says, and what everyone was told, in order.
struct Scene {
  explicit Scene(const WaitingLineOptions& options) : line(options) {}

  WaitingLine::Answer Ask(const std::string& consumer, const std::string& name, uint32_t share = 1,
                          int64_t deadline = kFar) {
    return line.Enter({.consumer = consumer, .share = share, .deadline_nanos = deadline}, now,
                      [&]() -> WaitingLine::Told {
                        return [this, name](Verdict verdict) { told.emplace_back(name, verdict); };
                      });
  }
  // A call of this consumer ends that began so long ago.
  void End(const std::string& consumer, int64_t took = 100 * kMillis) {
    line.Leave(consumer, now - took, now);
  }
  std::string Names() const {
    std::string names;
    for (const auto& [name, verdict] : told) names += name;
    return names;
  }

  WaitingLine line;
  int64_t now = 1000 * kMillis;
  std::vector<std::pair<std::string, Verdict>> told;
};

TEST_CASE("a provider takes its limit of calls and not one more; who waits is served in turn") {
  Scene s({.places = 2});
  CHECK(s.Ask("a", "1").verdict == Verdict::kPlace);
  CHECK(s.line.TryEnter({.consumer = "a"}));
  CHECK_FALSE(s.line.TryEnter({.consumer = "a"}));
  CHECK(s.Ask("a", "3").verdict == Verdict::kWaits);
  CHECK(s.Ask("a", "4").verdict == Verdict::kWaits);
  CHECK(s.line.calls() == 2);
  CHECK(s.line.waiting() == 2);
  CHECK(s.told.empty());
  s.End("a");
  REQUIRE(s.Names() == "3");
  CHECK(s.told[0].second == Verdict::kPlace);
  s.End("a");
  CHECK(s.Names() == "34");
  s.End("a");
  s.End("a");
  CHECK(s.line.calls() == 0);
  CHECK(s.Ask("a", "5").verdict == Verdict::kPlace);
}

TEST_CASE("who comes does not overtake who waits") {
  Scene s({.places = 1});
  s.Ask("a", "1");
  s.Ask("a", "2");
  s.End("a");  // 2 has the place
  s.Ask("a", "3");
  CHECK_FALSE(s.line.TryEnter({.consumer = "b"}));
}

TEST_CASE("one look-up is not behind another consumer's flood") {
  Scene s({.places = 1});
  s.Ask("flood", "0");
  for (int i = 0; i < 50; ++i) REQUIRE(s.Ask("flood", "f").verdict == Verdict::kWaits);
  REQUIRE(s.Ask("other", "o").verdict == Verdict::kWaits);
  s.End("flood");
  CHECK(s.Names() == "o");
  s.End("other");
  CHECK(s.Names() == "of");
}

TEST_CASE("places go by shares: among many places, and over time where there is one") {
  const uint32_t places = GENERATE(1u, 9u);
  Scene s({.places = places, .waiting_max = 10'000, .wait_max = absl::Hours(1)});
  for (uint32_t i = 0; i < places; ++i) s.Ask("first", "x");
  for (int i = 0; i < 1000; ++i) {
    s.Ask("large", "L", 2);
    s.Ask("small", "s", 1);
  }
  for (uint32_t i = 0; i < places; ++i) s.End("first");
  std::vector<std::string> running;
  size_t seen = 0;
  int large = 0;
  for (int i = 0; i < 600; ++i) {
    for (; seen < s.told.size(); ++seen) running.push_back(s.told[seen].first);
    REQUIRE_FALSE(running.empty());
    const std::string ended = running.front();
    running.erase(running.begin());
    large += ended == "L" ? 1 : 0;
    s.now += kMillis;
    s.End(ended == "L" ? "large" : "small");
  }
  CHECK(large > 390);
  CHECK(large < 410);
}

TEST_CASE("who would wait longer than half of the longest wait is refused at once, with a hint") {
  Scene s({.places = 1, .wait_max = absl::Seconds(1)});
  s.Ask("a", "0");
  s.End("a", 100 * kMillis);  // so long do calls take
  s.Ask("a", "0");
  for (int i = 1; i <= 5; ++i) REQUIRE(s.Ask("a", "w").verdict == Verdict::kWaits);
  const auto refused = s.Ask("a", "w");
  CHECK(refused.verdict == Verdict::kFull);
  CHECK(refused.retry_after == absl::Milliseconds(600));
  // Another consumer's turn comes sooner: one of two that wait.
  CHECK(s.Ask("b", "w").verdict == Verdict::kWaits);
  // One whose deadline comes before its turn would.
  Scene t({.places = 1});
  t.Ask("a", "0");
  t.End("a", 100 * kMillis);
  t.Ask("a", "0");
  CHECK(t.Ask("a", "w", 1, t.now + 100 * kMillis).verdict == Verdict::kFull);
  CHECK(t.Ask("a", "w", 1, t.now + 101 * kMillis).verdict == Verdict::kWaits);
}

TEST_CASE("in a full line the oldest of who has most waiting gives way to who has fewer") {
  Scene s({.places = 1, .waiting_max = 3});
  s.Ask("a", "0");
  for (const char* name : {"1", "2", "3"}) s.Ask("a", name);
  CHECK(s.Ask("a", "4").verdict == Verdict::kFull);
  CHECK(s.told.empty());
  CHECK(s.Ask("b", "5").verdict == Verdict::kWaits);
  REQUIRE(s.Names() == "1");
  CHECK(s.told[0].second == Verdict::kPushedOut);
  CHECK(s.line.waiting() == 3);
  // Two to one: nobody is better off with one each the other way round.
  CHECK(s.Ask("b", "6").verdict == Verdict::kFull);
  Scene none({.places = 1, .waiting_max = 0});
  none.Ask("a", "0");
  CHECK(none.Ask("b", "1").verdict == Verdict::kFull);
}

TEST_CASE("under pressure the newest is served first") {
  Scene s({.places = 1, .wait_max = absl::Seconds(1)});
  s.Ask("a", "0");
  s.Ask("a", "1");
  s.now += 500 * kMillis;
  s.Ask("a", "2");
  s.now += 250 * kMillis;
  s.Ask("a", "3");
  s.End("a");
  CHECK(s.Names() == "1");  // waited for 750 ms, not over
  s.now += 501 * kMillis;   // 2 for 751 ms
  s.End("a");
  CHECK(s.Names() == "13");
}

TEST_CASE("what could not be answered before its deadline is dropped when its turn comes") {
  Scene s({.places = 1});
  s.Ask("a", "0");
  s.Ask("a", "1", 1, s.now + 300 * kMillis);
  s.Ask("a", "2", 1, s.now + 301 * kMillis);
  s.now += 200 * kMillis;
  s.End("a", 100 * kMillis);  // the quickest call took so long
  REQUIRE(s.Names() == "12");
  CHECK(s.told[0].second == Verdict::kTooLate);
  CHECK(s.told[1].second == Verdict::kPlace);
}

TEST_CASE("who withdraws is told nothing; who was told cannot withdraw") {
  Scene s({.places = 1});
  s.Ask("a", "0");
  const auto first = s.Ask("a", "1");
  const auto second = s.Ask("b", "2");
  CHECK(s.line.Withdraw(first.ticket));
  CHECK_FALSE(s.line.Withdraw(first.ticket));
  s.End("a");
  CHECK(s.Names() == "2");
  CHECK_FALSE(s.line.Withdraw(second.ticket));
  CHECK(s.line.waiting() == 0);
}

}  // namespace
}  // namespace ndx::dispatch
