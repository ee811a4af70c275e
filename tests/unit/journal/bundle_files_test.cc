#include "ndx/journal/bundle_files.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::journal {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

void Write(const std::string& path) {
  auto writer = BundleWriter::Create(path);
  REQUIRE(writer.ok());
  REQUIRE(writer->Add("empty", "").ok());
  REQUIRE(writer->Add("a/b/block", std::string(512, 'b')).ok());
  REQUIRE(writer->Add("a/c", std::string("\0x\n", 3)).ok());
  REQUIRE(writer->Finish().ok());
}

TEST_CASE("files come back from a directory and from an archive") {
  const tests::TempDir space;
  for (const char* name : {"bundle", "bundle.tar"}) {
    INFO(name);
    Write(space.File(name));
    const auto reader = BundleReader::Open(space.File(name));
    REQUIRE(reader.ok());
    CHECK(reader->files() ==
          std::map<std::string, uint64_t>{{"a/b/block", 512}, {"a/c", 3}, {"empty", 0}});
    CHECK(reader->Read("a/c").value() == std::string("\0x\n", 3));
    CHECK(reader->Read("a/b/block").value() == std::string(512, 'b'));
    CHECK(reader->Read("empty").value().empty());
    CHECK(absl::IsNotFound(reader->Read("d").status()));
    CHECK(absl::IsAlreadyExists(BundleWriter::Create(space.File(name)).status()));
  }
  CHECK(absl::IsNotFound(BundleReader::Open(space.File("absent")).status()));
}

TEST_CASE("the same files make the same archive") {
  const tests::TempDir space;
  Write(space.File("1.tar"));
  Write(space.File("2.tar"));
  CHECK(ReadAll(space.File("1.tar")) == ReadAll(space.File("2.tar")));
}

TEST_CASE("names stay inside the bundle") {
  CHECK(IsBundleName("receipts/17.tlog-proof"));
  CHECK(IsBundleName(std::string(kBundleNameBytesMax, 'n')));
  for (const std::string& bad :
       {std::string(), std::string("/etc/passwd"), std::string("../x"), std::string("a/../../x"),
        std::string("a//b"), std::string("a/"), std::string("."), std::string("a b"),
        std::string("a\\b"), std::string(kBundleNameBytesMax + 1, 'n')}) {
    INFO(bad);
    CHECK_FALSE(IsBundleName(bad));
  }
  const tests::TempDir space;
  auto writer = BundleWriter::Create(space.File("b"));
  CHECK_FALSE(writer->Add("../escaped", "x").ok());
  CHECK_FALSE(std::filesystem::exists(space.File("escaped")));
}

TEST_CASE("an archive that is cut, padded with something or changed in a header is refused") {
  const tests::TempDir space;
  Write(space.File("good.tar"));
  const std::string good = ReadAll(space.File("good.tar"));
  const auto opens = [&](const std::string& bytes) {
    std::ofstream(space.File("bad.tar"), std::ios::binary) << bytes;
    return BundleReader::Open(space.File("bad.tar")).ok();
  };
  CHECK(opens(good));
  CHECK_FALSE(opens(""));
  CHECK_FALSE(opens(good.substr(0, good.size() - 1024)));
  CHECK_FALSE(opens(good + "x"));
  CHECK_FALSE(opens(good + std::string(512, 'x')));
  for (size_t at = 0; at < 512; ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const bool in_checksum_tail = at >= 154 && at < 156;  // NUL and space end the number
    if (!in_checksum_tail) CHECK_FALSE(opens(changed));
  }
}

}  // namespace
}  // namespace ndx::journal
