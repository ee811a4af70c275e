// One gRPC call over a Channel, waited for by the test's own thread.
//
// Thread-safety: Call() from any thread that is not the loop.
#pragma once

#include <string>
#include <vector>

#include "ndx/transport/channel.h"
#include "ndx/transport/client_call.h"
#include "ndx/transport/event_loop.h"
#include "ndx/transport/metadata.h"

namespace ndx::tests {

struct CallAnswer {
  transport::Metadata initial;
  std::vector<std::string> messages;
  transport::CallEnd end;
};

// Sends the messages, half-closes, and waits for the end. Received bytes are released at once.
CallAnswer Call(transport::EventLoop& loop, transport::Channel& channel, transport::CallHead head,
                std::vector<std::string> messages);

}  // namespace ndx::tests
