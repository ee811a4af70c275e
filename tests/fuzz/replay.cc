// Runs a fuzz target without libFuzzer: every input of its corpus, then changes of them by a fixed
// seed. It takes the compiler of everything else, so that the tests can afford it.
//
//   fuzz_TARGET_replay DIRECTORY CHANGES
//
// When the target crashes its input stays in the current directory as crash-input. Exit code 2
// where the corpus is empty.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr uint64_t kSeed = 20'260'101;
constexpr size_t kBytesMax = 64 << 10;

std::string current;  // for whoever looks at a crash

// Calls only what a signal handler may.
void KeepInput(int number) {
  const int file = open("crash-input", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const char* at = current.data();
  size_t left = current.size();
  while (file >= 0 && left > 0) {
    const ssize_t wrote = write(file, at, left);
    if (wrote <= 0) break;
    at += wrote;
    left -= static_cast<size_t>(wrote);
  }
  close(file);
  signal(number, SIG_DFL);
  raise(number);
}

void Run(const std::string& input) {
  current = input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

std::vector<std::string> ReadCorpus(const std::string& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) files.push_back(entry);
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus;
  for (const auto& file : files) {
    std::ostringstream bytes;
    bytes << std::ifstream(file, std::ios::binary).rdbuf();
    corpus.push_back(bytes.str());
  }
  return corpus;
}

// One to four small changes: a bit, a byte of interest, a piece left out, doubled, or taken from
// another input.
std::string Change(std::string input, const std::vector<std::string>& corpus,
                   std::mt19937_64& random) {
  const auto below = [&random](size_t n) { return n == 0 ? 0 : static_cast<size_t>(random() % n); };
  constexpr std::array<char, 8> kInteresting = {'\0', '\x7F', '\x80', '\xFF', '\n', ' ', '"', '1'};
  for (size_t i = 1 + below(4); i > 0; --i) {
    const size_t at = below(input.size());
    const size_t size = std::min(input.size() - at, 1 + below(16));
    switch (below(6)) {
      case 0:
        if (!input.empty()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 1:
        if (!input.empty()) input[at] = kInteresting[below(kInteresting.size())];
        break;
      case 2:
        input.erase(at, size);
        break;
      case 3:
        input.insert(at, input.substr(at, size));
        break;
      case 4:
        input.insert(at, 1, static_cast<char>(random()));
        break;
      default: {
        const std::string& other = corpus[below(corpus.size())];
        const size_t from = below(other.size());
        input.insert(at, other.substr(from, 1 + below(64)));
        break;
      }
    }
  }
  if (input.size() > kBytesMax) input.resize(kBytesMax);
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  for (const int number : {SIGILL, SIGTRAP, SIGSEGV, SIGABRT, SIGBUS, SIGFPE}) {
    signal(number, KeepInput);
  }
  const std::vector<std::string> corpus = ReadCorpus(argv[1]);
  if (corpus.empty()) return 2;
  for (const std::string& input : corpus) Run(input);
  std::mt19937_64 random(kSeed);
  const size_t changes = std::strtoul(argv[2], nullptr, 10);
  for (size_t i = 0; i < changes; ++i) Run(Change(corpus[i % corpus.size()], corpus, random));
  std::printf("%zu inputs, %zu changes\n", corpus.size(), changes);
  return 0;
}
