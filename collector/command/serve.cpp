#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>

#include "base/log.h"
#include "base/service_manager.h"
#include "collector/collector.h"
#include "collector/command/command.h"
#include "collector/command/settings.h"

namespace earful::collector {
namespace {

// How often the main thread looks around while it waits for a signal.
constexpr timespec kLookEvery{1, 0};

struct ServeOptions {
  std::filesystem::path data;
  std::filesystem::path config;
  // What the command line says over the file.
  std::optional<std::string> intake, feed, desk;
  std::optional<uint16_t> http_port;
  std::string follow_from;
};

Result<CollectorOptions> settings_of(const ServeOptions& options) {
  EARFUL_ASSIGN(CollectorOptions settings, read_settings(options.config));
  settings.intake = options.intake.value_or(settings.intake);
  settings.feed = options.feed.value_or(settings.feed);
  settings.desk = options.desk.value_or(settings.desk);
  settings.http_port = options.http_port.value_or(settings.http_port);
  EARFUL_TRY(check_settings(settings));
  return settings;
}

// A folder that follows goes on following. An invite that the service manager hands over
// (/etc/credstore/earful.follow) is for a folder that is still empty.
Result<std::optional<Upstream>> upstream_of(const ServeOptions& options, const DataFolder& folder) {
  std::error_code fault;
  const bool kept = std::filesystem::exists(folder.upstream(), fault);
  std::string from = options.follow_from;
  if (const auto handed = credential("earful.follow");
      from.empty() && handed && !std::filesystem::exists(folder.store(), fault)) {
    from = *handed;
  }
  if (from.empty() && !kept) return std::optional<Upstream>();
  EARFUL_ASSIGN(Upstream upstream, from.empty() ? load_upstream(folder.upstream())
                                                : join_upstream(from, folder.upstream()));
  return std::optional(std::move(upstream));
}

int serve(const ServeOptions& options) {
  ServiceManager manager;
  show_info_logs(true);
  // Blocked before any thread is started, so that only this one hears them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  auto settings = settings_of(options);
  if (!settings.ok()) return fail(settings.error());
  const auto folder = DataFolder::open(options.data);
  if (!folder.ok()) return fail(folder.error());
  const auto upstream = upstream_of(options, *folder);
  if (!upstream.ok()) return fail(upstream.error());
  settings->upstream = *upstream;
  auto collector = Collector::open(*folder, *settings);
  if (!collector.ok()) return fail(collector.error());
  const auto started =
      (*collector)->start([main = pthread_self()] { pthread_kill(main, SIGTERM); });
  if (!started.ok()) return fail(started.error());

  const Endpoints& endpoints = (*collector)->endpoints();
  std::printf("earful-collector is ready: intake %s feed %s desk %s http http://127.0.0.1:%d/\n",
              endpoints.intake.empty() ? "none" : endpoints.intake.c_str(), endpoints.feed.c_str(),
              endpoints.desk.c_str(), endpoints.http_port);
  std::fflush(stdout);
  manager.ready();
  while (sigtimedwait(&signals, nullptr, &kLookEvery) < 0) {
    manager.status((*collector)->status());
    if ((*collector)->is_at_work()) manager.alive(std::chrono::steady_clock::now());
  }
  manager.stopping();
  (*collector)->stop();
  if (const auto fatal = (*collector)->fatal()) return fail(*fatal);
  log_info("stop serving");
  return kExitOk;
}

}  // namespace

void add_serve(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("serve", "Take events from stations, keep and publish them");
  auto options = std::make_shared<ServeOptions>();
  add_data_option(*command, options->data);
  command->add_option("--config", options->config, "Settings file (see check-config)");
  command->add_option("--intake", options->intake,
                      "Where stations deliver (default tcp://127.0.0.1:7301; port 0: a free one)");
  command->add_option("--feed", options->feed, "Where readers subscribe (tcp://127.0.0.1:7302)");
  command->add_option("--desk", options->desk,
                      "Where readers and newcomers ask (tcp://127.0.0.1:7303)");
  command->add_option("--http-port", options->http_port, "HTTP on 127.0.0.1 (7380; 0: a free one)");
  command->add_option("--follow-from", options->follow_from,
                      "Mirror another collector instead: an invite line for a reader, or its file");
  command->callback([options, &exit] { exit = serve(*options); });
}

}  // namespace earful::collector
