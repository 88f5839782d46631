#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "agent/agent.h"
#include "agent/command/command.h"
#include "agent/command/settings.h"
#include "agent/http/access_token.h"
#include "base/loopback.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;

struct OpenOptions {
  fs::path data;
  fs::path config;
  uint16_t port = 0;  // 0: that of the settings
  bool print = false;
};

// The exit status; 127 where there is no such program.
int run(const char* program, std::initializer_list<const char*> arguments) {
  std::vector<char*> words{const_cast<char*>(program)};
  for (const char* argument : arguments) words.push_back(const_cast<char*>(argument));
  words.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execvp(program, words.data());
    _exit(127);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status)
                                                                               : 127;
}

// Who else is logged in may read every command line, so the browser is given a file instead of the
// address with its token.
Result<fs::path> write_page(const fs::path& data, const std::string& address) {
  const fs::path file = data / "console.html";
  const mode_t before = umask(0077);
  std::error_code fault;
  fs::remove(file, fault);
  std::ofstream page(file);
  page << "<!doctype html><meta charset=\"utf-8\"><title>earful</title>"
       << "<meta http-equiv=\"refresh\" content=\"0;url=" << address << "\">"
       << "<a href=\"" << address << "\">earful</a>\n";
  page.close();
  umask(before);
  if (!page) return Error{"E_DISK", "writing " + file.string() + "; look at the disk"};
  return file;
}

int open_console(const OpenOptions& options) {
  const auto settings = read_settings(options.config);
  if (!settings.ok()) return fail(settings.error());
  const uint16_t port = options.port ? options.port : settings->values.port("http", "port");
  auto alive = get_from_loopback(port, "/healthz");
  if (!alive.ok() && alive.error().code == "E_AWAY" && !options.print) {
    // On a desk this is how the day begins. It is ready when this returns.
    run("systemctl", {"--user", "--quiet", "start", "earful-agent.service"});
    alive = get_from_loopback(port, "/healthz");
  }
  if (!alive.ok()) {
    return fail({"E_AWAY", "looking for the station on port " + std::to_string(port) + ": " +
                               alive.error().message + "; start it: earful-agent serve, or " +
                               "systemctl --user start earful-agent"});
  }
  const auto token = load_or_make_token(options.data / "console.token");
  if (!token.ok()) return fail(token.error());
  const std::string address = "http://127.0.0.1:" + std::to_string(port) + "/#token=" + *token;
  const bool screen = std::getenv("DISPLAY") || std::getenv("WAYLAND_DISPLAY");
  if (options.print || !screen) {
    std::puts(address.c_str());
    return kExitOk;
  }
  const auto page = write_page(options.data, address);
  if (!page.ok()) return fail(page.error());
  if (run("xdg-open", {page->c_str()}) == 0) return kExitOk;
  return fail(
      {"E_BROWSER", "opening the console: there is no xdg-open; install xdg-utils, or open " +
                        page->string() + " in a browser"});
}

}  // namespace

void add_open(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("open", "Open the console of the running station");
  auto options = std::make_shared<OpenOptions>();
  add_data_option(*command, options->data);
  add_installed_config_option(*command, options->config);
  command->add_option("--port", options->port, "Where the console is, if not as the settings say");
  command->add_flag("--print", options->print, "Print its address, which opens it, instead");
  command->callback([options, &exit] { exit = open_console(*options); });
}

}  // namespace earful::agent
