#include "ndx/tests/support/test_certificates.h"

#include "absl/strings/escaping.h"
#include "ndx/core/status_macros.h"

namespace ndx::tests {
namespace {

constexpr char kOneStop[] =
    "MIIBqjCCAVCgAwIBAgIUBEbX7gwJFSVkqumvzjUFijgPDaMwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMbW90LWN1"
    "YSB0ZXN0MCAXDTI2MTEyMjEwMzcwMFoYDzIxMjYxMDI5MTAzNzAwWjAXMRUwEwYDVQQDDAxtb3QtY3VhIHRlc3Qw"
    "WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT35LSCQHOOiGWaJMcjr2j8+4j1M/li0gQd6+Akuz+W8XKdOY9EHTbZ"
    "Bybtcv52NLCZix5YHZ6mvmEeUjnIsaGAo3gwdjAdBgNVHQ4EFgQUIBdLlISuuSqAluBEDjVwKjZDSzUwHwYDVR0j"
    "BBgwFoAUIBdLlISuuSqAluBEDjVwKjZDSzUwDwYDVR0TAQH/BAUwAwEB/zAjBgNVHREEHDAahhhuZHg6Ly9WTi9H"
    "T1YvSDU1L21vdC1jdWEwCgYIKoZIzj0EAwIDSAAwRQIgDEtUi3C+/WIVjUCadrh9ksKIdd0KO03VM4Z/wZTnzNwC"
    "IQCfB7NMDr6Er1Pz+cPJWCD6q8ZpBdS0aV2jY1rEIwPo2Q==";
constexpr char kInsurer[] =
    "MIIBoTCCAUegAwIBAgIUIpDUO3FhxLG0z9MMgV9BBCDGLnIwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJYmh4aCB0"
    "ZXN0MCAXDTI2MTEyMjEwMzcwMFoYDzIxMjYxMDI5MTAzNzAwWjAUMRIwEAYDVQQDDAliaHhoIHRlc3QwWTATBgcq"
    "hkjOPQIBBggqhkjOPQMBBwNCAARSgI2GaY70PdN2MTbw/NpHQZCUDDqGxOsiBXMzTXCbbakg0yB//dfpiIVx4q2e"
    "fQvNzGq3nIwk5yZkaDgf5gBso3UwczAdBgNVHQ4EFgQUKuFjxymcXxW0UDnTPUJy6mVKff4wHwYDVR0jBBgwFoAU"
    "KuFjxymcXxW0UDnTPUJy6mVKff4wDwYDVR0TAQH/BAUwAwEB/zAgBgNVHREEGTAXhhVuZHg6Ly9WTi9HT1YvRzI0"
    "L2JoeGgwCgYIKoZIzj0EAwIDSAAwRQIgfJL3Ha4Wp4tphf64QHcsRKXfx9WbiAwspRRm4xawF40CIQDjmUos4n4k"
    "xFMll4Ja/wwXiL14UmLH0WWUJhqzBMJ5UQ==";
constexpr char kSigner[] =
    "MIIBcTCCARigAwIBAgIBATAKBggqhkjOPQQDAjAVMRMwEQYDVQQDDApreS1zbyB0ZXN0MCAXDTI2MTEyMjEwMzcw"
    "MFoYDzIxMjYxMDI5MTAzNzAwWjAVMRMwEQYDVQQDDApreS1zbyB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD"
    "QgAErxJuLRelT0c43QHX22PUkNy0Z+3peZVe0SFa/rWRhAD1PIpJMcCv4hbTEnmJbS37S1YKHuHqMVkALdhOMo0S"
    "/6NXMFUwHQYDVR0OBBYEFOEmW2hGcUL/F7UM6dqznC7rg/OgMA8GA1UdEwEB/wQFMAMBAf8wIwYDVR0RBBwwGoYY"
    "bmR4Oi8vVk4vR09WL0cyNC4xL2t5LXNvMAoGCCqGSM49BAMCA0cAMEQCIFB9wvbVcQCgj2RQskCq7vHD4UZ8ldbf"
    "D1FeCKv2xzetAiB5UQmFywspBQJzkymENWFNtBM0IAx2xUdbKX2k4T7v8A==";
constexpr char kNameless[] =
    "MIIBdTCCARugAwIBAgIUMhC9T70idw9MwQfnxX2xWDwM7NwwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEbm9uZTAg"
    "Fw0yNjExMjIxMDM3MDBaGA8yMTI2MTAyOTEwMzcwMFowDzENMAsGA1UEAwwEbm9uZTBZMBMGByqGSM49AgEGCCqG"
    "SM49AwEHA0IABEMQF52VP1D6k6eiyuY1iKYAq11QbEuRuH8q5O2/G5m3lt36zX4sV8Hu2U5AY5ULWgLlDXgchc2X"
    "oPxc83oyctqjUzBRMB0GA1UdDgQWBBQPQnV6K6rkMD6YA+yEcdLilKGJRjAfBgNVHSMEGDAWgBQPQnV6K6rkMD6Y"
    "A+yEcdLilKGJRjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIDuk/76mPCBAcTv+3GD2AxWJMCBQ"
    "QwsTAPJ7cB9pAkmJAiEAmJLzwX+nk/NXhnuJQ6qo5lJhs8zU+Be7Ud+W/LOzhFg=";

const std::string* Decode(const char* base64) {
  auto* der = new std::string();
  NDX_CHECK(absl::Base64Unescape(base64, der));
  return der;
}

}  // namespace

const std::string& OneStopCertificate() {
  static const std::string* const kDer = Decode(kOneStop);
  return *kDer;
}

const std::string& InsurerCertificate() {
  static const std::string* const kDer = Decode(kInsurer);
  return *kDer;
}

const std::string& SignerCertificate() {
  static const std::string* const kDer = Decode(kSigner);
  return *kDer;
}

const std::string& NamelessCertificate() {
  static const std::string* const kDer = Decode(kNameless);
  return *kDer;
}

const std::string& OneStopSpki() {
  static const auto* const kHex =
      new std::string("ce1d06739bb646e6e411d2a19fca100aec83b3ff1136736924f8fd2e7b5063c2");
  return *kHex;
}

const std::string& InsurerSpki() {
  static const auto* const kHex =
      new std::string("e5fd9ce4883c3d844d4dbd0ba0b2526fb701d8d432d6f1bfba26060d3604358e");
  return *kHex;
}

const std::string& SignerSpki() {
  static const auto* const kHex =
      new std::string("f6e7693fca55f27d3e26e08fb83475fddf48e2477b357f02f63321fd780663cc");
  return *kHex;
}

const std::string& NamelessSpki() {
  static const auto* const kHex =
      new std::string("7b4e19cbf10c252f4c6793128ddc3a57ee65b7146562ed8c117de8368ec2e427");
  return *kHex;
}

}  // namespace ndx::tests
