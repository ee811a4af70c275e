#include "ndx/registry/contract_store.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/crypto/digest.h"
#include "ndx/registry/registry_ledger.h"
#include "ndx/store/database.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::registry {
namespace {

std::string ContentDigest(absl::string_view bytes) {
  const crypto::Digest digest = crypto::Sha256Of({bytes});
  return std::string(crypto::AsBytes(digest));
}

TEST_CASE("a contract is found by its content, over a restart") {
  const tests::TempDir dir;
  REQUIRE(RegistryLedger::Open(dir.File("ledger")).value()->contracts().Put("content").ok());
  const auto ledger = RegistryLedger::Open(dir.File("ledger")).value();
  CHECK(*ledger->contracts().Get(ContentDigest("content")) == "content");
  CHECK(ledger->contracts().Put("content").ok());
  CHECK(absl::IsNotFound(ledger->contracts().Get(ContentDigest("other")).status()));
}

TEST_CASE("a contract that was altered is none") {
  const tests::TempDir dir;
  const auto database = store::Database::Open({.directory = dir.File("db"),
                                               .families = {{.name = "changes"},
                                                            {.name = "leaves"},
                                                            {.name = "proposals"},
                                                            {.name = "access_requests"},
                                                            {.name = "contracts"}}},
                                              store::LogCheck::kPointInTime)
                            .value();
  store::Batch batch;
  batch.Put(5, ContentDigest("content"), "another");
  REQUIRE(database->WriteSynced(batch).ok());
  CHECK(absl::IsDataLoss(ContractStore(*database).Get(ContentDigest("content")).status()));
}

}  // namespace
}  // namespace ndx::registry
