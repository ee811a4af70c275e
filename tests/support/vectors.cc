#include "ndx/tests/support/vectors.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "ndx/core/status_macros.h"

namespace ndx::tests {
namespace {

const google::protobuf::Value& Field(const google::protobuf::Struct& object,
                                     absl::string_view field) {
  const auto found = object.fields().find(std::string(field));
  return found == object.fields().end() ? google::protobuf::Value::default_instance()
                                        : found->second;
}

}  // namespace

std::string VectorPath(absl::string_view name) { return absl::StrCat(NDX_VECTORS_DIR, "/", name); }

std::string ReadVector(absl::string_view name) {
  std::ifstream file(VectorPath(name), std::ios::binary);
  NDX_CHECK(file.is_open());
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

google::protobuf::Struct ReadJsonVector(absl::string_view name) {
  google::protobuf::Struct object;
  NDX_CHECK(google::protobuf::util::JsonStringToMessage(ReadVector(name), &object).ok());
  return object;
}

std::vector<std::string> JsonVectorsUnder(absl::string_view folder) {
  std::vector<std::string> names;
  const std::filesystem::path root = VectorPath("");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(VectorPath(folder))) {
    if (entry.path().extension() == ".json") {
      names.push_back(std::filesystem::relative(entry.path(), root).string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string Text(const google::protobuf::Struct& object, absl::string_view field) {
  return Field(object, field).string_value();
}

std::string Hex(const google::protobuf::Struct& object, absl::string_view field) {
  return absl::HexStringToBytes(Text(object, field));
}

std::string Base64(const google::protobuf::Struct& object, absl::string_view field) {
  std::string bytes;
  NDX_CHECK(absl::Base64Unescape(Text(object, field), &bytes));
  return bytes;
}

double Number(const google::protobuf::Struct& object, absl::string_view field) {
  return Field(object, field).number_value();
}

bool Flag(const google::protobuf::Struct& object, absl::string_view field) {
  return Field(object, field).bool_value();
}

std::vector<google::protobuf::Value> List(const google::protobuf::Struct& object,
                                          absl::string_view field) {
  const auto& values = Field(object, field).list_value().values();
  return {values.begin(), values.end()};
}

std::vector<WycheproofCase> ReadWycheproof(absl::string_view file) {
  std::vector<WycheproofCase> cases;
  const auto root = ReadJsonVector(absl::StrCat("wycheproof/", file));
  for (const auto& group : List(root, "testGroups")) {
    for (const auto& test : List(group.struct_value(), "tests")) {
      const std::string result = Text(test.struct_value(), "result");
      NDX_CHECK(result == "valid" || result == "invalid");
      cases.push_back(
          {.group = group.struct_value(), .test = test.struct_value(), .valid = result == "valid"});
    }
  }
  NDX_CHECK(static_cast<double>(cases.size()) == Number(root, "numberOfTests"));
  return cases;
}

}  // namespace ndx::tests
