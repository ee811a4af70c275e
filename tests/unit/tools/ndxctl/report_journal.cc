#include "ndx/tests/unit/tools/ndxctl/report_journal.h"

#include <fstream>
#include <future>
#include <utility>

#include "ndx/console/exchange_view.h"
#include "ndx/core/status_macros.h"
#include "ndx/tests/unit/console/console_fixture.h"

namespace ndx::tests {

using tools::ndxctl::ReportPart;

ReportJournal::ReportJournal(const std::string& node) : node_(node) {
  journal::RocksJournalOptions options;
  options.directory = directory_.File("journal");
  options.node = node;
  options.version = "test";
  options.free_bytes = [] { return uint64_t{1} << 40; };
  options.ballast_bytes = 4096;
  options.block_cache_bytes = size_t{1} << 20;
  std::string seed = node;
  seed.resize(32, 's');
  auto journal =
      journal::RocksJournal::Open(std::move(options),
                                  {.signing = crypto::Ed25519PrivateKey::FromSeed(seed).value(),
                                   .master = crypto::SecretBytes(std::string(32, 'm'))},
                                  clock_, random_);
  NDX_CHECK(journal.ok());
  journal_ = *std::move(journal);
  std::ofstream(key_file()) << vkey() << "\n";
}

uint64_t ReportJournal::Append(journal::v1::JournalLeaf leaf,
                               const std::vector<std::string>& request,
                               const std::vector<std::string>& response) {
  journal::Record record{.leaf = std::move(leaf)};
  for (const std::string& message : request) {
    if (!record.request.has_value()) record.request.emplace();
    record.request->messages.push_back(std::make_shared<const std::string>(message));
  }
  for (const std::string& message : response) {
    if (!record.response.has_value()) record.response.emplace();
    record.response->messages.push_back(std::make_shared<const std::string>(message));
  }
  std::promise<absl::StatusOr<journal::Appended>> appended;
  journal_->Append(std::move(record),
                   [&appended](auto result) { appended.set_value(std::move(result)); });
  const auto result = appended.get_future().get();
  NDX_CHECK(result.ok());
  return result->index;
}

console::v1::ExportedLeaf ReportJournal::Exported(const journal::StoredLeaf& stored) const {
  console::v1::ExportedLeaf leaf;
  leaf.set_index(stored.index);
  leaf.set_leaf(stored.bytes);
  leaf.set_receipt(journal_->reader().Receipt(stored.index).value());
  return leaf;
}

ReportPart ReportJournal::Answer(const std::vector<int>& exchanges) {
  journal::v1::JournalLeaf asking;
  asking.set_event(journal::v1::JOURNAL_EVENT_OPERATOR_READ);
  asking.set_operator_name("investigator");
  asking.set_operator_action("ReportSubjects");
  asking.set_operator_reason("request 17");
  const uint64_t index = Append(std::move(asking));
  const journal::JournalReader& reader = journal_->reader();
  ReportPart part;
  part.head.set_checkpoint(reader.Checkpoint());
  part.head.set_vkey(vkey());
  *part.head.mutable_report_leaf() = Exported(reader.Leaf(index).value());
  for (const int number : exchanges) {
    auto& exchange = part.exchanges.emplace_back();
    exchange.set_exchange_id(ExchangeIdText(number));
    const auto id = core::ExchangeId::Parse(ExchangeIdText(number)).value();
    const auto leaves = reader.LeavesOf(id, "");
    NDX_CHECK(leaves.ok());
    for (const auto& stored : *leaves) {
      *exchange.add_leaves() = Exported(stored);
      exchange.set_consumer(stored.leaf.consumer());
    }
    exchange.set_field_set(1);
  }
  part.scope.add_subjects(kReportedPerson);
  *part.scope.mutable_from() = console::ToTimestamp(clock_.Now() - absl::Hours(1));
  *part.scope.mutable_made() = console::ToTimestamp(clock_.Now());
  part.scope.set_node("VN:GOV:G01:" + node_);
  part.scope.set_report_leaf(index);
  part.scope.set_subjects_to(index);
  auto& set = *part.scope.add_field_sets();
  set.set_number(1);
  set.set_method("/probe.v1.PeopleService/LookUp");
  set.set_basis(console::v1::FIELD_BASIS_GRANT);
  auto& field = *set.add_fields();
  field.set_path("person.full_name");
  field.set_personal_data(options::v1::PERSONAL_DATA_BASIC);
  auto& name = *part.scope.add_names();
  name.set_code("tthc");
  name.set_name_vi("Giải quyết thủ tục");
  name.set_name_en("Handling a procedure");
  return part;
}

}  // namespace ndx::tests
