// The TLS files of a system in a directory that devpki made.
//
// Thread-safety: thread-safe.
#pragma once

#include <string>

#include "ndx/transport/channel.h"

namespace ndx::tools::loadgen {

// system: DIR/SYSTEM, for certificate DIR/SYSTEM.crt and key DIR/SYSTEM.key. ca_file: the authority
// of the server's certificate; DIR/ca.crt where empty.
transport::ChannelTls PkiFiles(const std::string& system, const std::string& ca_file);

}  // namespace ndx::tools::loadgen
