#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "base/log.h"
#include "collector/collector.h"
#include "collector/command/command.h"

namespace earful::collector {
namespace {

struct ServeOptions {
  std::filesystem::path data;
  CollectorOptions collector;
};

int serve(const ServeOptions& options) {
  show_info_logs(true);
  // Blocked before any thread is started, so that only this one hears them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  const auto folder = DataFolder::open(options.data);
  if (!folder.ok()) return fail(folder.error());
  auto collector = Collector::open(*folder, options.collector);
  if (!collector.ok()) return fail(collector.error());
  const auto started =
      (*collector)->start([main = pthread_self()] { pthread_kill(main, SIGTERM); });
  if (!started.ok()) return fail(started.error());

  const Endpoints& endpoints = (*collector)->endpoints();
  std::printf("earful-collector is ready: intake %s feed %s desk %s http http://127.0.0.1:%d/\n",
              endpoints.intake.c_str(), endpoints.feed.c_str(), endpoints.desk.c_str(),
              endpoints.http_port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
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
  CollectorOptions& to = options->collector;
  command->add_option("--intake", to.intake, "Where stations deliver (port 0: a free one)")
      ->capture_default_str();
  command->add_option("--feed", to.feed, "Where readers subscribe")->capture_default_str();
  command->add_option("--desk", to.desk, "Where readers and newcomers ask")->capture_default_str();
  command->add_option("--http-port", to.http_port, "HTTP on 127.0.0.1 (0: a free one)")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535));
  command->callback([options, &exit] { exit = serve(*options); });
}

}  // namespace earful::collector
