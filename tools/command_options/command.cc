#include "ndx/tools/command_options/command.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <utility>

#include "ndx/core/status_macros.h"

namespace ndx::tools::command_options {
namespace {

template <typename Value>
CLI::Option& Add(CLI::App& app, const std::string& names, Value& value, const std::string& about) {
  NDX_CHECK(!about.empty());
  return *app.add_option(names, value, about);
}

}  // namespace

Option Option::Required() { return Option(*option_->required()); }
Option Option::ShowDefault() { return Option(*option_->capture_default_str()); }

Option Option::Range(int least, int most) {
  return Option(*option_->check(CLI::Range(least, most)));
}
Option Option::Range(uint32_t least, uint32_t most) {
  return Option(*option_->check(CLI::Range(least, most)));
}
Option Option::Range(uint64_t least, uint64_t most) {
  return Option(*option_->check(CLI::Range(least, most)));
}
Option Option::Range(double least, double most) {
  return Option(*option_->check(CLI::Range(least, most)));
}
Option Option::Positive() { return Option(*option_->check(CLI::PositiveNumber)); }
Option Option::NotNegative() { return Option(*option_->check(CLI::NonNegativeNumber)); }
Option Option::OneOf(const std::vector<std::string>& words) {
  return Option(*option_->check(CLI::IsMember(words)));
}

Option Option::Excludes(const Option& other) { return Option(*option_->excludes(other.option_)); }
Option Option::Needs(const Option& other) { return Option(*option_->needs(other.option_)); }

Option Option::SeparatedBy(char separator) { return Option(*option_->delimiter(separator)); }
Option Option::OneEachTime() { return Option(*option_->allow_extra_args(false)); }
Option Option::ValueOptional() { return Option(*option_->expected(0, 1)); }

Option Command::AddOption(const std::string& names, std::string& value, const std::string& about) {
  return Option(Add(*app_, names, value, about));
}
Option Command::AddOption(const std::string& names, std::vector<std::string>& values,
                          const std::string& about) {
  return Option(Add(*app_, names, values, about));
}
Option Command::AddOption(const std::string& names, uint32_t& value, const std::string& about) {
  return Option(Add(*app_, names, value, about));
}
Option Command::AddOption(const std::string& names, uint64_t& value, const std::string& about) {
  return Option(Add(*app_, names, value, about));
}
Option Command::AddOption(const std::string& names, double& value, const std::string& about) {
  return Option(Add(*app_, names, value, about));
}
Option Command::AddFlag(const std::string& names, bool& value, const std::string& about) {
  NDX_CHECK(!about.empty());
  return Option(*app_->add_flag(names, value, about));
}

Command Command::AddCommand(const std::string& name, const std::string& about) {
  NDX_CHECK(!about.empty());
  return Command(*app_->add_subcommand(name, about));
}
void Command::RequireCommand() {
  app_->require_subcommand(1);
  app_->fallthrough();
}
void Command::SetFooter(const std::string& text) { app_->footer(text); }
void Command::OnGiven(std::function<void()> call) { app_->callback(std::move(call)); }

std::string Command::name() const { return app_->get_name(); }
std::string Command::Help() const { return app_->help(); }
std::vector<Command> Command::commands() const {
  std::vector<Command> commands;
  for (CLI::App* const app : app_->get_subcommands([](CLI::App*) { return true; })) {
    commands.push_back(Command(*app));
  }
  return commands;
}

Program::Program(const std::string& about, const std::string& name)
    : Program(std::make_unique<CLI::App>(about, name)) {}
Program::Program(std::unique_ptr<CLI::App> app) : Command(*app), owned_(std::move(app)) {}
Program::~Program() = default;

std::optional<int> Program::Read(int argc, const char* const* argv) {
  CLI11_PARSE(*owned_, argc, argv);
  return std::nullopt;
}

}  // namespace ndx::tools::command_options
