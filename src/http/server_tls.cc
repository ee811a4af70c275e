#include "server_tls.h"

#include <boost/asio/ssl/error.hpp>

#include "absl/strings/str_cat.h"

namespace ndx::http {
namespace {

namespace asio = boost::asio;

// What OpenSSL found wrong with a client's certificate: only its own dates are let through, so that
// the site can say so.
bool ChainsUp(bool preverified, asio::ssl::verify_context& context) {
  if (preverified) return true;
  X509_STORE_CTX* const store = context.native_handle();
  const int error = X509_STORE_CTX_get_error(store);
  if (X509_STORE_CTX_get_error_depth(store) != 0 ||
      (error != X509_V_ERR_CERT_HAS_EXPIRED && error != X509_V_ERR_CERT_NOT_YET_VALID)) {
    return false;
  }
  X509_STORE_CTX_set_error(store, X509_V_OK);
  return true;
}

absl::Status AskForCertificates(asio::ssl::context& context, const std::string& ca_file) {
  boost::system::error_code error;
  context.load_verify_file(ca_file, error);
  STACK_OF(X509_NAME)* const names = error ? nullptr : SSL_load_client_CA_file(ca_file.c_str());
  if (names == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(ca_file, ": reading the clients' authorities: ", error.message()));
  }
  SSL_CTX_set_client_CA_list(context.native_handle(), names);
  context.set_verify_mode(asio::ssl::verify_peer, error);
  if (!error) context.set_verify_callback(ChainsUp, error);
  if (!error) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(ca_file, ": ", error.message()));
}

}  // namespace

std::shared_ptr<asio::ssl::context> NewTlsContext() {
  return std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
}

absl::Status UseCertificate(asio::ssl::context& context, const HttpServerTls& tls) {
  // A resumed session would carry a certificate that nobody looks at again.
  SSL_CTX_set_session_cache_mode(context.native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.native_handle(), 0);
  boost::system::error_code error;
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                          asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_sslv2 |
                          asio::ssl::context::no_sslv3,
                      error);
  if (!error) context.use_certificate_chain_file(tls.certificate_file, error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat(tls.certificate_file, ": reading the certificate: ", error.message()));
  }
  if (tls.key != nullptr) {
    auto* const key = static_cast<EVP_PKEY*>(tls.key.get());
    if (SSL_CTX_use_PrivateKey(context.native_handle(), key) != 1) {
      error.assign(static_cast<int>(ERR_get_error()), asio::error::get_ssl_category());
      ERR_clear_error();
    }
  } else {
    context.use_private_key_file(tls.key_file, asio::ssl::context::pem, error);
  }
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat(tls.key_file, ": reading the key: ", error.message()));
  }
  if (tls.client_ca_file.empty()) return absl::OkStatus();
  return AskForCertificates(context, tls.client_ca_file);
}

std::string PeerCertificate(SSL* ssl) {
  X509* const certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) return "";
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  std::string bytes(reinterpret_cast<const char*>(der), size > 0 ? static_cast<size_t>(size) : 0);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace ndx::http
