// Where the answer of one call goes. The node and the adapter host each derive from it; the adapter
// sees only the upper half.
//
//   adapter:  [SendMessage…] Finish          caller:  [Cancel] [SetSendable…]
//
// Thread-safety: thread-safe. The Deliver… functions are called from the adapter's own threads, one
// at a time; a node posts from there to its event loop.
// Ownership: shared by caller and adapter, because either may be done with the call first.
// Errors: after Finish() or Cancel() messages are dropped.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "ndx/adapters/sdk/adapter_call.h"
#include "ndx/adapters/sdk/answer_signer.h"
#include "ndx/core/mutex.h"

namespace ndx::sdk {

class AdapterReply {
 public:
  virtual ~AdapterReply() = default;

  // --- The adapter's side.

  // Queues one answer message.
  void SendMessage(MessageBytes message);

  // Signs what is answered, over its messages, when it ends well (answer_signer.h). Before the
  // first message. Nothing is signed of a call without exchange id.
  void SignWith(std::shared_ptr<const AnswerSigner> signer, const AdapterCall& call,
                crypto::BodyDigest::Kind kind);

  // Instead: the signature as it goes out, ndx-signature-bin. Before Finish().
  void SetSignature(std::string signature);

  // The last word, exactly once. A google.rpc.Status as payload (see error_details.h) travels with
  // it.
  void Finish(absl::Status status);

  // The caller has gone, or its deadline has passed. Work may be given up where that leaves nothing
  // half done.
  bool cancelled() const;

  // Blocks until there is room for a further message. False when the call is cancelled meanwhile.
  // For streams; the caller cancels at the deadline, so the wait ends.
  bool AwaitSendable();

  // Runs the callback when the call is cancelled; at once if it is already. An empty callback
  // forgets the one before, and returns only when that one is not running any more. The callback
  // must not block and must not call this object.
  void SetCancelCallback(absl::AnyInvocable<void()> callback);

  // --- The caller's side.

  // The answer is not wanted any more.
  void Cancel();

  // False: the reader is slow, AwaitSendable() is to wait. True at the beginning.
  void SetSendable(bool sendable);

 protected:
  // Nothing comes after DeliverFinish. Of this object they may call SetSendable() only: a caller
  // that hands messages to another thread sets it to false here and to true when that thread has
  // room.
  virtual void DeliverMessage(MessageBytes message) = 0;
  virtual void DeliverFinish(absl::Status status) = 0;

  // For DeliverFinish(): what goes with it as ndx-signature-bin; empty for nothing.
  const std::string& signature() const { return signature_; }

 private:
  // The adapter's alone, which makes one call at a time.
  std::optional<AnswerSignature> signing_;
  std::string signature_;

  mutable core::Mutex mutex_;
  core::CondVar changed_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool sendable_ ABSL_GUARDED_BY(mutex_) = true;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;

  // Held while the callback runs, so that forgetting it means it is over.
  core::Mutex callback_mutex_;
  absl::AnyInvocable<void()> cancel_callback_ ABSL_GUARDED_BY(callback_mutex_);
};

}  // namespace ndx::sdk
