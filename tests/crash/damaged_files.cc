// Damages the files of a stopped journal, one at a time, and asks what comes of each.
//
//   damaged_files JOURNAL_DIR NODE SIGNING_KEY MASTER_KEY SCRATCH_DIR flip|cut|tear TIMES SEED
//
// Each time a file and a place in it are drawn from the seed: one bit is flipped, or the file cut
// off there, or a piece of it zeroed as if it had never reached the disk. The journal is verified
// without its keys and started with them, and everything in it is read. Right is: refused at the
// start; or named by the verification; or harmless, because everything reads as before. Wrong is an
// answer that differs, an error that the verification did not name, and the end of the process.
// Work is done in children, a batch each, so that an abort() is seen and counted. Exit code 1 when
// anything is wrong.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "journal_reading.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/verify_journal.h"

namespace ndx::tests {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kDamagesPerChild = 100;
constexpr uint64_t kProgressEvery = 1000;
constexpr size_t kWrongShown = 20;
constexpr uint64_t kSectorBytes = 512;

struct Damage {
  std::string file;  // relative to the directory
  char kind = 'f';   // flip, cut, tear
  uint64_t offset = 0;
  uint64_t length = 0;  // of a torn piece
  int bit = 0;          // flipped
  std::string ToString() const {
    switch (kind) {
      case 'f':
        return absl::StrCat(file, " byte ", offset, " bit ", bit);
      case 'c':
        return absl::StrCat(file, " cut off at ", offset);
      default:
        return absl::StrCat(file, " zeroed from ", offset, " for ", length);
    }
  }
};

// Where files are cut off by what wrote them: at the edge of a log's block, of a page, of a sector,
// in a header, before the last byte; otherwise anywhere.
uint64_t DrawLength(uint64_t size, std::mt19937_64& draw) {
  constexpr uint64_t kEdges[] = {32768, 4096, 512};
  const uint64_t way = draw() % 8;
  if (way < std::size(kEdges)) return draw() % size / kEdges[way] * kEdges[way];
  if (way == 3) return std::min<uint64_t>(size - 1, draw() % 64);
  if (way == 4) return size - 1 - std::min<uint64_t>(size - 1, draw() % 64);
  return draw() % size;
}

// Each file is as likely as any other, whatever its size, so that small ones are looked at closely.
Damage DrawDamage(const std::string& directory, const std::vector<std::string>& files, char kind,
                  uint64_t seed, uint64_t number) {
  std::seed_seq both{seed, number};
  std::mt19937_64 draw(both);
  Damage damage{.file = files[draw() % files.size()], .kind = kind};
  const uint64_t size = fs::file_size(directory + "/" + damage.file);
  damage.offset = kind == 'c' ? DrawLength(size, draw) : draw() % size;
  damage.bit = static_cast<int>(draw() % 8);
  if (kind == 't') {
    damage.offset = damage.offset / kSectorBytes * kSectorBytes;
    damage.length = std::min(size - damage.offset, (1 + draw() % 8) * kSectorBytes);
  }
  return damage;
}

std::vector<std::string> FilesOf(const std::string& directory) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file() && entry.file_size() > 0) {
      files.push_back(fs::relative(entry.path(), directory).string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// "db/*.sst": for the table of what was damaged.
std::string KindOf(const std::string& file) {
  const fs::path path(file);
  std::string name = path.filename().string();
  if (!path.extension().empty()) {
    name = absl::StrCat("*", path.extension().string());
  } else if (const size_t dash = name.find('-'); dash != std::string::npos) {
    name = absl::StrCat(name.substr(0, dash), "-*");
  }
  return path.has_parent_path() ? absl::StrCat(path.parent_path().filename().string(), "/", name)
                                : name;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void WriteFile(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  NDX_CHECK(file.good());
}

std::string Damaged(std::string content, const Damage& damage) {
  switch (damage.kind) {
    case 'f':
      content[damage.offset] = static_cast<char>(content[damage.offset] ^ (1 << damage.bit));
      return content;
    case 'c':
      content.resize(damage.offset);
      return content;
    default:
      return content.replace(damage.offset, damage.length, damage.length, '\0');
  }
}

class DamageTrial {
 public:
  DamageTrial(const std::string& journal, JournalKeyFiles keys, const std::string& scratch)
      : keys_(std::move(keys)),
        damaged_(scratch + "/damaged"),
        started_(scratch + "/started"),
        vkey_(VkeyOf(keys_).value()) {
    fs::remove_all(scratch);
    fs::create_directories(scratch);
    fs::copy(journal, damaged_, fs::copy_options::recursive);
    const auto sound = Start();
    NDX_CHECK(sound.ok() && Verify().empty());
    sound_ = *sound;
    leaves_ =
        static_cast<uint64_t>(std::count_if(sound_.begin(), sound_.end(), [](const auto& read) {
          return absl::StartsWith(read.first, "leaf ");
        }));
    for (const auto& [question, answer] : sound_) {
      NDX_CHECK(!absl::StartsWith(answer, kReadingError));
    }
  }

  // "refused", "named", "harmless", or "WRONG: why".
  std::string Try(const Damage& damage) {
    const std::string path = absl::StrCat(damaged_, "/", damage.file);
    const std::string content = ReadFile(path);
    WriteFile(path, Damaged(content, damage));
    const std::string named = Verify();
    const auto reading = Start();
    WriteFile(path, content);
    if (!reading.ok()) return named.empty() ? "refused" : "refused and named";
    const ReadingDifference difference = Compare(sound_, *reading);
    if (difference.wrong > 0) return absl::StrCat("WRONG: ", difference.first);
    if (!named.empty()) return "named";
    if (difference.errors > 0) return absl::StrCat("WRONG: not named, ", difference.first);
    return "harmless";
  }

 private:
  // The first problem; empty if there is none.
  std::string Verify() const {
    const auto report = journal::VerifyJournal(damaged_, {.vkeys = {vkey_}, .progress = {}});
    if (!report.ok()) return absl::StrCat("cannot be verified: ", report.status().message());
    return report->ok() ? "" : report->problems.front().ToString();
  }

  absl::StatusOr<JournalReading> Start() const {
    fs::remove_all(started_);
    fs::copy(damaged_, started_, fs::copy_options::recursive);
    return ReadJournal(started_, keys_, leaves_);
  }

  const JournalKeyFiles keys_;
  const std::string damaged_;
  const std::string started_;
  const std::string vkey_;
  JournalReading sound_;
  uint64_t leaves_ = 0;
};

struct Tally {
  std::map<std::string, std::map<std::string, uint64_t>> by_kind;  // kind of file → outcome
  std::vector<std::string> wrong;

  void Add(const Damage& damage, const std::string& outcome) {
    const bool bad = absl::StartsWith(outcome, "WRONG");
    ++by_kind[KindOf(damage.file)][bad ? "WRONG" : outcome];
    if (bad) wrong.push_back(absl::StrCat(damage.ToString(), ": ", outcome));
  }
};

struct Trials {
  std::string journal;
  JournalKeyFiles keys;
  std::string scratch;
  char kind = 'f';
  uint64_t seed = 0;
  std::vector<std::string> files;

  Damage Number(uint64_t number) const { return DrawDamage(journal, files, kind, seed, number); }
};

[[noreturn]] void TryAll(const Trials& trials, uint64_t first, uint64_t end, int out) {
  DamageTrial trial(trials.journal, trials.keys, trials.scratch);
  for (uint64_t number = first; number < end; ++number) {
    const std::string line =
        absl::StrCat(absl::StrReplaceAll(trial.Try(trials.Number(number)), {{"\n", " "}}), "\n");
    NDX_CHECK(write(out, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }
  _exit(0);
}

// Tries the damages [first, end) in a child; returns the number of the first that is still to be
// tried.
uint64_t TryInChild(const Trials& trials, uint64_t first, uint64_t end, Tally* tally) {
  int ends[2];
  NDX_CHECK(pipe(ends) == 0);
  std::fflush(stdout);
  const pid_t child = fork();
  NDX_CHECK(child >= 0);
  if (child == 0) {
    close(ends[0]);
    TryAll(trials, first, end, ends[1]);
  }
  close(ends[1]);
  std::FILE* lines = fdopen(ends[0], "r");
  char line[4096];
  uint64_t number = first;
  for (; std::fgets(line, sizeof(line), lines) != nullptr; ++number) {
    std::string outcome = line;
    outcome.pop_back();
    tally->Add(trials.Number(number), outcome);
  }
  std::fclose(lines);
  int status = 0;
  NDX_CHECK(waitpid(child, &status, 0) == child);
  if (number < end) {
    tally->Add(trials.Number(number),
               absl::StrCat("WRONG: the process ended by signal ", WTERMSIG(status)));
    ++number;
  }
  return number;
}

int Run(const Trials& trials, uint64_t times) {
  Tally tally;
  for (uint64_t number = 0; number < times;) {
    number = TryInChild(trials, number, std::min(times, number + kDamagesPerChild), &tally);
    if (number % kProgressEvery == 0) {
      std::printf("     %llu of %llu\n", static_cast<unsigned long long>(number),
                  static_cast<unsigned long long>(times));
    }
  }
  for (const auto& [kind, outcomes] : tally.by_kind) {
    std::printf("     %-22s", kind.c_str());
    for (const auto& [outcome, count] : outcomes) {
      std::printf(" %s %llu;", outcome.c_str(), static_cast<unsigned long long>(count));
    }
    std::printf("\n");
  }
  for (size_t i = 0; i < std::min(tally.wrong.size(), kWrongShown); ++i) {
    std::printf("FAIL %s\n", tally.wrong[i].c_str());
  }
  std::printf("%s %llu times, %zu files, seed %llu: %zu answered wrongly\n",
              tally.wrong.empty() ? "ok  " : "FAIL", static_cast<unsigned long long>(times),
              trials.files.size(), static_cast<unsigned long long>(trials.seed),
              tally.wrong.size());
  return tally.wrong.empty() ? 0 : 1;
}

}  // namespace
}  // namespace ndx::tests

int main(int argc, char** argv) {
  const std::string kind = argc == 9 ? argv[6] : "";
  if (kind != "flip" && kind != "cut" && kind != "tear") {
    std::fprintf(stderr,
                 "usage: damaged_files JOURNAL_DIR NODE SIGNING_KEY MASTER_KEY SCRATCH_DIR "
                 "flip|cut|tear TIMES SEED\n");
    return 2;
  }
  const ndx::tests::Trials trials{.journal = argv[1],
                                  .keys = {argv[2], argv[3], argv[4]},
                                  .scratch = argv[5],
                                  .kind = kind.front(),
                                  .seed = std::strtoull(argv[8], nullptr, 10),
                                  .files = ndx::tests::FilesOf(argv[1])};
  return ndx::tests::Run(trials, std::strtoull(argv[7], nullptr, 10));
}
