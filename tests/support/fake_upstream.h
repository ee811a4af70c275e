// A provider that answers when, and as, the test says: the far end of dispatch::Upstream.
//
//   FakeUpstream far;
//   Dispatcher dispatcher(loop, random, states, far.source());
//   far.calls[0]->Answer("…");
//
// Thread-safety: everything on the dispatcher's loop.
// Ownership: must outlive the dispatcher. Records of calls are shared with them and stay.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "ndx/dispatch/dispatcher.h"

namespace ndx::tests {

class FakeUpstream {
 public:
  // One attempt as the provider saw it.
  struct Attempt {
    transport::CallHead head;
    std::string request;
    transport::ClientCallObserver* observer = nullptr;  // null once the call has gone
    bool cancelled = false;
    size_t released = 0;

    void Message(std::string bytes) const {
      if (observer != nullptr) observer->OnMessage(transport::MakeMessage(std::move(bytes)));
    }
    void End(transport::CallEnd end) {
      if (observer != nullptr) std::exchange(observer, nullptr)->OnEnd(std::move(end));
    }
    // The provider's own status, with a message before it where it has one.
    void Status(int code, std::string text = {}) {
      transport::CallEnd end{.delivery = transport::Delivery::kAnswered,
                             .cause = transport::EndCause::kAnswered};
      end.status.code = code;
      end.status.message = std::move(text);
      End(std::move(end));
    }
    void Answer(std::string bytes) {
      Message(std::move(bytes));
      Status(0);
    }
    void Break(transport::EndCause cause, transport::Delivery delivery) {
      End({.delivery = delivery, .cause = cause});
    }
  };

  dispatch::UpstreamSource source() {
    return
        [this](
            const registry::ProviderEntry&) -> absl::StatusOr<std::unique_ptr<dispatch::Upstream>> {
          ++made;
          if (!unusable.ok()) return unusable;
          return std::make_unique<End>(*this);
        };
  }

  // How often a way to a provider was asked for, and why there is none.
  int made = 0;
  absl::Status unusable;
  std::vector<std::shared_ptr<Attempt>> calls;

  Attempt& last() { return *calls.back(); }

 private:
  class Call final : public transport::ClientCall {
   public:
    explicit Call(std::shared_ptr<Attempt> attempt) : attempt_(std::move(attempt)) {}
    ~Call() override { attempt_->observer = nullptr; }
    void SendMessage(transport::Message) override {}
    void HalfClose() override {}
    void Cancel() override { attempt_->cancelled = true; }
    void ReleaseReceived(size_t bytes) override { attempt_->released += bytes; }
    size_t pending_send_bytes() const override { return 0; }
    bool sent() const override { return true; }
    std::shared_ptr<const transport::PeerIdentity> peer() const override { return nullptr; }

   private:
    const std::shared_ptr<Attempt> attempt_;
  };

  class End final : public dispatch::Upstream {
   public:
    explicit End(FakeUpstream& far) : far_(far) {}
    std::unique_ptr<transport::ClientCall> Start(transport::CallHead head,
                                                 transport::Message request,
                                                 transport::ClientCallObserver* observer) override {
      auto attempt = std::make_shared<Attempt>();
      attempt->head = std::move(head);
      attempt->request = *request;
      attempt->observer = observer;
      far_.calls.push_back(attempt);
      return std::make_unique<Call>(std::move(attempt));
    }

   private:
    FakeUpstream& far_;
  };
};

}  // namespace ndx::tests
