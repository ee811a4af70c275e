#include "ndx/anchors/anchors.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "journal_fixture.h"
#include "ndx/tests/support/fake_poster.h"
#include "ndx/tests/support/recorded_log.h"
#include "ndx/tests/support/time_stamp_authority.h"
#include "witness_fixture.h"

namespace ndx::anchors {
namespace {

using telemetry::LogEvent;

// The clock begins at 2025-06-15 22:06:40 at Hà Nội.
constexpr absl::Duration kToMidnight = absl::Minutes(113);

// A journal, up to three witnesses and two authorities that can be away, and a clock.
class AnchorsScene {
 public:
  explicit AnchorsScene(const std::function<void(AnchorOptions&)>& change = nullptr) {
    journal_ = node.Open();
    store = AnchorStore::Open(node.dir.File("anchors"), nullptr).value();
    options.witnesses_required = 0;
    options.clock_difference_max = absl::InfiniteDuration();
    if (change) change(options);
    for (size_t i = 0; i < options.witnesses.size(); ++i) ServeWitness(i);
    for (const auto& authority : options.authorities) ServeAuthority(authority.name);
    Restart();
  }

  static WitnessPeer Peer(size_t i) {
    return {.url = absl::StrCat("http://w", i),
            .verifier = WitnessFixture::Signer(absl::StrCat("w", i)).verifier()};
  }
  static TimeStampAuthority Authority(const std::string& name) {
    return {
        .name = name,
        .url = absl::StrCat("http://", name, "/"),
        .trust =
            crypto::TimeStampTrust::FromPem(tests::TimeStampAuthority::Shared().ca_pem()).value()};
  }
  void ServeWitness(size_t i) {
    poster.Serve(absl::StrCat("http://w", i, "/add-checkpoint"), [i](const http::HttpPost& post) {
      const auto request = journal::ParseWitnessRequest(post.body).value();
      const auto note = journal::ParseNote(request.checkpoint).value();
      const auto signature = WitnessFixture::Signer(absl::StrCat("w", i)).Sign(note.text, 7);
      return http::HttpResponse{.body = journal::FormatSignatureLines({&signature, 1})};
    });
  }
  void LoseWitness(size_t i) {
    poster.Serve(absl::StrCat("http://w", i, "/add-checkpoint"), nullptr);
  }
  void ServeAuthority(const std::string& name) {
    poster.Serve(absl::StrCat("http://", name, "/"), [](const http::HttpPost& post) {
      return http::HttpResponse{.body = tests::TimeStampAuthority::Shared().Answer(post.body)};
    });
  }
  void LoseAuthority(const std::string& name) {
    poster.Serve(absl::StrCat("http://", name, "/"), nullptr);
  }

  void Restart() {
    metrics = std::make_unique<telemetry::MetricRegistry>();
    anchors = std::make_unique<Anchors>(options, AnchorParts{.reader = journal_->reader(),
                                                             .store = *store,
                                                             .poster = poster,
                                                             .random = node.random,
                                                             .clock = node.clock,
                                                             .log = log,
                                                             .metrics = *metrics});
  }
  void Append() {
    REQUIRE(AppendAndWait(*journal_, journal::JournalFixture::Read(node.NewId(), "q", "a")).ok());
  }
  // Lets this much time pass, looking every ten seconds as the thread would every one.
  void Run(absl::Duration time) {
    for (absl::Duration passed; passed < time; passed += absl::Seconds(10)) {
      node.clock.Advance(absl::Seconds(10));
      anchors->RunDue();
    }
  }
  size_t PostsTo(const std::string& host) const {
    size_t count = 0;
    for (const auto& post : poster.posts) {
      if (post.url.find("//" + host) != std::string::npos) ++count;
    }
    return count;
  }
  AnchorStatus status() const { return anchors->status(); }
  uint64_t size() const { return journal_->reader().size(); }

  journal::JournalFixture node;
  std::unique_ptr<AnchorStore> store;
  tests::FakePoster poster;
  tests::RecordedLog log;
  std::unique_ptr<telemetry::MetricRegistry> metrics;
  AnchorOptions options;
  std::unique_ptr<Anchors> anchors;

 private:
  std::unique_ptr<journal::RocksJournal> journal_;
};

void OneWitness(AnchorOptions& options) {
  options.witnesses = {AnchorsScene::Peer(0)};
  options.witnesses_required = 1;
}

void OneAuthority(AnchorOptions& options) {
  options.authorities = {AnchorsScene::Authority("tsa")};
  options.time_stamps_required = 1;
}

TEST_CASE("both kinds of anchor cover the journal, and openssl verifies what is kept") {
  AnchorsScene scene([](AnchorOptions& options) {
    OneWitness(options);
    OneAuthority(options);
  });
  scene.Append();
  scene.anchors->RunDue();
  const AnchorStatus status = scene.status();
  CHECK(status.witnesses.covered == scene.size());
  CHECK(status.time_stamps.covered == scene.size());
  CHECK_FALSE(status.witnesses.unanchored_since.has_value());
  CHECK_FALSE(status.time_stamps.unanchored_since.has_value());
  const StoredAnchor anchor = scene.store->Read(scene.size()).value();
  CHECK(journal::JudgeCosignatures(anchor.cosigned,
                                   {.witnesses = {AnchorsScene::Peer(0).verifier}, .required = 1})
            ->satisfied);
  const std::string base = scene.store->directory() + "/" + AnchorFileName(scene.size(), "");
  const auto openssl = [&](const std::string& data) {
    return std::system(absl::StrCat("openssl ts -verify -in ", base, "tsa.tsr -data ", data,
                                    " -CAfile ", tests::TimeStampAuthority::Shared().ca_path(),
                                    " >/dev/null 2>&1")
                           .c_str());
  };
  CHECK(openssl(base + "checkpoint") == 0);
  CHECK(openssl(base + "cosigned") != 0);
}

TEST_CASE("anchors are asked for when they are due and there is something new") {
  AnchorsScene scene([](AnchorOptions& options) {
    OneWitness(options);
    OneAuthority(options);
  });
  scene.anchors->RunDue();
  CHECK(scene.poster.posts.size() == 2);
  scene.Run(absl::Hours(2));  // nothing new
  CHECK(scene.poster.posts.size() == 2);
  scene.Append();
  scene.Run(absl::Minutes(1));
  CHECK(scene.PostsTo("w0") == 2);
  scene.Append();
  scene.Run(absl::Minutes(1));
  CHECK(scene.PostsTo("w0") == 3);
  scene.Run(absl::Minutes(60));
  CHECK(scene.PostsTo("w0") == 3);
  // The hourly time-stamp, and the one at the day's close, which fell on nothing new.
  CHECK(scene.PostsTo("tsa") == 2);
}

TEST_CASE("a time-stamp is made when the day closes at Hà Nội") {
  AnchorsScene scene([](AnchorOptions& options) {
    OneAuthority(options);
    options.time_stamp_interval = absl::Hours(12);
  });
  scene.anchors->RunDue();
  scene.Append();
  scene.Run(kToMidnight - absl::Minutes(2));
  CHECK(scene.PostsTo("tsa") == 1);
  scene.Run(absl::Minutes(4));
  CHECK(scene.PostsTo("tsa") == 2);
  CHECK(scene.status().time_stamps.covered == scene.size());
  scene.Append();
  scene.Run(absl::Hours(11));
  CHECK(scene.PostsTo("tsa") == 2);
}

TEST_CASE("k of n witnesses are enough, fewer are not; since when is the oldest leaf not covered") {
  AnchorsScene scene([](AnchorOptions& options) {
    options.witnesses = {AnchorsScene::Peer(0), AnchorsScene::Peer(1), AnchorsScene::Peer(2)};
    options.witnesses_required = 2;
  });
  scene.LoseWitness(1);
  scene.anchors->RunDue();
  CHECK(scene.status().witnesses.covered == scene.size());
  CHECK(scene.status().witnesses.failures.count("w1") == 1);
  scene.LoseWitness(2);
  scene.node.clock.Advance(absl::Minutes(3));
  const absl::Time first = scene.node.clock.Now();
  scene.Append();
  scene.node.clock.Advance(absl::Minutes(3));
  scene.Append();
  scene.anchors->RunDue();
  CHECK(scene.status().witnesses.covered == scene.size() - 2);
  CHECK(scene.status().witnesses.unanchored_since == first);
  scene.ServeWitness(1);
  scene.Run(absl::Minutes(1));
  CHECK(scene.status().witnesses.covered == scene.size());
  CHECK(scene.status().witnesses.failures.count("w1") == 0);
  CHECK(scene.status().witnesses.failures.count("w2") == 1);
}

TEST_CASE("an authority that is away is an alarm, then stops new exchanges, until it is back") {
  AnchorsScene scene([](AnchorOptions& options) {
    OneAuthority(options);
    options.stop_after = absl::Minutes(30);
  });
  scene.anchors->RunDue();
  scene.LoseAuthority("tsa");
  scene.Append();
  scene.Run(absl::Minutes(74));
  CHECK_FALSE(scene.status().time_stamps.overdue);
  CHECK(scene.log.CountOf(LogEvent::kAnchorOverdue) == 0);
  CHECK(scene.log.CountOf(LogEvent::kAnchorFailed) == 1);  // asked every 15 s, said once
  scene.Run(absl::Minutes(2));
  CHECK(scene.status().time_stamps.overdue);
  CHECK(scene.log.CountOf(LogEvent::kAnchorOverdue) == 1);
  CHECK(scene.anchors->AcceptsNewExchanges().ok());
  CHECK(scene.metrics->Exposition().find("ndx_anchor_overdue{kind=\"time_stamp\"} 1") !=
        std::string::npos);
  scene.Run(absl::Minutes(15));
  CHECK(scene.anchors->AcceptsNewExchanges().code() == absl::StatusCode::kUnavailable);
  CHECK(scene.status().stopped);
  CHECK(scene.log.CountOf(LogEvent::kAnchorStopped) == 1);
  scene.ServeAuthority("tsa");
  scene.Run(absl::Minutes(1));
  CHECK(scene.anchors->AcceptsNewExchanges().ok());
  CHECK_FALSE(scene.status().time_stamps.overdue);
  CHECK(scene.log.CountOf(LogEvent::kAnchorRecovered) == 2);
}

TEST_CASE("by policy the node serves on without anchors") {
  AnchorsScene scene(OneWitness);
  scene.LoseWitness(0);
  scene.Append();
  scene.Run(absl::Hours(20));
  CHECK(scene.status().witnesses.overdue);
  CHECK(scene.anchors->AcceptsNewExchanges().ok());
}

TEST_CASE("only the authority that failed is asked again, for the same checkpoint") {
  AnchorsScene scene([](AnchorOptions& options) {
    options.authorities = {AnchorsScene::Authority("one"), AnchorsScene::Authority("two")};
    options.time_stamps_required = 2;
  });
  scene.LoseAuthority("two");
  const uint64_t size = scene.size();
  scene.anchors->RunDue();
  CHECK(scene.status().time_stamps.covered == 0);
  scene.Append();
  scene.Run(absl::Minutes(1));
  CHECK(scene.PostsTo("one") == 1);
  scene.ServeAuthority("two");
  scene.Run(absl::Minutes(1));
  CHECK(scene.PostsTo("one") == 1);
  CHECK(scene.status().time_stamps.covered == size);
  CHECK(scene.store->Read(size)->tokens.size() == 2);
  scene.Run(absl::Hours(1));
  CHECK(scene.status().time_stamps.covered == scene.size());
}

TEST_CASE("what an earlier run obtained counts, if it still verifies") {
  AnchorsScene scene([](AnchorOptions& options) {
    OneWitness(options);
    OneAuthority(options);
  });
  scene.anchors->RunDue();
  const uint64_t covered = scene.size();
  scene.LoseWitness(0);
  scene.LoseAuthority("tsa");
  scene.Append();
  scene.Restart();
  scene.anchors->RunDue();
  CHECK(scene.status().witnesses.covered == covered);
  CHECK(scene.status().time_stamps.covered == covered);
  scene.options.witnesses = {AnchorsScene::Peer(1)};
  scene.options.authorities[0].trust =
      crypto::TimeStampTrust::FromPem(tests::TimeStampAuthority().ca_pem()).value();
  scene.Restart();
  scene.anchors->RunDue();
  CHECK(scene.status().witnesses.covered == 0);
  CHECK(scene.status().time_stamps.covered == 0);
}

TEST_CASE("a witness that contradicts the journal is an alarm at once, and stops it by policy") {
  AnchorsScene scene([](AnchorOptions& options) {
    OneWitness(options);
    options.stop_after = absl::Hours(4);
  });
  scene.anchors->RunDue();
  scene.poster.Serve("http://w0/add-checkpoint", [](const http::HttpPost&) {
    return http::HttpResponse{.status = 409, .body = "1000000\n"};
  });
  scene.Append();
  scene.Run(absl::Minutes(2));
  CHECK(scene.status().contradiction.find("1000000") != std::string::npos);
  CHECK(scene.status().witnesses.overdue);
  CHECK(scene.log.CountOf(LogEvent::kAnchorContradicted) == 1);
  CHECK_FALSE(scene.anchors->AcceptsNewExchanges().ok());
  scene.ServeWitness(0);
  scene.Run(absl::Minutes(1));
  CHECK(scene.status().contradiction.empty());
  CHECK(scene.anchors->AcceptsNewExchanges().ok());
}

}  // namespace
}  // namespace ndx::anchors
