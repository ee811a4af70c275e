#include "ndx/tools/loadgen/pki_files.h"

namespace ndx::tools::loadgen {

transport::ChannelTls PkiFiles(const std::string& system, const std::string& ca_file) {
  transport::ChannelTls tls;
  tls.files.certificate_chain = system + ".crt";
  tls.files.private_key = system + ".key";
  const std::string directory = system.substr(0, system.rfind('/') + 1);
  tls.files.peer_ca = ca_file.empty() ? directory + "ca.crt" : ca_file;
  return tls;
}

}  // namespace ndx::tools::loadgen
