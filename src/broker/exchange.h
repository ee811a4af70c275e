// One exchange on its way through the stages: what is known so far, filled in stage by stage.
//
// Thread-safety: belongs to its event loop; nothing in it may be touched elsewhere.
// Ownership: shared, because callbacks of the journal (from its own threads, by EventLoop::Post)
// and timers must find it alive after its caller has gone. Units: monotonic nanoseconds of the
// loop's clock; microseconds in durations for the leaf.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ndx/broker/caller.h"
#include "ndx/broker/request_context.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/refusal.h"
#include "ndx/crypto/exchange_signature.h"
#include "ndx/dispatch/dispatcher.h"
#include "ndx/dispatch/provider_place.h"
#include "ndx/journal/journal.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/routing/access_policy.h"
#include "ndx/routing/router.h"
#include "ndx/security/authenticator.h"
#include "ndx/transport/event_loop.h"
#include "ndx/transport/message.h"
#include "ndx/transport/metadata.h"
#include "ndx/transport/peer_identity.h"

namespace ndx::broker {

// How an exchange ended, as far as it is known.
enum class Outcome {
  kUndecided,
  kAnswered,  // by the provider; a business "no" and the provider's own error too
  kFailed,    // accepted, and failed
  kRefused,   // before anything was sent
  kInDoubt,   // sent, answer unknown
};

// An exchange that an operator has the node make again.
struct ReplayOrigin {
  core::SystemId consumer;  // in whose name
  core::ExchangeId
      replay_of;  // the exchange made again; also the idempotency key the provider sees
  std::optional<uint64_t> leaf_index;  // of the leaf that requested it
  // As recorded: the leaf keeps no plain text of them, so a provider does not get them again. A
  // peer does, from what is sealed beside the request.
  std::optional<journal::v1::KeyedReference> dossier;
  std::optional<journal::v1::KeyedReference> officer;
};

// How an exchange came that a peer relayed; principal is then the system that asked the first node.
struct RelayedFrom {
  const registry::PeerEntry* peer = nullptr;
  std::string spki_sha256;       // of the peer's certificate, 32 bytes
  crypto::Digest body_sha256{};  // as the peer asserts; held against the body when it is there
};

// A request that its caller wants kept and delivered later: the exchange ends once it is.
struct Submission {
  std::string order_key;  // empty: no order
  std::optional<absl::Duration> keep_for;
  bool id_used_before = false;
};

// A delivery of such a request, in the name of the consumer that submitted it, under its id.
struct DeliveryOrigin {
  core::SystemId consumer;
  uint64_t submitted_leaf = 0;
  uint32_t attempts_before = 0;
  // As they were proved when it was submitted.
  bool request_signed = false;
  bool officer_proved = false;
};

struct Exchange : std::enable_shared_from_this<Exchange> {
  Exchange(transport::EventLoop& on_loop, Caller& for_caller)
      : loop(on_loop), caller(&for_caller) {}

  // The request, from the face.
  transport::EventLoop& loop;
  Caller* caller;                                       // null once the answer has been handed over
  std::shared_ptr<const transport::PeerIdentity> peer;  // null for a replay and a delivery
  std::optional<ReplayOrigin> replay;
  std::optional<Submission> submission;
  std::optional<DeliveryOrigin> delivery;
  journal::v1::Face face = journal::v1::FACE_GRPC;
  std::string path;
  transport::Metadata metadata;
  std::optional<int64_t> caller_deadline_nanos;
  int64_t received_nanos = 0;
  transport::Message request;
  bool request_complete = false;
  std::optional<core::Refusal> request_fault;  // the body breaks framing or a limit
  bool caller_gone = false;

  // Stage 1.
  core::ExchangeId id;
  RequestContext context;
  telemetry::TraceContext trace;
  bool holds_node_place = false;
  // Bytes of messages held, taken from Admission. The face takes them over when the answer is on
  // its way to a caller who may be slow.
  uint64_t memory_taken = 0;

  // Stage 2.
  std::shared_ptr<const registry::RegistrySnapshot> registry;
  std::optional<security::Principal> principal;
  std::string refused_spki_sha256;  // of who showed a certificate and was not let in; 32 bytes
  std::optional<RelayedFrom> relayed_from;
  // Nodes crossed, this one last; empty for an exchange that concerns no other node.
  std::vector<std::string> relay_path;
  // Of an assertion that is the peer's and does not count: in whose name it speaks.
  std::string asserted_origin;
  bool holds_consumer_place = false;

  // Its part of the node's capacity; early_refusal.h takes it at the door.
  bool share_taken = false;

  // Stages 3 and 4.
  routing::Route route;
  routing::AccessDecision decision;
  int64_t decided_nanos = 0;
  std::vector<core::FieldViolation> field_warnings;  // let through all the same
  bool officer_proved = false;                       // by a token of the officer's own
  std::string signature_key_id;  // of the caller's signature, where it was verified

  // Stage 5.
  bool holds_id = false;
  // The answer comes from the record of an earlier exchange of this id, which is already durable.
  bool recalled = false;
  // An earlier attempt to make this change was sent and its answer never came: until this one is
  // answered, the change may have been made.
  bool doubted = false;

  // Between stages 5 and 6.
  uint64_t answer_memory = 0;  // set aside for the answer; in memory_taken too
  int64_t wait_began_nanos = 0;
  int64_t waited_nanos = 0;  // for a place at the provider
  transport::EventLoop::TimerId wait_timer;
  dispatch::ProviderPlace place;  // until the call is made

  // Stage 6.
  bool opened = false;
  int64_t open_began_nanos = 0;
  int64_t open_nanos = 0;  // time it took

  // Stage 7.
  int64_t deadline_nanos = 0;
  int64_t sent_nanos = 0;
  int64_t provider_nanos = 0;                            // time it took
  std::unique_ptr<dispatch::DispatchObserver> observer;  // of call; declared first, destroyed last
  std::unique_ptr<dispatch::DispatchCall> call;
  uint32_t attempts = 0;
  std::unique_ptr<journal::PayloadSpill> spill;  // of a streamed answer
  uint64_t unreleased_bytes = 0;  // of a streamed answer, kept back for a slow caller; in
                                  // memory_taken too
  std::vector<transport::Message> answer;
  transport::Metadata provider_initial;
  transport::Metadata provider_trailers;
  std::vector<std::string> provider_signatures;  // as sent, before the answer or after it
  // Of a streamed answer, while it passes: as the provider sent it and as it was delivered; present
  // where its signature is wanted.
  std::optional<crypto::BodyDigest> received_digest;
  std::optional<crypto::BodyDigest> delivered_digest;

  // Of an exchange that was passed on to a peer: its receipt, and where an error of its status
  // arose; the status is then another node's, to be handed on as it is.
  bool answered_by_peer = false;
  std::string next_receipt;
  std::string error_node;

  // Messages of a streamed answer as they came, and their bytes.
  struct Streamed {
    uint64_t messages = 0;
    uint64_t bytes = 0;
  } streamed;

  // Stage 8.
  std::vector<std::string> fields_removed;
  int64_t minimise_nanos = 0;

  // The end.
  Outcome outcome = Outcome::kUndecided;
  transport::GrpcStatus status;  // of the provider, where it answered
  std::optional<core::Refusal> refusal;
  std::string receipt;
  uint64_t leaf_index = 0;

  // Place in the pipeline; only Pipeline changes it.
  size_t stage = 0;

  // Ends the exchange with an error before anything was sent.
  void Refuse(core::Refusal why) {
    outcome = Outcome::kRefused;
    refusal = std::move(why);
  }

  // The grant asks for signed requests, so that what is delivered is signed too.
  bool signed_both_ways() const {
    return decision.grant != nullptr && decision.grant->grant->signed_requests;
  }
  // Made by the node itself, in the name of a consumer that does not call now.
  bool made_by_node() const { return replay.has_value() || delivery.has_value(); }
  bool streams() const { return route.method != nullptr && route.method->server_streaming; }
  bool changes() const { return route.method != nullptr && route.method->changes(); }
  // The peer by way of which the provider is reached; null where the node reaches it itself.
  const registry::PeerEntry* via() const {
    return route.provider == nullptr ? nullptr : route.provider->via;
  }
  // The id that a provider uses to recognise a request it has already carried out.
  const core::ExchangeId& idempotency_key() const {
    return replay.has_value() ? replay->replay_of : id;
  }
};

}  // namespace ndx::broker
