#include "yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <exception>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/stubs/common.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::settings {
namespace {

// "?" plain, "!" quoted, "" null; anything else was written as a tag.
bool HasOwnTag(const YAML::Node& node) {
  const std::string& tag = node.Tag();
  return !tag.empty() && tag != "?" && tag != "!";
}

// Copies a parsed document under the limits. Aliases are followed, and count each time.
class TreeCopier {
 public:
  explicit TreeCopier(const std::string& file, FaultList& faults) : file_(file), faults_(faults) {}

  bool Copy(const YAML::Node& from, int depth, int line, YamlNode& to) {
    to.line = from.Mark().is_null() ? line : from.Mark().line + 1;
    if (++nodes_ > kSettingsNodesMax) {
      return Fail(to.line, absl::StrCat("has more than ", kSettingsNodesMax, " values"));
    }
    if (depth > kSettingsDepthMax) {
      return Fail(to.line, absl::StrCat("is nested deeper than ", kSettingsDepthMax, " levels"));
    }
    if (HasOwnTag(from)) return Fail(to.line, "has a YAML tag; write the value without it");
    switch (from.Type()) {
      case YAML::NodeType::Scalar:
        to.kind = YamlNode::Kind::kScalar;
        to.text = from.Scalar();
        to.quoted = from.Tag() == "!";
        return true;
      case YAML::NodeType::Sequence:
        return CopySequence(from, depth, to);
      case YAML::NodeType::Map:
        return CopyMapping(from, depth, to);
      default:
        to.line = line;  // yaml-cpp places an absent value on the next line
        return true;
    }
  }

 private:
  bool CopySequence(const YAML::Node& from, int depth, YamlNode& to) {
    to.kind = YamlNode::Kind::kSequence;
    for (const auto& element : from) {
      if (!Copy(element, depth + 1, to.line, to.elements.emplace_back())) return false;
    }
    return true;
  }

  bool CopyMapping(const YAML::Node& from, int depth, YamlNode& to) {
    to.kind = YamlNode::Kind::kMapping;
    for (const auto& entry : from) {
      auto& [key, value] = to.entries.emplace_back();
      if (!Copy(entry.first, depth + 1, to.line, key)) return false;
      if (key.kind != YamlNode::Kind::kScalar) return Fail(key.line, "has a key that is no text");
      if (!Copy(entry.second, depth + 1, key.line, value)) return false;
      value.line = key.line;  // where a person looks for it
    }
    return true;
  }

  bool Fail(int line, absl::string_view problem) {
    faults_.Add({.file = file_, .line = line}, "", problem);
    return false;
  }

  const std::string& file_;
  FaultList& faults_;
  size_t nodes_ = 0;
};

// Notes where documents begin. YAML::LoadAll must not be used: on a stray "," or "]" its parser
// delivers empty documents without end.
class DocumentStarts final : public YAML::EventHandler {
 public:
  // Lines of the first documents, at most two.
  static std::vector<int> LinesOf(const std::string& text) {
    std::istringstream input(text);
    YAML::Parser parser(input);
    DocumentStarts starts;
    while (starts.lines_.size() < 2 && parser.HandleNextDocument(starts)) {
    }
    return starts.lines_;
  }

  void OnDocumentStart(const YAML::Mark& mark) override { lines_.push_back(mark.line + 1); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/,
                       YAML::anchor_t /*anchor*/, YAML::EmitterStyle::value /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {}
  void OnMapEnd() override {}

 private:
  std::vector<int> lines_;
};

}  // namespace

YamlNode ParseYaml(absl::string_view text, absl::string_view file, FaultList& faults) {
  const std::string name(file);
  if (text.size() > kSettingsFileBytesMax) {
    faults.Add({.file = name}, "", absl::StrCat("is over ", kSettingsFileBytesMax, " bytes"));
    return {};
  }
  if (!google::protobuf::internal::IsStructurallyValidUTF8(text.data(),
                                                           static_cast<int>(text.size()))) {
    faults.Add({.file = name}, "", "is not UTF-8 text");
    return {};
  }
  try {
    const std::vector<int> document_lines = DocumentStarts::LinesOf(std::string(text));
    if (document_lines.size() > 1) {
      faults.Add({.file = name, .line = document_lines[1]}, "",
                 "is a second document in the file; use one file for each");
      return {};
    }
    YamlNode root;
    if (document_lines.empty()) return root;
    if (!TreeCopier(name, faults).Copy(YAML::Load(std::string(text)), 0, 1, root)) return {};
    return root;
  } catch (const YAML::Exception& error) {
    faults.Add({.file = name, .line = error.mark.line + 1}, "",
               absl::StrCat("is not valid YAML: ", error.msg));
  } catch (const std::exception& error) {
    faults.Add({.file = name}, "", absl::StrCat("cannot be read as YAML: ", error.what()));
  }
  return {};
}

namespace {

void Emit(const YamlNode& node, YAML::Emitter& out) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      out << YAML::Null;
      return;
    case YamlNode::Kind::kScalar:
      if (node.quoted) out << YAML::DoubleQuoted;
      out << node.text;
      return;
    case YamlNode::Kind::kSequence:
      out << YAML::BeginSeq;
      for (const YamlNode& element : node.elements) Emit(element, out);
      out << YAML::EndSeq;
      return;
    case YamlNode::Kind::kMapping:
      out << YAML::BeginMap;
      for (const YamlEntry& entry : node.entries) {
        out << YAML::Key << entry.key.text << YAML::Value;
        Emit(entry.value, out);
      }
      out << YAML::EndMap;
  }
}

}  // namespace

std::string YamlText(const YamlNode& root) {
  YAML::Emitter out;
  Emit(root, out);
  return absl::StrCat(out.c_str(), "\n");
}

}  // namespace ndx::settings
