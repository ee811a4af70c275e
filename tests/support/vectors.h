// Published test vectors of tests/vectors.
//
// Thread-safety: thread-safe. A file that is missing or unreadable ends the test program.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"

namespace ndx::tests {

// Path of a file or folder under tests/vectors.
std::string VectorPath(absl::string_view name);

// The whole file.
std::string ReadVector(absl::string_view name);

// A JSON object.
google::protobuf::Struct ReadJsonVector(absl::string_view name);

// Names of the JSON files below a folder, relative to tests/vectors, sorted.
std::vector<std::string> JsonVectorsUnder(absl::string_view folder);

// Fields of a JSON object; an absent one is empty, 0 or false.
std::string Text(const google::protobuf::Struct& object, absl::string_view field);
std::string Hex(const google::protobuf::Struct& object, absl::string_view field);
std::string Base64(const google::protobuf::Struct& object, absl::string_view field);
double Number(const google::protobuf::Struct& object, absl::string_view field);
bool Flag(const google::protobuf::Struct& object, absl::string_view field);
std::vector<google::protobuf::Value> List(const google::protobuf::Struct& object,
                                          absl::string_view field);

// One test of a Wycheproof file with the group it stands in. The files here have no case that is
// "acceptable"; reading one ends the program, so that whoever brings it decides what it is to be.
struct WycheproofCase {
  google::protobuf::Struct group;
  google::protobuf::Struct test;
  bool valid = false;
};
std::vector<WycheproofCase> ReadWycheproof(absl::string_view file);

}  // namespace ndx::tests
