#include "ndx/journal/leaf_codec.h"

#include <catch2/catch.hpp>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "ndx/crypto/digest.h"
#include "ndx/journal/v1/journal_store.pb.h"

namespace ndx::journal {
namespace {

using v1::JournalLeaf;

v1::PayloadCommitment FullCommitment() {
  v1::PayloadCommitment commitment;
  commitment.set_root(std::string(32, 'r'));
  commitment.set_parts(std::numeric_limits<uint32_t>::max());
  commitment.set_messages(std::numeric_limits<uint32_t>::max());
  commitment.set_bytes(std::numeric_limits<uint64_t>::max());
  commitment.set_ciphertext_sha256(std::string(32, 'c'));
  return commitment;
}

// Every field that a leaf of an exchange may have at its limit at once.
JournalLeaf FullestLeaf() {
  JournalLeaf leaf;
  leaf.set_leaf_version(1);
  leaf.set_event(v1::JOURNAL_EVENT_ANSWERED);
  for (auto* id : {leaf.mutable_exchange_id(), leaf.mutable_replay_of(), leaf.mutable_boot_id(),
                   leaf.mutable_trace_id(), leaf.mutable_registry_version()}) {
    *id = std::string(16, 'i');
  }
  leaf.set_attempt(std::numeric_limits<uint32_t>::max());
  leaf.set_caused_by_plus_one(std::numeric_limits<uint64_t>::max());
  leaf.set_time_unix_ns(-1);
  leaf.set_monotonic_ns(-1);
  leaf.set_consumer(std::string(kLeafSystemBytesMax, 'c'));
  leaf.set_provider(std::string(kLeafSystemBytesMax, 'p'));
  for (size_t i = 0; i < kLeafRelaysMax; ++i)
    leaf.add_relay_path(std::string(kLeafSystemBytesMax, 'n'));
  leaf.set_face(v1::FACE_REPLAY);
  leaf.set_certificate_sha256(std::string(32, 'x'));
  leaf.set_relay_receipt_sha256(std::string(32, 'x'));
  leaf.set_relay_certificate_sha256(std::string(32, 'x'));
  leaf.set_relay_asserted_origin(std::string(kLeafSystemBytesMax, 'o'));
  leaf.set_error_node(std::string(kLeafSystemBytesMax, 'e'));
  leaf.set_relayed_to(std::string(kLeafSystemBytesMax, 't'));
  leaf.set_method(std::string(core::kMethodBytesMax, 'm'));
  leaf.set_purpose(std::string(core::kPurposeBytesMax, 'p'));
  leaf.set_procedure(std::string(core::kProcedureBytesMax, 'p'));
  for (auto* reference : {leaf.mutable_dossier(), leaf.mutable_officer()}) {
    reference->set_hmac(std::string(16, 'h'));
    reference->set_key_year(std::numeric_limits<uint32_t>::max());
    reference->set_proved(true);
  }
  auto* decision = leaf.mutable_decision();
  decision->set_allowed(true);
  decision->set_rule(std::string(kLeafRuleBytesMax, 'r'));
  decision->set_reason(std::string(kLeafReasonBytesMax, 'r'));
  decision->set_shadow_rule(std::string(kLeafRuleBytesMax, 's'));
  decision->set_shadow_reason(std::string(kLeafReasonBytesMax, 's'));
  decision->set_fields_removed_sha256(std::string(32, 'd'));
  for (int i = 0; i < 4; ++i) decision->add_fields_removed(std::string(62, 'f'));
  leaf.set_grpc_status(std::numeric_limits<uint32_t>::max());
  leaf.set_error_reason(std::string(kLeafReasonBytesMax, 'e'));
  leaf.set_business_code(std::string(kLeafBusinessCodeBytesMax, 'b'));
  leaf.set_duration_us(std::numeric_limits<uint64_t>::max());
  leaf.mutable_stages()->set_decide_us(std::numeric_limits<uint32_t>::max());
  leaf.mutable_stages()->set_open_us(std::numeric_limits<uint32_t>::max());
  leaf.mutable_stages()->set_provider_us(std::numeric_limits<uint32_t>::max());
  leaf.mutable_stages()->set_minimise_us(std::numeric_limits<uint32_t>::max());
  leaf.set_resolution(std::string(kLeafResolutionBytesMax, 'r'));
  *leaf.mutable_request() = FullCommitment();
  *leaf.mutable_response() = FullCommitment();
  leaf.set_signature_commitment(std::string(32, 's'));
  leaf.set_signature_key_id(std::string(kLeafKeyIdBytesMax, 'k'));
  leaf.set_operator_name(std::string(kLeafOperatorNameBytesMax, 'o'));
  leaf.set_operator_reason(std::string(kLeafOperatorReasonBytesMax, 'o'));
  leaf.set_operator_action(std::string(kLeafOperatorActionBytesMax, 'o'));
  leaf.set_note(std::string(kLeafNoteBytesMax, 'n'));
  return leaf;
}

// The same of one of the node's own.
JournalLeaf FullestNodeLeaf() {
  JournalLeaf leaf = FullestLeaf();
  leaf.set_event(v1::JOURNAL_EVENT_HANDSHAKES_REFUSED);
  leaf.clear_exchange_id();
  leaf.clear_relay_certificate_sha256();
  leaf.clear_relay_asserted_origin();
  leaf.clear_error_node();
  leaf.clear_relayed_to();
  leaf.mutable_start()->set_version(std::string(kLeafVersionBytesMax, 'v'));
  leaf.mutable_start()->set_leaves(std::numeric_limits<uint64_t>::max());
  leaf.mutable_start()->set_in_doubt(std::numeric_limits<uint64_t>::max());
  leaf.mutable_start()->set_clean_stop(true);
  for (size_t i = 0; i < kLeafHandshakeCausesMax; ++i) {
    std::string cause(kLeafHandshakeCauseBytesMax, 'h');
    cause[0] = static_cast<char>('a' + i);
    (*leaf.mutable_handshakes_refused())[cause] = std::numeric_limits<uint32_t>::max();
  }
  return leaf;
}

TEST_CASE("a leaf with every field at its limit is encoded and fits") {
  for (const JournalLeaf& leaf : {FullestLeaf(), FullestNodeLeaf()}) {
    const auto bytes = EncodeLeaf(leaf);
    REQUIRE(bytes.ok());
    CHECK(bytes->size() <= core::kLeafBytesMax);
    CHECK(bytes->size() > 3500);
    CHECK(EncodeLeaf(leaf).value() == *bytes);  // the map's order is fixed
    const auto decoded = DecodeLeaf(*bytes);
    REQUIRE(decoded.ok());
    CHECK(EncodeLeaf(*decoded).value() == *bytes);
  }
}

TEST_CASE(
    "what the node found itself is no exchange's, and other nodes are no business of its own") {
  JournalLeaf start = FullestNodeLeaf();
  start.set_exchange_id(std::string(16, 'i'));
  CHECK(EncodeLeaf(start).status().message() ==
        "a leaf of an exchange reports no start and no handshakes");
  start.clear_start();
  CHECK_FALSE(EncodeLeaf(start).ok());
  start.clear_handshakes_refused();
  CHECK(EncodeLeaf(start).ok());
  JournalLeaf relayed = FullestNodeLeaf();
  relayed.set_relayed_to("VN:GOV:G01:ndxp");
  CHECK(EncodeLeaf(relayed).status().message() == "only a leaf of an exchange names other nodes");
}

TEST_CASE("every field one byte past its limit is refused by name") {
  struct Case {
    const char* name;
    std::function<void(JournalLeaf&)> lengthen;
  };
  const std::vector<Case> cases = {
      {"consumer", [](JournalLeaf& l) { l.mutable_consumer()->push_back('x'); }},
      {"provider", [](JournalLeaf& l) { l.mutable_provider()->push_back('x'); }},
      {"relay_path", [](JournalLeaf& l) { l.add_relay_path("x"); }},
      {"relay_path", [](JournalLeaf& l) { l.mutable_relay_path(0)->push_back('x'); }},
      {"method", [](JournalLeaf& l) { l.mutable_method()->push_back('x'); }},
      {"purpose", [](JournalLeaf& l) { l.mutable_purpose()->push_back('x'); }},
      {"procedure", [](JournalLeaf& l) { l.mutable_procedure()->push_back('x'); }},
      {"decision.rule",
       [](JournalLeaf& l) { l.mutable_decision()->mutable_rule()->push_back('x'); }},
      {"decision.reason",
       [](JournalLeaf& l) { l.mutable_decision()->mutable_reason()->push_back('x'); }},
      {"fields_removed",
       [](JournalLeaf& l) { l.mutable_decision()->mutable_fields_removed(0)->push_back('x'); }},
      {"error_reason", [](JournalLeaf& l) { l.mutable_error_reason()->push_back('x'); }},
      {"business_code", [](JournalLeaf& l) { l.mutable_business_code()->push_back('x'); }},
      {"resolution", [](JournalLeaf& l) { l.mutable_resolution()->push_back('x'); }},
      {"signature_key_id", [](JournalLeaf& l) { l.mutable_signature_key_id()->push_back('x'); }},
      {"operator_name", [](JournalLeaf& l) { l.mutable_operator_name()->push_back('x'); }},
      {"operator_reason", [](JournalLeaf& l) { l.mutable_operator_reason()->push_back('x'); }},
      {"operator_action", [](JournalLeaf& l) { l.mutable_operator_action()->push_back('x'); }},
      {"note", [](JournalLeaf& l) { l.mutable_note()->push_back('x'); }},
      {"start.version",
       [](JournalLeaf& l) {
         l = FullestNodeLeaf();
         l.mutable_start()->mutable_version()->push_back('x');
       }},
      {"handshakes_refused",
       [](JournalLeaf& l) {
         l = FullestNodeLeaf();
         (*l.mutable_handshakes_refused())["x"] = 1;
       }},
      {"relay_certificate_sha256",
       [](JournalLeaf& l) { l.mutable_relay_certificate_sha256()->push_back('x'); }},
      {"relay_asserted_origin",
       [](JournalLeaf& l) { l.mutable_relay_asserted_origin()->push_back('x'); }},
      {"error_node", [](JournalLeaf& l) { l.mutable_error_node()->push_back('x'); }},
      {"relayed_to", [](JournalLeaf& l) { l.mutable_relayed_to()->push_back('x'); }},
      {"exchange_id", [](JournalLeaf& l) { l.mutable_exchange_id()->push_back('x'); }},
      {"exchange_id", [](JournalLeaf& l) { l.mutable_exchange_id()->pop_back(); }},
      {"boot_id", [](JournalLeaf& l) { l.mutable_boot_id()->push_back('x'); }},
      {"trace_id", [](JournalLeaf& l) { l.mutable_trace_id()->push_back('x'); }},
      {"certificate_sha256",
       [](JournalLeaf& l) { l.mutable_certificate_sha256()->push_back('x'); }},
      {"dossier.hmac", [](JournalLeaf& l) { l.mutable_dossier()->mutable_hmac()->push_back('x'); }},
      {"registry_version", [](JournalLeaf& l) { l.mutable_registry_version()->push_back('x'); }},
      {"request.root", [](JournalLeaf& l) { l.mutable_request()->mutable_root()->push_back('x'); }},
      {"signature_commitment",
       [](JournalLeaf& l) { l.mutable_signature_commitment()->push_back('x'); }},
  };
  for (const Case& c : cases) {
    JournalLeaf leaf = FullestLeaf();
    c.lengthen(leaf);
    const auto bytes = EncodeLeaf(leaf);
    INFO(c.name);
    REQUIRE_FALSE(bytes.ok());
    CHECK(bytes.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(std::string(bytes.status().message()).find(c.name) != std::string::npos);
  }
}

TEST_CASE("a list of removed fields that is too long is kept beside the leaf") {
  JournalLeaf leaf;
  leaf.set_leaf_version(1);
  for (int i = 0; i < 4; ++i) leaf.mutable_decision()->add_fields_removed(std::string(62, 'f'));
  CHECK(MoveFieldsRemovedAside(&leaf).empty());
  CHECK(leaf.decision().fields_removed_size() == 4);
  leaf.mutable_decision()->add_fields_removed("one.more");
  const std::string aside = MoveFieldsRemovedAside(&leaf);
  REQUIRE_FALSE(aside.empty());
  CHECK(leaf.decision().fields_removed_size() == 0);
  CHECK(leaf.decision().fields_removed_sha256() == crypto::AsBytes(crypto::Sha256Of({aside})));
  v1::FieldsRemoved list;
  REQUIRE(list.ParseFromString(aside));
  CHECK(list.paths(4) == "one.more");
  CHECK(EncodeLeaf(leaf).ok());
}

TEST_CASE("bytes that are no leaf of this version are refused") {
  CHECK_FALSE(DecodeLeaf("\xFF").ok());
  CHECK_FALSE(DecodeLeaf("").ok());  // version 0
  JournalLeaf leaf;
  leaf.set_leaf_version(2);
  CHECK_FALSE(DecodeLeaf(leaf.SerializeAsString()).ok());
  leaf.set_leaf_version(1);
  leaf.set_consumer("\xFF");
  CHECK_FALSE(EncodeLeaf(leaf).ok());
}

}  // namespace
}  // namespace ndx::journal
