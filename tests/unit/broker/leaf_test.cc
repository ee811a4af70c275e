#include "ndx/broker/leaf.h"

#include <catch2/catch.hpp>

#include "ndx/core/limits.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

using journal::v1::JournalLeaf;
using tests::ExchangeFixture;

JournalLeaf Leaf(ExchangeFixture& f, journal::v1::JournalEvent event) {
  auto leaf = LeafOf(*f.x, event, f.loop.clock(), f.journal);
  REQUIRE(leaf.ok());
  CHECK(journal::CheckLeaf(*leaf).ok());
  return *std::move(leaf);
}

TEST_CASE("an answered exchange: parties, ground, decision, outcome and times") {
  ExchangeFixture f("Read");
  f.x->context.dossier = "H55-270104-0001";
  f.x->context.officer = "cb-1";
  f.x->context.procedure = "1.011442";
  f.loop.Advance(absl::Milliseconds(3));
  f.x->decided_nanos = f.loop.clock().MonotonicNanos();
  f.loop.Advance(absl::Milliseconds(4));
  f.x->provider_nanos = 4'000'000;
  f.x->attempts = 2;
  f.x->outcome = Outcome::kAnswered;
  f.x->answer = {transport::MakeMessage(tests::EntryBytes("k", "", "070"))};
  const JournalLeaf leaf = Leaf(f, ClosingEvent(*f.x));
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_ANSWERED);
  CHECK(leaf.exchange_id() == std::string(f.x->id.bytes()));
  CHECK(leaf.consumer() == "VN:GOV:H55:mot-cua");
  CHECK(leaf.certificate_sha256() == std::string(32, 's'));
  CHECK(leaf.provider() == "VN:GOV:G01:ledger");
  CHECK(leaf.face() == journal::v1::FACE_GRPC);
  CHECK(leaf.registry_version() == f.registry->version());
  CHECK(leaf.method() == "/ledger.v1.LedgerService/Read");
  CHECK(leaf.purpose() == "tthc");
  CHECK(leaf.procedure() == "1.011442");
  // Dossier and officer only as references, and never the same one.
  CHECK(leaf.dossier().hmac().size() == 16);
  CHECK(leaf.officer().hmac().size() == 16);
  CHECK(leaf.SerializeAsString().find("H55-270104-0001") == std::string::npos);
  CHECK(leaf.decision().rule() == "one-stop");
  CHECK(leaf.grpc_status() == 0);
  CHECK(leaf.business_code() == "070");
  CHECK(leaf.attempt() == 2);
  CHECK(leaf.duration_us() == 7000);
  CHECK(leaf.stages().decide_us() == 3000);
  CHECK(leaf.stages().provider_us() == 4000);
}

TEST_CASE("who was not let in has no name in the leaf, but the key that was shown") {
  ExchangeFixture f("Read");
  f.x->principal.reset();
  f.x->refused_spki_sha256 = std::string(32, 'k');
  f.x->Refuse({.reason = exchange::v1::ERROR_REASON_CERTIFICATE_DENIED,
               .parameters = {{"since", "2026-05-28 13:00"}, {"node", "X"}}});
  const JournalLeaf leaf = Leaf(f, ClosingEvent(*f.x));
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_REFUSED);
  CHECK(leaf.error_reason() == "CERTIFICATE_DENIED");
  CHECK(leaf.consumer().empty());
  CHECK(leaf.certificate_sha256() == std::string(32, 'k'));
}

TEST_CASE("an opening leaf says nothing of an outcome") {
  ExchangeFixture f("Change");
  const JournalLeaf leaf = Leaf(f, journal::v1::JOURNAL_EVENT_REQUEST_OPENED);
  CHECK(leaf.duration_us() == 0);
  CHECK(leaf.attempt() == 0);
  CHECK_FALSE(leaf.has_stages());
  CHECK(leaf.error_reason().empty());
}

TEST_CASE("a long exchange's duration is not cut") {
  ExchangeFixture f("Read");
  f.x->outcome = Outcome::kFailed;
  f.x->refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_READ_TIMED_OUT};
  f.loop.Advance(absl::Hours(2));
  const JournalLeaf leaf = Leaf(f, ClosingEvent(*f.x));
  CHECK(leaf.duration_us() == 7'200'000'000);
  CHECK(leaf.error_reason() == "READ_TIMED_OUT");
  CHECK(leaf.grpc_status() == 4);
}

TEST_CASE("what nobody has checked does not get into a leaf") {
  ExchangeFixture f;
  f.x->registry = f.registry;
  f.x->Refuse({.reason = exchange::v1::ERROR_REASON_METHOD_UNKNOWN});
  const auto recorded = [&](const std::string& path) {
    f.x->path = path;
    return Leaf(f, ClosingEvent(*f.x)).method();
  };
  SECTION("a path that could be a method's is recorded, others are not") {
    CHECK(recorded("/a.v1.B/C") == "/a.v1.B/C");
    CHECK(recorded("/Service/Method9") == "/Service/Method9");
    for (const char* path :
         {"", "/", "x", "/a", "/a/", "//a", "/a/b/c", "/a..b/c", "/012345678901", "/a/012345678901",
          "/a/b?id=012345678901", "/a/b c", "/a/\xff\xfe", "/a.v1.B/Nguyễn", "/.a/b", "/a./b"}) {
      CAPTURE(path);
      CHECK(recorded(path).empty());
    }
    const std::string full = "/a/" + std::string(core::kMethodBytesMax - 3, 'm');
    CHECK(recorded(full) == full);
    CHECK(recorded(full + "m").empty());
  }
  SECTION("a purpose only from the catalogue") {
    f.x->context.purpose = "012345678901";
    CHECK(Leaf(f, ClosingEvent(*f.x)).purpose().empty());
    f.x->context.purpose = "tthc";
    CHECK(Leaf(f, ClosingEvent(*f.x)).purpose() == "tthc");
    f.x->registry = nullptr;
    CHECK(Leaf(f, ClosingEvent(*f.x)).purpose().empty());
  }
  SECTION("a procedure only in the form of one") {
    f.x->context.procedure = "012345678901";
    CHECK(Leaf(f, ClosingEvent(*f.x)).procedure().empty());
    f.x->context.procedure = "1.011442";
    CHECK(Leaf(f, ClosingEvent(*f.x)).procedure() == "1.011442");
  }
}

TEST_CASE("a replay names what it repeats, and keeps its references as recorded") {
  ExchangeFixture f("Read");
  f.x->replay = ReplayOrigin{.replay_of = f.x->id, .leaf_index = 4};
  f.x->replay->dossier.emplace().set_hmac(std::string(16, 'd'));
  const JournalLeaf leaf = Leaf(f, journal::v1::JOURNAL_EVENT_ANSWERED);
  CHECK(leaf.replay_of() == std::string(f.x->id.bytes()));
  CHECK(leaf.caused_by_plus_one() == 5);
  CHECK(leaf.dossier().hmac() == std::string(16, 'd'));
  CHECK_FALSE(leaf.has_officer());
}

TEST_CASE("the closing event follows from outcome and opening") {
  struct Case {
    Outcome outcome;
    bool opened;
    journal::v1::JournalEvent event;
  };
  const Case cases[] = {
      {Outcome::kAnswered, false, journal::v1::JOURNAL_EVENT_ANSWERED},
      {Outcome::kAnswered, true, journal::v1::JOURNAL_EVENT_ANSWERED},
      {Outcome::kFailed, false, journal::v1::JOURNAL_EVENT_FAILED},
      {Outcome::kFailed, true, journal::v1::JOURNAL_EVENT_FAILED},
      {Outcome::kInDoubt, true, journal::v1::JOURNAL_EVENT_IN_DOUBT},
      {Outcome::kRefused, false, journal::v1::JOURNAL_EVENT_REFUSED},
      {Outcome::kRefused, true, journal::v1::JOURNAL_EVENT_FAILED},
  };
  ExchangeFixture f("Change");
  for (const Case& each : cases) {
    f.x->outcome = each.outcome;
    f.x->opened = each.opened;
    CHECK(ClosingEvent(*f.x) == each.event);
  }
  f.x->doubted = true;
  f.x->opened = true;
  for (const Outcome outcome : {Outcome::kRefused, Outcome::kFailed, Outcome::kInDoubt}) {
    f.x->outcome = outcome;
    CHECK(ClosingEvent(*f.x) == journal::v1::JOURNAL_EVENT_IN_DOUBT);
  }
  f.x->outcome = Outcome::kAnswered;
  CHECK(ClosingEvent(*f.x) == journal::v1::JOURNAL_EVENT_ANSWERED);
}

TEST_CASE("payloads: the request when it is whole, the answer when it is one") {
  ExchangeFixture f("Read");
  CHECK(RequestPayload(*f.x)->messages.size() == 1);
  CHECK(RequestPayload(*f.x)->descriptor == f.x->route.method->input);
  CHECK(RequestPayload(*f.x)->descriptor_owner == f.registry);
  CHECK_FALSE(AnswerPayload(*f.x).has_value());
  f.x->answer = {transport::MakeMessage("a")};
  f.x->outcome = Outcome::kFailed;
  CHECK_FALSE(AnswerPayload(*f.x).has_value());
  f.x->outcome = Outcome::kAnswered;
  CHECK(AnswerPayload(*f.x)->descriptor == f.x->route.method->output);
  f.x->request.reset();
  CHECK_FALSE(RequestPayload(*f.x).has_value());
}

TEST_CASE("beside the request stands its signature, or what a peer would ask for again") {
  ExchangeFixture f("Read");
  f.x->context.dossier = "H55-1";
  f.x->context.officer = "cb01";
  const auto flag = [&f] { return Leaf(f, journal::v1::JOURNAL_EVENT_ANSWERED).ground_sealed(); };
  CHECK(SealedBesideRequest(*f.x).empty());  // the provider is this node's own
  CHECK_FALSE(flag());

  const registry::PeerEntry peer{.system = f.x->route.provider->system};
  registry::ProviderEntry behind = *f.x->route.provider;
  behind.via = &peer;
  f.x->route.provider = &behind;
  journal::v1::SubmittedContext ground;
  REQUIRE(ground.ParseFromString(SealedBesideRequest(*f.x)));
  CHECK(ground.dossier() == "H55-1");
  CHECK(ground.officer() == "cb01");
  CHECK(flag());
  CHECK_FALSE(Leaf(f, journal::v1::JOURNAL_EVENT_REFUSED).ground_sealed());

  f.x->context.signature = "a.b.c";
  CHECK(SealedBesideRequest(*f.x) == "a.b.c");
  CHECK_FALSE(flag());
}

}  // namespace
}  // namespace ndx::broker
