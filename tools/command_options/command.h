// What a program or one of its commands takes on the command line. Why not CLI11 itself: README.md.
//
//   Program program("Counts sheep.", "sheep");
//   program.AddOption("-n,--limit", limit, "Sheep at most").Range(1, 100).ShowDefault();
//   if (const auto ended = program.Read(argc, argv)) return *ended;
//
// Thread-safety: thread-compatible.
// Ownership: a Program owns all that was added to it. Command and Option are references into it:
// they copy freely and must not outlive it, nor may it outlive the variables that it writes to.
// Errors: what the user got wrong is printed by Read; what the program got wrong (a name twice,
// nothing said about an option) is a bug and ends it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11 calls itself so
class App;
class Option;
}  // namespace CLI

namespace ndx::tools::command_options {

class Option {
 public:
  Option Required();
  // The value that the variable has now is shown in the help.
  Option ShowDefault();

  // Bounds are included. The help names the kind of number by their type.
  Option Range(int least, int most);
  Option Range(uint32_t least, uint32_t most);
  Option Range(uint64_t least, uint64_t most);
  Option Range(double least, double most);
  Option Positive();
  Option NotNegative();
  Option OneOf(const std::vector<std::string>& words);

  Option Excludes(const Option& other);
  Option Needs(const Option& other);

  // Of an option of several values, which else takes all that follow it: an argument is several
  // values with `separator` between them; an argument is a value only after the option's name.
  Option SeparatedBy(char separator);
  Option OneEachTime();
  // The option may stand without a value, which is then empty.
  Option ValueOptional();

 private:
  friend class Command;
  explicit Option(CLI::Option& option) : option_(&option) {}

  CLI::Option* option_;
};

class Command {
 public:
  // names: "--limit", "-n,--limit", or without dashes for an argument known by its place. The type
  // of the variable says what may be given; it keeps its value where nothing is given.
  Option AddOption(const std::string& names, std::string& value, const std::string& about);
  Option AddOption(const std::string& names, std::vector<std::string>& values,
                   const std::string& about);
  Option AddOption(const std::string& names, uint32_t& value, const std::string& about);
  Option AddOption(const std::string& names, uint64_t& value, const std::string& about);
  Option AddOption(const std::string& names, double& value, const std::string& about);
  Option AddFlag(const std::string& names, bool& value, const std::string& about);

  Command AddCommand(const std::string& name, const std::string& about);
  // One of the commands added must be given; options of this one may also stand after its name.
  void RequireCommand();

  // Stands at the end of the help.
  void SetFooter(const std::string& text);
  // Called by Program::Read when the command was given and everything is read.
  void OnGiven(std::function<void()> call);

  std::string name() const;
  std::string Help() const;
  std::vector<Command> commands() const;

 protected:
  explicit Command(CLI::App& app) : app_(&app) {}

 private:
  CLI::App* app_;
};

class Program : public Command {
 public:
  // Without a name it is called what argv[0] says.
  explicit Program(const std::string& about, const std::string& name = "");
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Reads the command line, argv[0] being the program's name. nullopt: go on. Else the help or what
  // is wrong has been printed, and this is the exit status: 0 after the help, over 100 after a
  // mistake.
  std::optional<int> Read(int argc, const char* const* argv);

 private:
  explicit Program(std::unique_ptr<CLI::App> app);

  std::unique_ptr<CLI::App> owned_;
};

}  // namespace ndx::tools::command_options
