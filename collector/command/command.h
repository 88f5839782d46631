// The commands of earful-collector, each in its own file. add_NAME() teaches the command line one
// command; its callback sets `exit`: 0 ok, 1 failed, 2 wrong use. Main thread only.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "collector/setup/data_folder.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace earful::collector {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitWrongUse = 2;

void add_serve(CLI::App& app, int& exit);
void add_invite(CLI::App& app, int& exit);
void add_admit(CLI::App& app, int& exit);
void add_revoke(CLI::App& app, int& exit);
void add_tail(CLI::App& app, int& exit);
void add_report(CLI::App& app, int& exit);
void add_cadence(CLI::App& app, int& exit);
void add_estimate(CLI::App& app, int& exit);
void add_export(CLI::App& app, int& exit);
void add_verify(CLI::App& app, int& exit);
void add_backup(CLI::App& app, int& exit);
void add_restore(CLI::App& app, int& exit);
void add_check_config(CLI::App& app, int& exit);
void add_doctor(CLI::App& app, int& exit);

// One line on stderr, and the exit code that goes with it.
int fail(const Error& error);
int wrong_use(const std::string& message);

// --data, the same for every command. Root acts as the owner of that folder (base/data_owner.h).
void add_data_option(CLI::App& command, std::filesystem::path& root);
// --year, from 2000 to 2099 as events are.
CLI::Option* add_year_option(CLI::App& command, int& year, const std::string& help);
// --config, by default the file of the package where that is installed.
void add_installed_config_option(CLI::App& command, std::filesystem::path& file);

}  // namespace earful::collector
