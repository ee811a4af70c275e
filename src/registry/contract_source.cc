#include "ndx/registry/contract_source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "descriptor_loader.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/settings/bounded_reading.h"

namespace ndx::registry {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kByContent = "sha256:";

bool Exists(const std::string& file) {
  std::error_code unreadable;
  return fs::exists(file, unreadable);
}

absl::StatusOr<std::string> ReadFirst(const std::vector<std::string>& candidates) {
  const auto found = std::find_if(candidates.begin(), candidates.end(), Exists);
  if (found == candidates.end()) {
    return absl::NotFoundError("is not there, nor in the descriptor directories");
  }
  std::ifstream in(*found, std::ios::binary);
  return settings::ReadAtMost(in, kDescriptorSetBytesMax);
}

std::vector<std::string> InDirectories(const std::string& name, const RegistrySource& source) {
  std::vector<std::string> files;
  for (const std::string& directory : source.descriptor_directories) {
    files.push_back((fs::path(directory) / name).string());
  }
  return files;
}

absl::StatusOr<std::string> ReadKept(const std::string& sha256, const std::string& file,
                                     const std::string& beside, const RegistrySource& source) {
  if (source.kept_contract) {
    auto kept = source.kept_contract(sha256);
    if (!absl::IsNotFound(kept.status())) return kept;
  }
  std::vector<std::string> candidates = InDirectories(file, source);
  candidates.insert(candidates.begin(), (fs::path(beside).parent_path() / file).string());
  const auto bytes = ReadFirst(candidates);
  if (!bytes.ok()) {
    return absl::NotFoundError(
        absl::StrCat("is not kept here, and no descriptor directory has ", file,
                     "; `ndxctl registry export --contracts DIR` writes it where it is kept"));
  }
  const crypto::Digest digest = crypto::Sha256Of({*bytes});
  if (crypto::AsBytes(digest) == sha256) return bytes;
  return absl::InvalidArgumentError(absl::StrCat("is not what is in ", file));
}

}  // namespace

std::string ContractName(absl::string_view descriptor_set) {
  const crypto::Digest digest = crypto::Sha256Of({descriptor_set});
  return absl::StrCat(kByContent, absl::BytesToHexString(crypto::AsBytes(digest)));
}

std::optional<std::string> DigestInContractName(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, kByContent) || name.size() != 2 * crypto::kDigestBytes ||
      !std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
      })) {
    return std::nullopt;
  }
  return absl::HexStringToBytes(name);
}

std::optional<std::string> ContractFile(absl::string_view name) {
  if (!DigestInContractName(name).has_value()) return std::nullopt;
  return absl::StrCat(absl::StripPrefix(name, kByContent), ".binpb");
}

absl::StatusOr<std::string> ReadContract(const std::string& named, const std::string& beside,
                                         const RegistrySource& source) {
  const auto sha256 = DigestInContractName(named);
  if (sha256.has_value()) return ReadKept(*sha256, *ContractFile(named), beside, source);
  std::vector<std::string> candidates = InDirectories(named, source);
  candidates.insert(candidates.begin(), beside);
  return ReadFirst(candidates);
}

std::string AdapterOf(const v1::Service& service) {
  if (!service.descriptor_set().empty()) return "";
  if (!service.adapter().empty()) return service.adapter();
  for (const v1::Provider& provider : service.providers()) {
    absl::string_view endpoint = provider.endpoint();
    if (absl::ConsumePrefix(&endpoint, "embedded:")) return std::string(endpoint);
  }
  return "";
}

absl::Status NameContractByContent(v1::Service& service, const RegistrySource& source,
                                   std::vector<std::string>* contracts) {
  if (service.descriptor_set().empty()) return absl::OkStatus();
  auto bytes = ReadContract(service.descriptor_set(), service.descriptor_set(), source);
  if (!bytes.ok()) {
    return absl::Status(bytes.status().code(),
                        absl::StrCat("services[", service.name(), "].descriptor_set: \"",
                                     service.descriptor_set(), "\" ", bytes.status().message()));
  }
  service.set_descriptor_set(ContractName(*bytes));
  if (std::find(contracts->begin(), contracts->end(), *bytes) == contracts->end()) {
    contracts->push_back(*std::move(bytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<LoadedContract>> LoadedContract::Load(const v1::Service& service,
                                                                     const RegistrySource& source) {
  const std::string adapter = AdapterOf(service);
  std::string bytes;
  if (adapter.empty()) {
    NDX_ASSIGN_OR_RETURN(bytes,
                         ReadContract(service.descriptor_set(), service.descriptor_set(), source));
  } else if (const auto embedded = source.embedded_adapters.find(adapter);
             embedded != source.embedded_adapters.end()) {
    bytes = embedded->second;
  } else {
    return absl::NotFoundError("is of an adapter that the node does not have");
  }
  std::unique_ptr<LoadedContract> contract(new LoadedContract());
  NDX_RETURN_IF_ERROR(DescriptorLoader(contract->pool_).Add(service.name(), bytes));
  contract->service_ = contract->pool_.FindServiceByName(service.name());
  if (contract->service_ != nullptr) return contract;
  return absl::InvalidArgumentError("is not a service of its descriptors");
}

}  // namespace ndx::registry
