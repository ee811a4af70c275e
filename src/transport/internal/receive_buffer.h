// The receiving half of one stream: messages, the window it is owed, and the memory it holds.
//
// Window: what arrives is credited at once while the application holds nothing, because a message
// may be larger than the window and is bounded by its own limit. What the application holds
// (delivered, not released) is withheld from the credit, so a sender whose messages are not taken
// stops after at most one window more.
//
// Thread-safety: thread-compatible; the budgets are shared.
// Ownership: the budgets must outlive it.
#pragma once

#include <algorithm>
#include <cstddef>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "internal/memory_budget.h"
#include "ndx/transport/message.h"
#include "ndx/transport/message_deframer.h"

namespace ndx::transport {

class ReceiveBuffer {
 public:
  // node may be null.
  ReceiveBuffer(MessageDeframer::Limits limits, MemoryBudget* connection, MemoryBudget* node)
      : deframer_(limits), connection_(connection), node_(node) {}
  ~ReceiveBuffer() { Clear(); }
  ReceiveBuffer(const ReceiveBuffer&) = delete;
  ReceiveBuffer& operator=(const ReceiveBuffer&) = delete;

  MessageDeframer& deframer() { return deframer_; }

  // Takes what arrived; each whole message goes to deliver, which returns false to stop (the rest
  // is dropped). kResourceExhausted when the budgets are used up, else what the deframer says.
  absl::Status Feed(absl::string_view bytes, absl::FunctionRef<bool(Message)> deliver);

  // The application holds so many bytes less.
  void Release(size_t bytes);

  // Bytes of window that may be credited now; each is returned once.
  size_t TakeCredit();

  absl::Status End() const { return deframer_.End(); }

  // Gives all memory back and lets go of the budgets; nothing more will be fed.
  void Clear();

 private:
  // Takes or gives what has changed since the last call.
  bool Charge();

  MessageDeframer deframer_;
  MemoryBudget* connection_;
  MemoryBudget* node_;
  size_t uncredited_ = 0;
  size_t held_ = 0;
  size_t charged_ = 0;
};

}  // namespace ndx::transport
