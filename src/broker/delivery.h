// The node's own signature over what it delivers, after minimising.
//
// Thread-safety: on the exchange's loop; a DeliverySigner is called from every loop.
#pragma once

#include <functional>
#include <string>

#include "ndx/broker/exchange.h"
#include "ndx/crypto/exchange_signature.h"

namespace ndx::broker {

// Gives the detached JWS (crypto/exchange_signature.h, SignedAs::kDelivery). Thread-safe.
using DeliverySigner = std::function<std::string(const crypto::SignedExchange& exchange)>;

// The signature over the answer that is about to leave; empty where none is due: the grant does not
// ask for signed requests, there is no answer, or the node has no key to sign with.
std::string SignDelivery(Exchange& x, const DeliverySigner& sign);

}  // namespace ndx::broker
