#include "ndx/tests/support/people_journal.h"

#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/tests/support/registry_fixture.h"

namespace ndx::tests {
namespace {

constexpr char kMethod[] = "/probe.v1.PeopleService/Verify";
constexpr uint64_t kBallastBytes = 4096;

}  // namespace

PeopleJournal::PeopleJournal(absl::Time start)
    : clock(start),
      probe_(ProtoSource::Files{{"probe/v1/probe.proto", ProbeProto()}}),
      registry_(BuildProbeRegistry("").value()) {
  Reopen();
}

void PeopleJournal::Reopen() {
  if (journal_ != nullptr) journal_->Close();
  journal_.reset();
  journal::RocksJournalOptions options{.directory = directory_.File("journal"), .node = "n"};
  options.free_bytes = [this] { return free_bytes.load(); };
  options.space_check_interval = absl::ZeroDuration();
  options.ballast_bytes = kBallastBytes;
  journal_ = journal::RocksJournal::Open(
                 std::move(options),
                 {.signing = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value(),
                  .master = crypto::SecretBytes(std::string(32, 'm'))},
                 clock, random_)
                 .value();
}

journal::MethodTypesSource PeopleJournal::types() const {
  return [this](const std::string& method) -> journal::MethodTypes {
    const auto snapshot = registry_.Current();
    const auto* const entry = snapshot->FindMethod(method);
    if (entry == nullptr) return {};
    return {.request = entry->input, .response = entry->output, .owner = snapshot};
  };
}

uint64_t PeopleJournal::Ask(absl::string_view person, absl::string_view dossier,
                            journal::v1::JournalEvent event) {
  journal::Record record;
  record.leaf.set_event(event);
  const auto id = core::ExchangeId::Generate(clock, random_);
  record.leaf.set_exchange_id(std::string(id.bytes()));
  record.leaf.set_consumer("VN:GOV:H55:mot-cua");
  record.leaf.set_method(kMethod);
  if (!dossier.empty()) {
    *record.leaf.mutable_dossier() =
        journal_->Reference(journal::ReferenceKind::kDossier, dossier).value();
  }
  const auto request =
      probe_.Parse("probe.v1.VerifyRequest", absl::StrCat("citizen_id: '", person, "'"));
  record.request.emplace().descriptor = registry_.Current()->FindMethod(kMethod)->input;
  record.request->messages = {std::make_shared<const std::string>(request->SerializeAsString())};
  return AppendAndWait(std::move(record));
}

void PeopleJournal::Close(uint64_t opening) {
  journal::Record record;
  record.leaf = journal_->reader().Leaf(opening).value().leaf;
  journal::v1::JournalLeaf& leaf = record.leaf;
  leaf.set_event(journal::v1::JOURNAL_EVENT_FAILED);
  leaf.clear_request();
  AppendAndWait(std::move(record));
}

uint64_t PeopleJournal::Append(journal::v1::JournalLeaf leaf) {
  return AppendAndWait({.leaf = std::move(leaf)});
}

uint64_t PeopleJournal::AppendAndWait(journal::Record record) {
  std::promise<absl::StatusOr<journal::Appended>> appended;
  journal_->Append(std::move(record), [&](absl::StatusOr<journal::Appended> result) {
    appended.set_value(std::move(result));
  });
  return appended.get_future().get().value().index;
}

}  // namespace ndx::tests
