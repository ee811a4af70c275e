// A time-stamp authority for tests: openssl's own, with a CA and a certificate made for it.
//
// Thread-safety: thread-compatible.
// Ownership: its files are removed with the object.
#pragma once

#include <string>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::tests {

class TimeStampAuthority {
 public:
  TimeStampAuthority();

  // One for all tests of a program: openssl takes a while to make its keys.
  static const TimeStampAuthority& Shared();

  // What `openssl ts -reply` answers to a request: a TimeStampResp in DER.
  std::string Answer(const std::string& request) const;

  std::string ca_pem() const;
  std::string certificate_pem() const;
  // Of the CA.
  std::string ca_path() const { return directory_.File("ca.pem"); }

 private:
  void Run(const std::string& command) const;

  TempDir directory_;
};

}  // namespace ndx::tests
