#include "ndx/broker/capacity.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>
#include <vector>

namespace ndx::broker {
namespace {

constexpr int64_t kMillis = 1'000'000;

TEST_CASE("fair level: small demands are met, the rest is divided by shares") {
  CHECK(std::isinf(FairLevel({{1, 10}, {1, 20}}, 30)));
  CHECK(FairLevel({{1, 10}, {1, 100}}, 30) == Approx(20));
  CHECK(FairLevel({{1, 100}, {1, 100}}, 30) == Approx(15));
  CHECK(FairLevel({{2, 100}, {1, 100}}, 30) == Approx(10));  // 20 and 10
  CHECK(FairLevel({{1, 1}, {1, 100}, {3, 100}}, 41) == Approx(10));
  CHECK(FairLevel({{1, 5}}, 0) == 0);
  CHECK(std::isinf(FairLevel({}, 0)));
}

// A node that finishes `pace` exchanges a window, each recorded after `took`; consumers that ask so
// many times a window.
struct Node {
  std::vector<bool> changes;
  Capacity capacity{{.record_time_target = absl::Milliseconds(100)},
                    [this](bool limited) { changes.push_back(limited); }};
  int64_t now = 1'000'000 * kMillis;
  int64_t took = 10 * kMillis;
  int64_t waited = 0;  // by each call at the door
  uint32_t pace = 100;
  uint32_t share_of_big = 1;

  struct Figures {
    int let_in = 0;
    int refused = 0;
    absl::Duration hint;
  };

  // One window; asked: "consumer/service" → times.
  std::map<std::string, Figures> Window(const std::map<std::string, int>& asked) {
    std::map<std::string, Figures> out;
    int most = 0;
    for (const auto& [who, times] : asked) most = std::max(most, times);
    for (int i = 0; i < most; ++i) {
      for (const auto& [who, times] : asked) {
        if (i >= times) continue;
        capacity.Arrived(waited, now);
        const std::string consumer = who.substr(0, who.find('/'));
        const std::string service = who.substr(who.find('/') + 1);
        const auto refused = capacity.Take({.consumer = consumer,
                                            .consumer_share = consumer == "big" ? share_of_big : 1,
                                            .service = service},
                                           now);
        Figures& figures = out[who];
        ++(refused.has_value() ? figures.refused : figures.let_in);
        if (refused.has_value()) figures.hint = *refused;
      }
    }
    for (uint32_t i = 0; i < pace; ++i) capacity.Recorded(took, now);
    now += 100 * kMillis;
    return out;
  }

  void Windows(int count, const std::map<std::string, int>& asked) {
    for (int i = 0; i < count; ++i) Window(asked);
  }

  // Until the limit stands and the demand is known.
  void Overload(const std::map<std::string, int>& asked) {
    took = 110 * kMillis;
    for (int i = 0; i < 5 && !capacity.limit().has_value(); ++i) Window(asked);
    REQUIRE(capacity.limit().has_value());
    took = 10 * kMillis;
    Window(asked);
  }
};

TEST_CASE("a node that keeps up refuses nobody, however many there are") {
  Node node;
  for (int i = 0; i < 20; ++i) CHECK(node.Window({{"a/s", 5000}})["a/s"].refused == 0);
  CHECK_FALSE(node.capacity.limit().has_value());
}

TEST_CASE(
    "three slow windows in a row are overload, one or two are not; nor are very few exchanges") {
  Node node;
  node.Window({});
  for (int slow = 1; slow <= 2; ++slow) {
    node.took = 500 * kMillis;
    for (int i = 0; i < slow; ++i) node.Window({{"a/s", 100}});
    node.took = 10 * kMillis;
    node.Window({{"a/s", 100}});
    node.Window({{"a/s", 100}});
    CHECK_FALSE(node.capacity.limit().has_value());
  }
  node.took = 500 * kMillis;
  node.pace = 4;
  for (int i = 0; i < 5; ++i) node.Window({{"a/s", 100}});
  CHECK_FALSE(node.capacity.limit().has_value());
  node.pace = 100;
  for (int i = 0; i < 4; ++i) node.Window({{"a/s", 100}});
  CHECK(node.capacity.limit().has_value());
}

TEST_CASE("overloaded, the node takes on what it finishes, and less the slower it is") {
  Node node;
  node.Overload({{"a/s", 300}});
  // A little less than the 1,000 a second that it finishes, so that the backlog goes.
  CHECK(*node.capacity.limit() == Approx(1000.0 * 100 / 110));
  const auto asked = node.Window({{"a/s", 300}})["a/s"];
  CHECK(asked.let_in > 85);
  CHECK(asked.let_in < 95);
  CHECK(asked.refused > 0);
  CHECK(asked.hint >= absl::Milliseconds(200));
  node.took = 400 * kMillis;
  node.Windows(12, {{"a/s", 300}});
  CHECK(*node.capacity.limit() == Approx(800));
}

TEST_CASE("hints come in few different steps, and grow with what is asked beyond the capacity") {
  Node node;
  node.Overload({{"a/s", 300}});
  std::set<absl::Duration> hints;
  for (const int asked : {300, 1000, 3000, 30000}) {
    node.Window({{"a/s", asked}});
    hints.insert(node.Window({{"a/s", asked}})["a/s"].hint);
  }
  CHECK(hints.size() >= 3);
  CHECK(*hints.rbegin() == absl::Seconds(5));
  for (const absl::Duration hint : hints)
    CHECK(hint % absl::Milliseconds(200) == absl::ZeroDuration());
}

TEST_CASE("calls that wait at the door are overload too, however fast records are") {
  Node node;
  node.waited = 12 * kMillis;
  node.Windows(10, {{"a/s", 300}});
  CHECK_FALSE(node.capacity.limit().has_value());
  node.waited = 13 * kMillis;
  node.Windows(4, {{"a/s", 300}});
  CHECK(node.capacity.limit().has_value());
  CHECK(node.changes == std::vector<bool>{true});
  node.waited = 0;
  node.Windows(12, {{"a/s", 1}});
  CHECK(node.changes == std::vector<bool>{true, false});
}

TEST_CASE("one slow synced write of an overloaded node changes nothing") {
  Node node;
  node.Overload({{"a/s", 300}});
  node.Windows(6, {{"a/s", 300}});
  const double before = *node.capacity.limit();
  node.took = 400 * kMillis;
  node.Windows(3, {{"a/s", 300}});
  node.took = 10 * kMillis;
  node.Window({{"a/s", 300}});
  CHECK(*node.capacity.limit() >= before);
}

TEST_CASE("who was quiet gets no more at once than there is") {
  Node node;
  node.Overload({{"a/s", 300}, {"quiet/s", 1}});
  node.Windows(3, {{"a/s", 10}, {"quiet/s", 1}});
  const auto window = node.Window({{"quiet/s", 3000}});
  CHECK(window.at("quiet/s").let_in <= 2 * *node.capacity.limit() / 10);
}

TEST_CASE("once limited the node aims at a quarter of the target") {
  Node node;
  node.Overload({{"a/s", 300}});
  const double before = *node.capacity.limit();
  node.took = 24 * kMillis;
  node.Windows(10, {{"a/s", 300}});
  CHECK(*node.capacity.limit() > 1.05 * before);
  node.took = 27 * kMillis;
  node.Windows(12, {{"a/s", 300}});
  CHECK(*node.capacity.limit() == Approx(1000.0 * 25 / 27));
}

TEST_CASE("however slow it is, a quarter of the most that it finished goes on") {
  Node node;
  node.Overload({{"a/s", 300}});
  node.took = 5000 * kMillis;
  for (const uint32_t pace : {60u, 30u, 10u, 6u}) {
    node.pace = pace;  // it is busy with refusing
    node.Windows(20, {{"a/s", 3000}});
  }
  CHECK(*node.capacity.limit() == Approx(250).epsilon(0.1));
}

TEST_CASE(
    "the limit rises while all is well, and goes once nobody had to be refused for a second") {
  Node node;
  node.Overload({{"a/s", 300}});
  const double before = *node.capacity.limit();
  node.Windows(20, {{"a/s", 300}});
  CHECK(*node.capacity.limit() > 1.2 * before);
  for (int i = 0; i < 12; ++i) node.Window({{"a/s", 1}});
  CHECK_FALSE(node.capacity.limit().has_value());
}

TEST_CASE("a flood does not starve the others: who asks for little gets it, the rest by shares") {
  Node node;
  const std::map<std::string, int> asked = {{"flood/s", 500}, {"big/s", 500}, {"one/s", 1}};
  SECTION("equal shares") {
    node.Overload(asked);
    int flood = 0;
    int big = 0;
    for (int i = 0; i < 10; ++i) {
      auto window = node.Window(asked);
      CHECK(window["one/s"].refused == 0);
      flood += window["flood/s"].let_in;
      big += window["big/s"].let_in;
    }
    CHECK(flood == Approx(big).epsilon(0.05));
  }
  SECTION("three to one") {
    node.share_of_big = 3;
    node.Overload(asked);
    int flood = 0;
    int big = 0;
    for (int i = 0; i < 10; ++i) {
      auto window = node.Window(asked);
      flood += window["flood/s"].let_in;
      big += window["big/s"].let_in;
    }
    CHECK(big == Approx(3 * flood).epsilon(0.05));
  }
}

TEST_CASE("of one consumer's part each service has its own, so that one does not take all") {
  Node node;
  const std::map<std::string, int> asked = {{"a/flood", 500}, {"a/rare", 3}, {"b/s", 500}};
  node.Overload(asked);
  int flood = 0;
  int of_b = 0;
  for (int i = 0; i < 10; ++i) {
    auto window = node.Window(asked);
    CHECK(window["a/rare"].refused == 0);
    flood += window["a/flood"].let_in + window["a/rare"].let_in;
    of_b += window["b/s"].let_in;
  }
  CHECK(flood == Approx(of_b).epsilon(0.05));
}

TEST_CASE("very many consumers that ask seldom each get their turn") {
  Node node;
  std::map<std::string, int> asked = {{"flood/s", 500}};
  for (int i = 0; i < 300; ++i) asked["c" + std::to_string(i) + "/s"] = 1;
  node.Overload(asked);
  std::map<std::string, int> let_in;
  for (int i = 0; i < 10; ++i) {
    for (const auto& [who, figures] : node.Window(asked)) let_in[who] += figures.let_in;
  }
  for (const auto& [who, times] : let_in) CHECK(times > 0);
  CHECK(let_in["flood/s"] < 20);
}

}  // namespace
}  // namespace ndx::broker
