// Random answers minimised by the compiled plan and by protobuf's reflection, as many as asked for:
// the two must agree in every one.
//
//   ndx-minimise-oracle CASES [SEED]
//
// Exit code 0 when they did, 1 for a difference (printed, with the seed that makes it again), 2 for
// wrong use. A quarter of the answers are damaged. Of those the minimiser may refuse a few that
// protobuf's parser lets pass (tags over 32 bits), and take some that protobuf refuses because of
// something broken that is not delivered: then what is left is looked at alone.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/stubs/logging.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/population/v1/population_service.pb.h"
#include "ndx/tests/support/proto_source.h"
#include "ndx/tests/support/random_answer.h"
#include "ndx/tests/support/random_message.h"
#include "ndx/tests/support/reflective_minimiser.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::tests {
namespace {

using google::protobuf::Message;
using registry::FieldPlan;

constexpr uint64_t kSeed = 20'260'131;
constexpr int kDepth = 4;
constexpr int kPathDepth = 2;
constexpr uint64_t kCasesEachPlan = 50;
// Of the damaged ones, at most one in so many may be refused by the minimiser alone.
constexpr uint64_t kStricterOneIn = 50;

// Every kind of field there is.
constexpr const char* kEverything = R"(
    syntax = "proto3";
    package oracle.v1;
    enum Kind { KIND_UNSPECIFIED = 0; KIND_ONE = 1; KIND_FAR = 70000; }
    message Leaf { string text = 1; int32 number = 2; bytes raw = 3; }
    message Everything {
      double a_double = 1; float a_float = 2; int32 an_int32 = 3; int64 an_int64 = 4;
      uint32 a_uint32 = 5; uint64 a_uint64 = 6; sint32 a_sint32 = 7; sint64 a_sint64 = 8;
      fixed32 a_fixed32 = 9; fixed64 a_fixed64 = 10; sfixed32 a_sfixed32 = 11; sfixed64 a_sfixed64 = 12;
      bool a_bool = 13; string a_string = 14; bytes a_bytes = 15; Kind a_kind = 16;
      Leaf leaf = 17; Everything inner = 18;
      optional int32 maybe_number = 20; optional string maybe_text = 21;
      repeated int32 numbers = 22; repeated int64 loose = 23 [packed = false]; repeated double doubles = 24;
      repeated fixed32 fixed = 25; repeated bool flags = 26; repeated Kind kinds = 27;
      repeated string texts = 28; repeated bytes raws = 29; repeated Leaf leaves = 30;
      repeated Everything everythings = 32;
      map<string, Leaf> by_text = 33; map<int32, string> by_number = 34; map<bool, Kind> by_flag = 35;
      map<fixed64, Everything> by_fixed = 36;
      oneof choice { string chosen_text = 40; Leaf chosen_leaf = 41; Everything chosen_inner = 42; int32 chosen_number = 43; }
      oneof other { bool other_flag = 44; Leaf other_leaf = 45; }
      string far = 3000;
    })";

// Groups, which only the older syntax has.
constexpr const char* kGroups = R"(
    syntax = "proto2";
    package oracle.v1;
    message Old {
      optional group Part = 1 { optional string text = 2; optional Old inner = 3; repeated int32 numbers = 4; }
      repeated group Parts = 5 { optional int32 number = 6; optional bytes raw = 7; }
      optional string name = 8;
      repeated fixed64 wide = 9 [packed = true];
    })";

struct Tally {
  uint64_t same = 0;
  uint64_t refused = 0;
  uint64_t damaged = 0;
  uint64_t stricter = 0;
  uint64_t looser = 0;
  uint64_t bytes = 0;
};

// Runs one case; false when the two disagree.
bool RunCase(const FieldPlan& plan, const Message& prototype, FakeRandom& random, Tally& tally) {
  std::string answer = RandomAnswer(*prototype.GetDescriptor(), random, kDepth);
  const bool damaged = Below(random, 4) == 0;
  if (damaged) answer = Damaged(std::move(answer), random);
  const MinimiserComparison comparison = CompareMinimisers(plan, answer, prototype);
  tally.bytes += answer.size();
  tally.damaged += damaged ? 1 : 0;
  switch (comparison.agreement) {
    case Agreement::kSame:
      ++tally.same;
      return true;
    case Agreement::kRefused:
      ++tally.refused;
      if (damaged) return true;
      std::printf("a sound answer was refused\n");
      break;
    case Agreement::kStricter:
      ++tally.stricter;
      if (damaged) return true;
      std::printf("the minimiser refuses a sound answer\n");
      break;
    case Agreement::kLooser:
      ++tally.looser;
      if (damaged) return true;
      std::printf("protobuf refuses a sound answer\n");
      break;
    case Agreement::kDifferent:
      std::printf("%s\n", comparison.detail.c_str());
  }
  std::printf("type %s, bytes %s\n", prototype.GetDescriptor()->full_name().c_str(),
              absl::BytesToHexString(answer).c_str());
  return false;
}

int Run(uint64_t cases, uint64_t seed) {
  ProtoSource schema(ProtoSource::Files{{"oracle/v1/everything.proto", kEverything},
                                        {"oracle/v1/groups.proto", kGroups},
                                        {"probe/v1/probe.proto", ProbeProto()}});
  std::vector<std::unique_ptr<Message>> prototypes;
  for (const char* name : {"oracle.v1.Everything", "oracle.v1.Old", "probe.v1.LookUpResponse"}) {
    prototypes.push_back(schema.New(name));
  }
  prototypes.push_back(std::make_unique<population::v1::LookUpCitizenResponse>());
  std::vector<std::vector<std::string>> paths;
  for (const auto& prototype : prototypes) {
    paths.push_back(FieldPathsOf(*prototype->GetDescriptor(), kPathDepth));
  }
  FakeRandom random(seed);
  Tally tally;
  const core::SystemClock clock;
  const int64_t began = clock.MonotonicNanos();
  for (uint64_t done = 0; done < cases;) {
    const size_t which = Below(random, prototypes.size());
    std::vector<std::string> chosen;
    for (uint64_t n = Below(random, 8); n > 0; --n) {
      chosen.push_back(paths[which][Below(random, paths[which].size())]);
    }
    const auto plan = FieldPlan::Compile(*prototypes[which]->GetDescriptor(), chosen);
    NDX_CHECK(plan.ok());
    for (uint64_t i = 0; i < kCasesEachPlan && done < cases; ++i, ++done) {
      if (RunCase(*plan, *prototypes[which], random, tally)) continue;
      std::printf("case %llu of seed %llu, plan: %s\n", static_cast<unsigned long long>(done),
                  static_cast<unsigned long long>(seed), absl::StrJoin(chosen, " ").c_str());
      return 1;
    }
  }
  const double took = static_cast<double>(clock.MonotonicNanos() - began) / 1e9;
  std::printf(
      "%llu cases, seed %llu, %.1f s, %.0f a second, %.0f bytes each: the same in %llu; of %llu "
      "damaged ones "
      "both refused %llu, the minimiser alone %llu, protobuf alone %llu\n",
      static_cast<unsigned long long>(cases), static_cast<unsigned long long>(seed), took,
      static_cast<double>(cases) / took,
      static_cast<double>(tally.bytes) / static_cast<double>(cases),
      static_cast<unsigned long long>(tally.same), static_cast<unsigned long long>(tally.damaged),
      static_cast<unsigned long long>(tally.refused),
      static_cast<unsigned long long>(tally.stricter),
      static_cast<unsigned long long>(tally.looser));
  return tally.stricter * kStricterOneIn > tally.damaged ? 1 : 0;
}

}  // namespace
}  // namespace ndx::tests

int main(int argc, char** argv) {
  google::protobuf::SetLogHandler(nullptr);  // a line for every text that is no UTF-8
  uint64_t cases = 0;
  uint64_t seed = ndx::tests::kSeed;
  if (argc < 2 || argc > 3 || !absl::SimpleAtoi(argv[1], &cases) || cases == 0 ||
      (argc == 3 && !absl::SimpleAtoi(argv[2], &seed))) {
    std::fprintf(stderr, "Usage: ndx-minimise-oracle CASES [SEED]\n");
    return 2;
  }
  return ndx::tests::Run(cases, seed);
}
