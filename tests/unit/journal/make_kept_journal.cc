// Makes the journal that is kept in tests/vectors/journal-layout-1, in the working directory. A
// program of its own, because it is run once for each layout and not with the tests.
#include "layout_fixture.h"

namespace ndx::journal {
namespace {

TEST_CASE("the kept journal is made") {
  const std::string vkey = MakeKeptJournal(kKeptJournal);
  CHECK(VerifyJournal(std::string(kKeptJournal) + "/journal", {.vkeys = {vkey}, .progress = {}})
            ->problems.empty());
}

}  // namespace
}  // namespace ndx::journal
