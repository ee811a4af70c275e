#include "ndx/console/report_names.h"

#include <catch2/catch.hpp>
#include <map>

#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::console {
namespace {

TEST_CASE("what a leaf names is called as the registry calls it, each once") {
  tests::ConsoleFixture fixture;
  ReportNames names(fixture.registry());
  auto leaf = tests::ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, 1);
  leaf.mutable_decision()->set_rule("look-up");
  names.Add(leaf);
  names.Add(leaf);
  leaf.set_consumer("VN:GOV:H99:unknown");
  leaf.set_purpose("unknown");
  leaf.set_method("/unknown.Service/Method");
  leaf.mutable_decision()->set_rule("default-deny");
  names.Add(leaf);
  std::map<std::string, v1::RegisteredName> by_code;
  for (const auto& name : names.names()) {
    CHECK(by_code.emplace(name.code(), name).second);
  }
  CHECK(by_code.size() == 5);
  CHECK(by_code.at("look-up").legal_basis() == "QD 1");
  CHECK_FALSE(by_code.at("VN:GOV:H55:mot-cua").name_vi().empty());
  CHECK_FALSE(by_code.at("tthc").name_vi().empty());
  CHECK(by_code.count("/probe.v1.PeopleService/LookUp") == 1);
  CHECK(by_code.count("VN:GOV:G01:population") == 1);
}

}  // namespace
}  // namespace ndx::console
