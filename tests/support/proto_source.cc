#include "ndx/tests/support/proto_source.h"

#include <cstdio>
#include <set>
#include <utility>

#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "ndx/core/status_macros.h"

namespace ndx::tests {

namespace protobuf = google::protobuf;

class ProtoSource::Texts final : public protobuf::compiler::SourceTree {
 public:
  explicit Texts(const Files& files) : files_(files) {}

  protobuf::io::ZeroCopyInputStream* Open(const std::string& name) override {
    const auto found = files_.find(name);
    if (found == files_.end()) return nullptr;
    return new protobuf::io::ArrayInputStream(found->second.data(),
                                              static_cast<int>(found->second.size()));
  }

 private:
  const Files& files_;
};

class ProtoSource::Errors final : public protobuf::compiler::MultiFileErrorCollector {
 public:
  void AddError(const std::string& file, int line, int column, const std::string& text) override {
    std::fprintf(stderr, "%s:%d:%d: %s\n", file.c_str(), line + 1, column + 1, text.c_str());
  }
};

namespace {

void AddWithImports(const protobuf::FileDescriptor& file, std::set<std::string>& added,
                    protobuf::FileDescriptorSet& set) {
  if (!added.insert(file.name()).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) {
    AddWithImports(*file.dependency(i), added, set);
  }
  file.CopyTo(set.add_file());
}

}  // namespace

ProtoSource::ProtoSource(Files files)
    : files_(std::move(files)),
      texts_(std::make_unique<Texts>(files_)),
      errors_(std::make_unique<Errors>()),
      linked_(*protobuf::DescriptorPool::generated_pool()),
      database_(texts_.get(), &linked_),
      pool_(&database_, database_.GetValidationErrorCollector()) {
  database_.RecordErrorsTo(errors_.get());
  for (const auto& [name, text] : files_) NDX_CHECK(pool_.FindFileByName(name) != nullptr);
}

ProtoSource::~ProtoSource() = default;

const protobuf::Descriptor& ProtoSource::Type(absl::string_view full_name) const {
  const auto* type = pool_.FindMessageTypeByName(std::string(full_name));
  NDX_CHECK(type != nullptr);
  return *type;
}

std::unique_ptr<protobuf::Message> ProtoSource::New(absl::string_view full_name) {
  return std::unique_ptr<protobuf::Message>(factory_.GetPrototype(&Type(full_name))->New());
}

std::unique_ptr<protobuf::Message> ProtoSource::Parse(absl::string_view full_name,
                                                      absl::string_view text_format) {
  auto message = New(full_name);
  NDX_CHECK(protobuf::TextFormat::ParseFromString(std::string(text_format), message.get()));
  return message;
}

std::string ProtoSource::DescriptorSet() const {
  protobuf::FileDescriptorSet set;
  std::set<std::string> added;
  for (const auto& [name, text] : files_) AddWithImports(*pool_.FindFileByName(name), added, set);
  return set.SerializeAsString();
}

}  // namespace ndx::tests
