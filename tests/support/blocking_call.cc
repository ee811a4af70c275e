#include "ndx/tests/support/blocking_call.h"

#include <memory>
#include <utility>

#include "ndx/tests/support/notification.h"

namespace ndx::tests {
namespace {

class Collector final : public transport::ClientCallObserver {
 public:
  void OnInitialMetadata(transport::Metadata metadata) override {
    answer.initial = std::move(metadata);
  }
  void OnMessage(transport::Message message) override {
    answer.messages.push_back(*message);
    if (call != nullptr) call->ReleaseReceived(message->size());
  }
  void OnEnd(transport::CallEnd end) override {
    answer.end = std::move(end);
    call.reset();
    done.Notify();
  }

  CallAnswer answer;
  std::unique_ptr<transport::ClientCall> call;
  Notification done;
};

}  // namespace

CallAnswer Call(transport::EventLoop& loop, transport::Channel& channel, transport::CallHead head,
                std::vector<std::string> messages) {
  Collector collector;
  loop.Post([&] {
    collector.call = channel.Start(std::move(head), &collector);
    for (std::string& message : messages) {
      collector.call->SendMessage(transport::MakeMessage(std::move(message)));
    }
    collector.call->HalfClose();
  });
  collector.done.WaitForNotification();
  return std::move(collector.answer);
}

}  // namespace ndx::tests
