// An adapter inside this process, called as if it were behind a channel. Private to src/dispatch.
//
// Events come from the adapter's own threads by EventLoop::Post, so that the contract of ClientCall
// holds: nothing is delivered from inside Start(), and everything on the loop.
#pragma once

#include <memory>

#include "ndx/dispatch/dispatcher.h"

namespace ndx::dispatch {

std::unique_ptr<Upstream> MakeEmbeddedUpstream(transport::EventLoop& loop,
                                               std::shared_ptr<sdk::Adapter> adapter);

}  // namespace ndx::dispatch
