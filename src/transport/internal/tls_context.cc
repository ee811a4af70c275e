#include "internal/tls_context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::transport {
namespace {

constexpr unsigned char kAlpnH2[] = {2, 'h', '2'};
constexpr int kVerifyDepthMax = 4;

PeerVerification* VerificationOf(X509_STORE_CTX* store) {
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  return static_cast<PeerVerification*>(SSL_get_app_data(ssl));
}

// Everything that OpenSSL finds wrong ends the handshake, but for the dates of the leaf on a
// server.
int OnVerify(int ok, X509_STORE_CTX* store) {
  if (ok == 1) return 1;
  PeerVerification* verification = VerificationOf(store);
  const int error = X509_STORE_CTX_get_error(store);
  if (verification->allow_leaf_time && X509_STORE_CTX_get_error_depth(store) == 0) {
    const bool expired = error == X509_V_ERR_CERT_HAS_EXPIRED;
    if (expired || error == X509_V_ERR_CERT_NOT_YET_VALID) {
      verification->time = expired ? CertificateTime::kExpired : CertificateTime::kNotYetValid;
      X509_STORE_CTX_set_error(store, X509_V_OK);
      return 1;
    }
  }
  verification->error = error;
  return 0;
}

// Called at every step of a handshake; after it, OpenSSL leaves its state machine once for each
// message that came.
void OnTlsState(const SSL* ssl, int where, int /*value*/) {
  auto* verification = static_cast<PeerVerification*>(SSL_get_app_data(ssl));
  if (verification->established && (where & SSL_CB_EXIT) != 0) ++verification->later_messages;
}

int OnSelectAlpn(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                 const unsigned char* offered, unsigned int offered_size, void* /*arg*/) {
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_size, kAlpnH2, sizeof(kAlpnH2), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

std::string DerOf(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

absl::Status LoadFiles(SSL_CTX* context, const TlsFiles& files) {
  const auto failed = [](absl::string_view what, const std::string& file) {
    return absl::InvalidArgumentError(absl::StrCat(what, " ", file, ": ", TakeTlsError(nullptr)));
  };
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate_chain.c_str()) != 1) {
    return failed("cannot use the certificate", files.certificate_chain);
  }
  const bool key_taken =
      files.key != nullptr
          ? SSL_CTX_use_PrivateKey(context, static_cast<EVP_PKEY*>(files.key.get())) == 1
          : SSL_CTX_use_PrivateKey_file(context, files.private_key.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!key_taken) return failed("cannot use the key", files.private_key);
  if (SSL_CTX_load_verify_file(context, files.peer_ca.c_str()) != 1) {
    return failed("cannot use the CA", files.peer_ca);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TlsContext>> TlsContext::Create(Role role,
                                                                     const TlsFiles& files,
                                                                     size_t chain_bytes_max) {
  const bool server = role == Role::kServer;
  SSL_CTX* context = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
  NDX_CHECK(context != nullptr);
  std::shared_ptr<const TlsContext> owner(new TlsContext(role, context));
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // Else one read goes on for as long as KeyUpdates come.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_max_cert_list(context, static_cast<long>(chain_bytes_max));
  SSL_CTX_set_info_callback(context, OnTlsState);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     OnVerify);
  SSL_CTX_set_verify_depth(context, kVerifyDepthMax);
  NDX_RETURN_IF_ERROR(LoadFiles(context, files));
  if (server) {
    SSL_CTX_set_alpn_select_cb(context, OnSelectAlpn, nullptr);
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(files.peer_ca.c_str()));
  } else {
    SSL_CTX_set_alpn_protos(context, kAlpnH2, sizeof(kAlpnH2));
  }
  return owner;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

SslPointer TlsContext::NewSession(int fd, PeerVerification* verification,
                                  const std::string& server_name) const {
  SslPointer ssl(SSL_new(context_));
  NDX_CHECK(ssl != nullptr);
  SSL_set_app_data(ssl.get(), verification);
  SSL_set_fd(ssl.get(), fd);
  if (role_ == Role::kServer) {
    SSL_set_accept_state(ssl.get());
    return ssl;
  }
  SSL_set_connect_state(ssl.get());
  if (server_name.empty()) return ssl;
  in6_addr numeric{};
  if (inet_pton(AF_INET, server_name.c_str(), &numeric) == 1 ||
      inet_pton(AF_INET6, server_name.c_str(), &numeric) == 1) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), server_name.c_str());
  } else {
    SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(ssl.get(), server_name.c_str());
    SSL_set_tlsext_host_name(ssl.get(), server_name.c_str());
  }
  return ssl;
}

bool ReadPeerCertificate(SSL* ssl, PeerIdentity* identity) {
  X509* leaf = SSL_get0_peer_certificate(ssl);
  if (leaf == nullptr) return false;
  identity->leaf_der = DerOf(leaf);
  const STACK_OF(X509)* chain = SSL_get0_verified_chain(ssl);
  if (chain != nullptr && sk_X509_num(chain) > 1) {
    identity->issuer_der = DerOf(sk_X509_value(chain, 1));
  }
  return true;
}

bool PeerHasUri(SSL* ssl, const std::string& uri) {
  X509* leaf = SSL_get0_peer_certificate(ssl);
  if (leaf == nullptr) return false;
  auto* names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr));
  bool found = false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    const absl::string_view value(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                  static_cast<size_t>(ASN1_STRING_length(text)));
    found = found || value == uri;
  }
  GENERAL_NAMES_free(names);
  return found;
}

bool NegotiatedHttp2(SSL* ssl) {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl, &name, &size);
  return size == 2 && name[0] == 'h' && name[1] == '2';
}

std::string TakeTlsError(int* reason_code) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (reason_code != nullptr) *reason_code = ERR_GET_REASON(code);
  if (code == 0) return "connection closed";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : absl::StrCat("TLS error ", code);
}

}  // namespace ndx::transport
