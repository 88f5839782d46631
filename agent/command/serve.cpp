#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>

#include "agent/agent.h"
#include "agent/command/command.h"
#include "agent/command/settings.h"
#include "agent/uplink/identity.h"
#include "base/log.h"
#include "base/service_manager.h"

namespace earful::agent {
namespace {

// A heap for each thread keeps 3 MB of a station that idles nearly always; nothing here allocates
// so much that one shared heap is felt.
constexpr int kHeaps = 1;
// What a long list of calls took is given back at once; by default the heap keeps another 2 MB.
constexpr int kKeptFreeBytes = 64 * 1024;
constexpr int kHeapStepBytes = 16 * 1024;
constexpr int kLooksPerTrim = 8;  // also of what lies free between; takes less than a millisecond

// How often the main thread looks at the disk while it waits for a signal.
constexpr timespec kLookEvery{1, 0};

struct ServeOptions {
  AgentOptions agent;
  std::filesystem::path config;
  EntranceText entrance;
  CLI::Option* port = nullptr;
  CLI::Option* region = nullptr;
};

// What the flags say, and where they say nothing, the file.
EntranceText merged(const EntranceText& flags, EntranceText file) {
  const auto take = [](const std::string& flag, std::string& value) {
    if (!flag.empty()) value = flag;
  };
  take(flags.listen, file.listen);
  take(flags.public_origin, file.public_origin);
  take(flags.identity_header, file.identity_header);
  take(flags.tls_cert, file.tls_cert);
  take(flags.tls_key, file.tls_key);
  return file;
}

// A flag wins over the file.
Result<AgentOptions> settle(const ServeOptions& options) {
  EARFUL_ASSIGN(const Settings settings, read_settings(options.config));
  AgentOptions agent = options.agent;
  if (options.port->count() == 0) agent.port = settings.values.port("http", "port");
  if (options.region->count() == 0) agent.region = settings.values.text("calls", "region");
  agent.captures = settings.captures;
  agent.inboxes = settings.inboxes;
  agent.site = settings.site;
  agent.hour = settings.hour;
  const EntranceText entrance = merged(options.entrance, settings.entrance);
  EARFUL_ASSIGN(agent.public_entrance, settle_entrance(entrance));
  if (agent.public_entrance) EARFUL_TRY(load_tls(entrance, *agent.public_entrance));
  agent.book_editors = settings.values.texts("tagbook", "editors");
  return agent;
}

// An invite that the service manager hands over (/etc/credstore/earful.invite) enrols this station
// at its first start. A collector that is away then is asked again at the next one.
void join_by_credential(const std::filesystem::path& data_dir) {
  const auto file = credential("earful.invite");
  const auto identity = load_identity(data_dir);
  if (!file || !identity.ok() || identity->collector) return;
  std::string line;
  std::getline(std::ifstream(*file), line);
  char host[256] = "station";
  gethostname(host, sizeof host - 1);
  const auto joined = join_collector(data_dir, line, host);
  if (!joined.ok()) return log_error("join failed", {{"error", joined.error().message}});
  log_info("join collector", {{"host", joined->collector->host}, {"as", std::string(host)}});
}

int serve(const ServeOptions& given) {
  ServiceManager manager;
  const auto options = settle(given);
  if (!options.ok()) return fail(options.error());
  mallopt(M_ARENA_MAX, kHeaps);
  mallopt(M_TRIM_THRESHOLD, kKeptFreeBytes);
  mallopt(M_TOP_PAD, kHeapStepBytes);
  show_info_logs(true);
  // Blocked before any thread is started, so that only this one hears them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  if (const auto made = make_data_dir(options->data_dir); !made.ok()) return fail(made.error());
  join_by_credential(options->data_dir);
  auto agent = Agent::start(*options);
  if (!agent.ok()) return fail(agent.error());
  // What a service prints is kept in the journal, and the token is for one person.
  const auto address = manager.present() ? "port " + std::to_string((*agent)->port()) +
                                               ", opened by \"earful-agent open\""
                                         : (*agent)->console_address();
  std::printf("earful-agent is ready: %s\n", address.c_str());
  if (options->public_entrance) {
    std::printf("Others open %s\n", options->public_entrance->http.origin.text().c_str());
  }
  std::fflush(stdout);
  manager.ready();
  for (int looks = 1; sigtimedwait(&signals, nullptr, &kLookEvery) < 0; ++looks) {
    (*agent)->look_at_disk();
    manager.status((*agent)->status());
    if ((*agent)->is_at_work()) manager.alive(std::chrono::steady_clock::now());
    if (looks % kLooksPerTrim == 0) malloc_trim(0);
  }
  manager.stopping();
  agent->reset();
  log_info("stop serving");
  return kExitOk;
}

}  // namespace

void add_serve(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("serve", "Serve the console and deliver tags");
  auto options = std::make_shared<ServeOptions>();
  add_data_option(*command, options->agent.data_dir);
  command->add_option("--config", options->config, "Settings (TOML); a flag wins over the file");
  options->port = command
                      ->add_option("--port", options->agent.port,
                                   "Console and API on 127.0.0.1 (0: a free one)")
                      ->capture_default_str()
                      ->check(CLI::Range(0, 65535));
  const auto text = [&](const char* flag, std::string& value, const char* help) {
    command->add_option(flag, value, help);
  };
  text("--listen", options->entrance.listen,
       "For other machines too: unix:PATH behind a reverse proxy, or ADDRESS:PORT over TLS");
  text("--public-origin", options->entrance.public_origin, "The address they open, https://HOST");
  text("--identity-header", options->entrance.identity_header,
       "Header in which the proxy says who is there");
  text("--tls-cert", options->entrance.tls_cert, "Certificate with its chain (PEM)");
  text("--tls-key", options->entrance.tls_key, "Its key (PEM)");
  options->region =
      command->add_option("--region", options->agent.region,
                          "Country of telephone numbers without a country code, as \"US\"");
  command->callback([options, &exit] { exit = serve(*options); });
}

}  // namespace earful::agent
