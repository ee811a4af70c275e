#include "ndx/registry/registry_source.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/registry/contract_source.h"
#include "ndx/settings/source_map.h"
#include "snapshot_builder.h"

namespace ndx::registry {
namespace {

using google::protobuf::FieldDescriptor;

// Each entry's place is its name: "grants[mot-cua]".
settings::SourceMap EntryNames(const v1::RegistryDocument& document) {
  settings::SourceMap names;
  const auto& reflection = *document.GetReflection();
  std::vector<const FieldDescriptor*> lists;
  reflection.ListFields(document, &lists);
  for (const FieldDescriptor* const list : lists) {
    const FieldDescriptor* const name = list->message_type()->FindFieldByNumber(1);
    for (int i = 0; i < reflection.FieldSize(document, list); ++i) {
      const auto& entry = reflection.GetRepeatedMessage(document, list, i);
      names.Add(absl::StrCat(list->name(), "[", i, "]"),
                {.path = absl::StrCat(list->name(), "[",
                                      entry.GetReflection()->GetString(entry, name), "]")});
    }
  }
  return names;
}

// Paths of files as meant by the file in which they stand.
void ResolveTls(const std::string& file, v1::ProviderTls* tls) {
  for (std::string* named :
       {tls->mutable_ca_file(), tls->mutable_certificate_file(), tls->mutable_key_file()}) {
    if (!named->empty()) *named = settings::ResolvePath(file, *named);
  }
}

}  // namespace

absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> LoadRegistry(const RegistrySource& source) {
  NDX_ASSIGN_OR_RETURN(const auto files, settings::ReadSettingsFiles(source.paths));
  return BuildRegistry(files, source);
}

absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> BuildRegistry(
    const std::vector<settings::SettingsFile>& files, const RegistrySource& source) {
  v1::RegistryDocument document;
  settings::SourceMap sources;
  NDX_RETURN_IF_ERROR(settings::ParseSettings(files, document, &sources));
  return SnapshotBuilder(document, sources, source).Build(files);
}

absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> BuildRegistry(
    const v1::RegistryDocument& document, const RegistrySource& source) {
  return SnapshotBuilder(document, EntryNames(document), source)
      .Build({{.name = "registry", .text = document.SerializeAsString()}});
}

absl::StatusOr<v1::RegistryDocument> ParseRegistry(
    const std::vector<settings::SettingsFile>& files) {
  v1::RegistryDocument document;
  settings::SourceMap sources;
  NDX_RETURN_IF_ERROR(settings::ParseSettings(files, document, &sources));
  for (int i = 0; i < document.services_size(); ++i) {
    v1::Service& service = *document.mutable_services(i);
    const std::string path = absl::StrCat("services[", i, "]");
    const std::string file = sources.Find(path).file;
    // Otherwise it is one of the node's descriptor directories, or kept by content.
    const std::string named =
        ContractFile(service.descriptor_set()).value_or(service.descriptor_set());
    const std::string beside = settings::ResolvePath(file, named);
    std::error_code unreadable;
    if (!service.descriptor_set().empty() && std::filesystem::exists(beside, unreadable)) {
      service.set_descriptor_set(beside);
    }
    for (v1::Provider& provider : *service.mutable_providers()) {
      if (provider.has_tls()) ResolveTls(file, provider.mutable_tls());
    }
  }
  for (int i = 0; i < document.peers_size(); ++i) {
    v1::Peer& peer = *document.mutable_peers(i);
    const std::string file = sources.Find(absl::StrCat("peers[", i, "]")).file;
    if (peer.has_tls()) ResolveTls(file, peer.mutable_tls());
  }
  return document;
}

}  // namespace ndx::registry
