#include "ndx/tools/command_options/command.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ndx::tools::command_options {
namespace {

// What Program::Read makes of these arguments.
std::optional<int> Read(Program& program, const std::vector<const char*>& arguments) {
  std::vector<const char*> all = {"sheep"};
  for (const char* argument : arguments) all.push_back(argument);
  return program.Read(static_cast<int>(all.size()), all.data());
}

struct Farm {
  Farm() {
    program.SetFooter("Counts no goats.");
    const Option name = program.AddOption("name", text, "Whose");
    program.AddOption("--note", note, "Remark").ValueOptional();
    program.AddOption("--words", words, "Several").SeparatedBy(',').OneOf({"ram", "ewe"});
    const Option file = program.AddOption("--file", files, "A file each").OneEachTime();
    program.AddOption("-n,--limit", limit, "At most").Range(1U, 100U).ShowDefault();
    program.AddOption("--order", order, "Number of an order").Range(uint64_t{1}, UINT64_MAX);
    program.AddOption("--level", level, "Bounded by ints").Range(-1, 3);
    program.AddOption("--index", index, "Index").NotNegative();
    program.AddOption("--count", count, "Count").Positive().Needs(name);
    program.AddOption("--wait", seconds, "Seconds").Range(0.5, 60.0).Excludes(file);
    program.AddFlag("-f,--force", force, "At once");
  }

  std::string text;
  std::string note = "none";
  std::vector<std::string> words;
  std::vector<std::string> files;
  uint32_t limit = 20;
  uint64_t order = 0;
  uint32_t level = 0;
  uint64_t index = 0;
  uint32_t count = 0;
  double seconds = 1;
  bool force = false;
  Program program{"Counts sheep.", "sheep"};
};

TEST_CASE("what is given is written to the variables, the others keep their value") {
  Farm farm;
  REQUIRE(Read(farm.program, {"anna", "--words", "ram,ewe", "--file", "a", "--file", "b", "-n",
                              "100", "--order", "18446744073709551615", "--level", "3", "--index",
                              "0", "--count", "7", "-f"}) == std::nullopt);
  CHECK(farm.text == "anna");
  CHECK(farm.note == "none");
  CHECK(farm.words == std::vector<std::string>{"ram", "ewe"});
  CHECK(farm.files == std::vector<std::string>{"a", "b"});
  CHECK(farm.limit == 100);
  CHECK(farm.order == UINT64_MAX);
  CHECK(farm.level == 3);
  CHECK(farm.index == 0);
  CHECK(farm.count == 7);
  CHECK(farm.seconds == 1);
  CHECK(farm.force);
}

TEST_CASE(
    "an option may stand without its value where that is allowed, and the bounds are included") {
  Farm farm;
  REQUIRE(Read(farm.program, {"--wait", "0.5", "--note"}) == std::nullopt);
  CHECK(farm.note.empty());
  CHECK(farm.seconds == 0.5);
  CHECK(farm.limit == 20);
}

TEST_CASE("a wrong command line ends the program with over 100") {
  const std::vector<std::vector<const char*>> wrong = {
      {"--nothing"},
      {"--note", "a", "b", "c"},
      {"--words", "ram,goat"},
      {"--file", "a", "b", "c"},  // b is the name, c is nothing
      {"--limit"},
      {"--limit", "0"},
      {"--limit", "101"},
      {"--limit", "many"},
      {"--order", "0"},
      {"--level", "4"},
      {"--index", "-1"},
      {"anna", "--count", "0"},
      {"--count", "7"},
      {"--wait", "0.4"},
      {"--wait", "60.1"},
      {"--wait", "1", "--file", "a"},
      {"--force=perhaps"},
  };
  for (const auto& arguments : wrong) {
    Farm farm;
    CAPTURE(arguments);
    CHECK(Read(farm.program, arguments).value_or(0) > 100);
  }
}

TEST_CASE("help ends the program with 0 and names bounds, words and default values") {
  Farm farm;
  CHECK(Read(farm.program, {"--help"}) == 0);
  CHECK_THAT(farm.program.Help(),
             Catch::StartsWith("Counts sheep.\n") && Catch::EndsWith("Counts no goats.\n") &&
                 Catch::Contains("-n,--limit UINT:UINT in [1 - 100]=20") &&
                 Catch::Contains("--level UINT:INT in [-1 - 3]") &&
                 Catch::Contains("--wait FLOAT:FLOAT in [0.5 - 60]") &&
                 Catch::Contains("{ram,ewe}") && Catch::Contains("Excludes: --file"));
}

TEST_CASE("one of the commands must be given, and is called once all is read") {
  Program program("Keeps sheep.");
  std::string where = "barn";
  std::string who;
  std::string seen;
  program.AddOption("--where", where, "Place");
  program.RequireCommand();
  Command feed = program.AddCommand("feed", "Feeds them");
  feed.AddOption("who", who, "Which").Required();
  feed.OnGiven([&] { seen += "feed " + who + " in " + where; });
  program.AddCommand("shear", "Shears them").OnGiven([&] { seen += "shear"; });

  CHECK(Read(program, {}).value_or(0) > 100);
  CHECK(Read(program, {"milk"}).value_or(0) > 100);
  CHECK(Read(program, {"feed"}).value_or(0) > 100);
  CHECK(Read(program, {"feed", "--help"}) == 0);
  CHECK(seen.empty());
  CHECK(Read(program, {"feed", "dolly", "--where", "field"}) == std::nullopt);
  CHECK(seen == "feed dolly in field");

  std::vector<std::string> names;
  for (const Command& command : program.commands()) names.push_back(command.name());
  CHECK(names == std::vector<std::string>{"feed", "shear"});
  CHECK_THAT(feed.Help(), Catch::StartsWith("Feeds them\n"));
  CHECK(program.name() == "sheep");
}

}  // namespace
}  // namespace ndx::tools::command_options
