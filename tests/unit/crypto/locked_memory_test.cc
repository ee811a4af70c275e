#include "ndx/crypto/locked_memory.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "ndx/crypto/secret_bytes.h"
#include "ndx/tests/support/fake_random.h"

namespace ndx::crypto {
namespace {

// The flags of the mapping that an address lies in (proc(5), VmFlags).
std::set<std::string> FlagsAt(const char* address) {
  std::ifstream smaps("/proc/self/smaps");
  std::string line;
  bool here = false;
  while (std::getline(smaps, line)) {
    uintptr_t begin = 0;
    uintptr_t end = 0;
    if (sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) {
      const auto at = reinterpret_cast<uintptr_t>(address);
      here = at >= begin && at < end;
    } else if (here && line.compare(0, 8, "VmFlags:") == 0) {
      std::istringstream words(line.substr(8));
      return {std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()};
    }
  }
  return {};
}

TEST_CASE("secrets of every size lie in locked memory that no core dump has") {
  tests::FakeRandom random;
  for (const size_t size : {1U, 32U, 64U, 65U, 512U, 513U, 70'000U}) {
    INFO(size << " bytes");
    const SecretBytes secret = SecretBytes::Generate(random, size);
    const auto flags = FlagsAt(secret.view().data());
#ifndef __SANITIZE_ADDRESS__  // under which mlock() does nothing
    CHECK(flags.count("lo") == 1);
#endif
    CHECK(flags.count("dd") == 1);
  }
}

TEST_CASE("pieces are zero, apart from each other, and used again") {
  std::vector<char*> pieces;
  for (int i = 0; i < 100; ++i) {
    char* const piece = TakeLockedMemory(48);
    CHECK(std::all_of(piece, piece + 48, [](char byte) { return byte == 0; }));
    std::fill(piece, piece + 48, static_cast<char>(i + 1));
    pieces.push_back(piece);
  }
  for (int i = 0; i < 100; ++i) {
    CHECK(std::all_of(pieces[static_cast<size_t>(i)], pieces[static_cast<size_t>(i)] + 48,
                      [i](char byte) { return byte == i + 1; }));
  }
  const std::set<char*> first(pieces.begin(), pieces.end());
  CHECK(first.size() == 100);
  for (char* piece : pieces) ReturnLockedMemory(piece, 48);
  for (char* piece : pieces) CHECK(std::all_of(piece, piece + 48, [](char b) { return b == 0; }));
  char* const again = TakeLockedMemory(20);
  CHECK(first.count(again) == 1);
  ReturnLockedMemory(again, 20);
}

TEST_CASE("there is memory for more secrets than the region holds") {
  std::vector<SecretBytes> secrets;
  for (int i = 0; i < 10'000; ++i) secrets.emplace_back(absl::string_view("a secret"));
  CHECK(std::all_of(secrets.begin(), secrets.end(),
                    [](const SecretBytes& secret) { return secret.view() == "a secret"; }));
}

TEST_CASE("threads take and return at once without getting in each other's way") {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t, &wrong] {
      for (int round = 0; round < 20'000; ++round) {
        const SecretBytes secret(std::string(32, static_cast<char>('a' + t)));
        const SecretBytes other(std::string(64, static_cast<char>('A' + t)));
        if (secret.view() != std::string(32, static_cast<char>('a' + t)) ||
            other.view() != std::string(64, static_cast<char>('A' + t))) {
          ++wrong[static_cast<size_t>(t)];
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4));
}

// In a process of its own: limits and the region are the process's.
TEST_CASE("memory that may not be locked is given all the same, and the reason told") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    bool good = setrlimit(RLIMIT_MEMLOCK, &none) == 0;
    // Who is root and may lock whatever the limit gives that up.
    good = good && (geteuid() != 0 || setuid(65534) == 0);
    SecretBytes large(size_t{1} << 20);  // pages of its own, taken now
    large.data()[5] = 'x';
    good = good && large.view()[5] == 'x';
    _exit(good ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace ndx::crypto
