// The commands of earful-agent, each in its own file. add_NAME() teaches the command line one
// command; its callback sets `exit`: 0 ok, 1 failed, 2 wrong use. Main thread only.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace CLI {
class App;
}

namespace earful::agent {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitWrongUse = 2;

void add_serve(CLI::App& app, int& exit);
void add_join(CLI::App& app, int& exit);
void add_import(CLI::App& app, int& exit);
void add_inbox_worker(CLI::App& app, int& exit);
void add_calls(CLI::App& app, int& exit);
void add_devices(CLI::App& app, int& exit);
void add_export(CLI::App& app, int& exit);
void add_hour(CLI::App& app, int& exit);
void add_record(CLI::App& app, int& exit);
void add_journal(CLI::App& app, int& exit);
void add_listener(CLI::App& app, int& exit);
void add_identity(CLI::App& app, int& exit);
void add_check_config(CLI::App& app, int& exit);
void add_doctor(CLI::App& app, int& exit);
void add_open(CLI::App& app, int& exit);
void add_capture_child(CLI::App& app, int& exit);

// One line on stderr, and the exit code that goes with it.
int fail(const Error& error);
int wrong_use(const std::string& message);

// --data, the same for every command. Root acts as the owner of that folder (base/data_owner.h).
void add_data_option(CLI::App& command, std::filesystem::path& dir);
// --config, by default the file of the package where that is installed.
void add_installed_config_option(CLI::App& command, std::filesystem::path& file);

}  // namespace earful::agent
