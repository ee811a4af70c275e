#include "ndx/tools/loadgen/pki_files.h"

#include <catch2/catch.hpp>

namespace ndx::tools::loadgen {
namespace {

TEST_CASE("a system's files stand beside each other, with the authority's in the same directory") {
  const auto tls = PkiFiles("pki/VN:GOV:H55:mot-cua", "");
  CHECK(tls.files.certificate_chain == "pki/VN:GOV:H55:mot-cua.crt");
  CHECK(tls.files.private_key == "pki/VN:GOV:H55:mot-cua.key");
  CHECK(tls.files.peer_ca == "pki/ca.crt");
}

TEST_CASE("another authority may be named, and the directory may be the current one") {
  CHECK(PkiFiles("system", "other.crt").files.peer_ca == "other.crt");
  CHECK(PkiFiles("system", "").files.peer_ca == "ca.crt");
}

}  // namespace
}  // namespace ndx::tools::loadgen
