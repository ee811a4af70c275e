#include "ndx/registry/registry_edit.h"

#include <catch2/catch.hpp>
#include <string>

#include "google/protobuf/text_format.h"

namespace ndx::registry {
namespace {

v1::EntryChange Change(const std::string& text) {
  v1::EntryChange change;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &change));
  return change;
}

EditableDocument Document(const std::vector<std::string>& changes) {
  EditableDocument document;
  for (const std::string& change : changes) REQUIRE(document.Apply(Change(change)).ok());
  return document;
}

TEST_CASE("entries are put and removed by kind and name, and stand in the order of their names") {
  const EditableDocument document = Document({
      R"(grant { name: "b" consumer: "x" })",
      R"(grant { name: "a" })",
      R"(purpose { code: "b" name_vi: "B" })",
      R"(grant { name: "b" consumer: "y" })",
      R"(grant { name: "c" })",
      R"(removed { kind: ENTRY_KIND_GRANT name: "c" })",
  });
  const v1::RegistryDocument made = document.Document();
  REQUIRE(made.grants_size() == 2);
  CHECK(made.grants(0).name() == "a");
  CHECK(made.grants(1).consumer() == "y");
  CHECK(made.purposes_size() == 1);
  // The same entries by another way are the same document.
  CHECK(DigestOf(made) ==
        DigestOf(Document({R"(purpose { code: "b" name_vi: "B" })", R"(grant { name: "a" })",
                           R"(grant { name: "b" consumer: "y" })"})
                     .Document()));
  CHECK(DigestOf(made).size() == 32);
}

TEST_CASE("members and systems are found by either spelling of the agency code") {
  EditableDocument document = Document({R"(member { code: "000.00.20.G09" name_vi: "A" })",
                                        R"(system { id: "VN:GOV:000.00.20.G09:ho-so" })"});
  REQUIRE(document.Apply(Change(R"(member { code: "G09.20" name_vi: "B" })")).ok());
  REQUIRE(document.Document().members_size() == 1);
  CHECK(document.Document().members(0).name_vi() == "B");
  CHECK(KeyOf(Change(R"(system { id: "VN:GOV:000.00.20.G09:ho-so" })"))->ToString() ==
        "system VN:GOV:G09.20:ho-so");
  REQUIRE(
      document.Apply(Change(R"(removed { kind: ENTRY_KIND_SYSTEM name: "VN:GOV:G09.20:ho-so" })"))
          .ok());
  CHECK(document.Document().systems().empty());
}

TEST_CASE(
    "a document with peers is the same after it was taken apart, and a peer is found as its system "
    "is") {
  v1::RegistryDocument whole;
  whole.add_peers()->set_system("VN:GOV:000.00.20.H55:lgsp");
  whole.mutable_peers(0)->add_may_speak_for("H55.*");
  auto document = EditableDocument::Of(whole);
  REQUIRE(document.ok());
  CHECK(document->Document().SerializeAsString() == whole.SerializeAsString());
  CHECK(KeyOf(Change(R"(peer { system: "VN:GOV:H55.20:lgsp" })"))->ToString() ==
        "peer VN:GOV:H55.20:lgsp");
  REQUIRE(document->Apply(Change(R"(removed { kind: ENTRY_KIND_PEER name: "VN:GOV:H55.20:lgsp" })"))
              .ok());
  CHECK(document->Document().peers().empty());
}

TEST_CASE("a change that names nothing, or removes what is not there, is refused with its name") {
  EditableDocument document;
  CHECK(document.Apply(v1::EntryChange()).code() == absl::StatusCode::kInvalidArgument);
  CHECK(document.Apply(Change(R"(grant { consumer: "x" })")).message() == "an entry has no name");
  CHECK(document.Apply(Change(R"(removed { name: "x" })")).code() ==
        absl::StatusCode::kInvalidArgument);
  const absl::Status missing =
      document.Apply(Change(R"(removed { kind: ENTRY_KIND_GRANT name: "x" })"));
  CHECK(missing.code() == absl::StatusCode::kNotFound);
  CHECK(missing.message() == "grant x is not in the registry");
}

TEST_CASE("what was found between two documents makes one of the other, both ways") {
  const EditableDocument before =
      Document({R"(grant { name: "stays" })", R"(grant { name: "changes" consumer: "x" })",
                R"(member { code: "H55" name_vi: "goes" })"});
  const EditableDocument after =
      Document({R"(grant { name: "stays" })", R"(grant { name: "changes" consumer: "y" })",
                R"(purpose { code: "comes" })"});
  const auto changes = ChangesBetween(before, after);
  CHECK(changes.size() == 3);
  for (const auto& [from, to] : {std::pair(before, after), std::pair(after, before)}) {
    EditableDocument made = from;
    for (const auto& change : ChangesBetween(from, to)) REQUIRE(made.Apply(change).ok());
    CHECK(DigestOf(made.Document()) == DigestOf(to.Document()));
  }
  CHECK(ChangesBetween(before, before).empty());
}

}  // namespace
}  // namespace ndx::registry
