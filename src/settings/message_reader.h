// A YAML tree into a message, by reflection; then the schema's rules over the message. Private to
// the folder.
//
// Thread-safety: thread-compatible; one for each configuration. Ownership: borrows all it is given.
#pragma once

#include <map>
#include <string>

#include "google/protobuf/message.h"
#include "ndx/settings/fault_list.h"
#include "ndx/settings/source_map.h"
#include "yaml_tree.h"

namespace ndx::settings {

class MessageReader {
 public:
  MessageReader(google::protobuf::Message& into, FaultList& faults, SourceMap& sources)
      : into_(into), faults_(faults), sources_(sources) {}

  // Adds one file's content to the message.
  void Read(const YamlNode& root, const std::string& file);

  // Once all files are read: what is required is there, what is absent gets its default, what is
  // there is within bounds.
  void ApplyRules();

 private:
  // Where a value stands in its file and in the joined message.
  struct Path {
    std::string local;
    std::string merged;
  };

  void ReadMessage(const YamlNode& node, google::protobuf::Message& message, const Path& path);
  void ReadEntry(const YamlNode& key, const YamlNode& value, google::protobuf::Message& message,
                 const Path& path);
  void ReadRepeated(const YamlNode& node, google::protobuf::Message& message,
                    const google::protobuf::FieldDescriptor& field, const Path& path);
  void ReadMap(const YamlNode& node, google::protobuf::Message& message,
               const google::protobuf::FieldDescriptor& field, const Path& path);
  void ReadSingular(const YamlNode& node, google::protobuf::Message& message,
                    const google::protobuf::FieldDescriptor& field, const Path& path);
  bool ReadScalar(const YamlNode& node, google::protobuf::Message& message,
                  const google::protobuf::FieldDescriptor& field, const Path& path);
  bool OneofTaken(const google::protobuf::Message& message,
                  const google::protobuf::FieldDescriptor& field, const YamlNode& key,
                  const Path& path);

  void ApplyRulesTo(google::protobuf::Message& message, const std::string& path);
  void ApplyFieldRules(google::protobuf::Message& message,
                       const google::protobuf::FieldDescriptor& field, const std::string& path);
  bool IsGiven(const google::protobuf::Message& message,
               const google::protobuf::FieldDescriptor& field, const std::string& path) const;

  void Fault(const YamlNode& node, const Path& path, absl::string_view problem);

  google::protobuf::Message& into_;
  FaultList& faults_;
  SourceMap& sources_;
  std::string file_;
  // Every path that was given, with its place: tells a setting given as 0 from one left out, and a
  // duplicate from a first.
  std::map<std::string, SourceLocation> given_;
};

}  // namespace ndx::settings
