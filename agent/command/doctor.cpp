#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "agent/agent.h"
#include "agent/command/command.h"
#include "agent/command/settings.h"
#include "agent/journal/journal_folder.h"
#include "agent/journal/journal_reader.h"
#include "agent/uplink/desk_trial.h"
#include "agent/uplink/identity.h"
#include "base/checkup.h"
#include "base/loopback.h"
#include "recorder/library/disk_reserve.h"
#include "recorder/source/device_list.h"
#include "recorder/source/source_spec.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;

struct DoctorOptions {
  fs::path data;
  fs::path config;
  uint16_t port = 0;  // 0: that of the settings
  bool json = false;
};

// The settings, or the defaults where they cannot be used: the other checks still mean something.
Settings check_settings(Checkup& checkup, const fs::path& file) {
  auto settings = read_settings(file);
  if (!settings.ok()) {
    checkup.fault("config", settings.error());
    return *read_settings("");
  }
  auto entrance = settle_entrance(settings->entrance);
  if (!entrance.ok()) {
    checkup.fault("config", entrance.error());
  } else if (const auto tls = *entrance ? load_tls(settings->entrance, **entrance) : Result<void>();
             !tls.ok()) {
    checkup.fault("config", tls.error());
  } else {
    checkup.fine("config", file.empty() ? "no file, so everything at its default" : file.string());
  }
  return std::move(*settings);
}

void check_token(Checkup& checkup, const fs::path& file) {
  struct stat info {};
  if (stat(file.c_str(), &info) != 0) return;
  if ((info.st_mode & 077) == 0) return;
  checkup.fault("keys", "others may read " + file.string(), "chmod 600 " + file.string());
}

void check_journal(Checkup& checkup, const fs::path& dir) {
  if (const auto local = refuse_network_disk(dir); !local.ok()) {
    return checkup.fault("journal", local.error());
  }
  const auto file = dir / kJournalFileName;
  std::error_code fault;
  if (!fs::exists(file, fault)) return checkup.note("journal", "nothing was saved yet", "start it");
  if (const auto known = JournalReader::open(dir);
      !known.ok() && known.error().code == "E_FUTURE") {
    return checkup.fault("journal", known.error());
  }
  check_database(checkup, "journal", file, "stop the station and restore it from a backup");
}

void check_library(Checkup& checkup, const fs::path& dir) {
  const auto file = library_dir(dir) / "library.db";
  std::error_code fault;
  if (!fs::exists(file, fault)) return;
  check_database(checkup, "library", file, "stop the station and restore it from a backup");
}

// Devices that captures name and that are not there.
void check_sound(Checkup& checkup, const std::vector<CaptureProfile>& captures) {
  if (captures.empty()) return checkup.fine("sound", "no capture is set up");
  const auto devices = recorder::list_devices();
  if (!devices.ok()) return checkup.fault("sound", devices.error());
  using Kind = recorder::SourceSpec::Kind;
  bool all = true;
  for (const CaptureProfile& capture : captures) {
    for (const std::string& name : {capture.source, capture.agent, capture.customer}) {
      const auto spec = recorder::parse_source(name);
      if (name.empty() || !spec.ok() || spec->kind != Kind::kDevice) continue;
      const bool there = name.starts_with("hw:") || name.starts_with("plughw:") ||
                         std::ranges::any_of(*devices, [&](const recorder::Device& device) {
                           return device.name == spec->name && device.channels > 0;
                         });
      if (there) continue;
      all = false;
      checkup.fault("sound",
                    "capture " + capture.name + " wants the device \"" + spec->name +
                        "\", which is not there",
                    "plug it in, or take a name that \"earful-agent devices\" prints");
    }
  }
  if (all) checkup.fine("sound", "the device of every capture is there");
}

void check_inboxes(Checkup& checkup, const std::vector<InboxOptions>& inboxes) {
  for (const InboxOptions& inbox : inboxes) {
    std::error_code fault;
    if (!fs::is_directory(inbox.path, fault)) {
      checkup.fault("inbox", "there is no folder " + inbox.path.string(), "mount or make it");
    } else if (::access(inbox.path.c_str(), R_OK | X_OK) != 0) {
      checkup.fault("inbox", "this user may not read " + inbox.path.string(),
                    "let it: setfacl -m u:USER:rx, or its group");
    } else {
      checkup.fine("inbox", inbox.path.string());
    }
  }
}

void check_page(Checkup& checkup) {
  std::error_code fault;
  if (fs::exists(console_dir() / "index.html", fault)) return;
  checkup.fault("console", "the page's files are not in " + console_dir().string(),
                "install earful-common again");
}

void check_station(Checkup& checkup, uint16_t port) {
  const std::string where = "port " + std::to_string(port);
  const auto alive = get_from_loopback(port, "/healthz");
  if (!alive.ok() && alive.error().code == "E_AWAY") {
    return checkup.note("station", "nothing answers on " + where,
                        "start it: systemctl start earful-agent, or with --user on a desk");
  }
  const auto metrics = get_from_loopback(port, "/metrics");
  if (!alive.ok() || !metrics.ok() || !metrics->starts_with("# HELP earful_")) {
    return checkup.fault("station", where + " is taken by another program",
                         "end that one, or choose another port in the settings");
  }
  const auto ready = get_from_loopback(port, "/readyz");
  if (!ready.ok() || !ready->starts_with("ready")) {
    return checkup.fault("station", "it answers on " + where + " and saves nothing",
                         "look at its log: journalctl -u earful-agent");
  }
  checkup.fine("station", "it answers on " + where);
}

void check_collector(Checkup& checkup, const Identity& identity) {
  if (!identity.collector) {
    return checkup.note("collector", "this station has joined none",
                        "tags stay here until \"earful-agent join\"");
  }
  const CollectorAddress& to = *identity.collector;
  for (const auto& [name, port] :
       {std::pair("intake", to.intake_port), std::pair("feed", to.feed_port),
        std::pair("desk", to.desk_port)}) {
    const auto reached = try_connect(to.host, port);
    if (reached.ok()) continue;
    return checkup.fault(
        "collector", "its " + std::string(name) + " cannot be reached: " + reached.error().message,
        reached.error().code == "E_HOST"
            ? "mend the name, or join again under another address"
            : "see that it runs there and that no firewall is in between");
  }
  checkup.fine("collector", "reached at " + to.host);
  const auto tried = try_desk(identity);
  if (tried.ok()) return checkup.fine("key", "the collector knows this station");
  checkup.fault("key", tried.error());
}

int doctor(const DoctorOptions& options) {
  Checkup checkup;
  check_program(checkup, EARFUL_VERSION, options.data);
  check_clock(checkup);
  const Settings settings = check_settings(checkup, options.config);
  check_page(checkup);
  check_sound(checkup, settings.captures);
  check_inboxes(checkup, settings.inboxes);
  const std::string start = "earful-agent serve --data " + options.data.string();
  if (check_folder(checkup, options.data, start)) {
    const int64_t want = recorder::DiskLimits().record_bytes;
    check_disk(checkup, options.data, want, "nothing is recorded");
    check_journal(checkup, options.data);
    check_library(checkup, options.data);
    check_token(checkup, options.data / "console.token");
    std::error_code fault;
    if (!fs::exists(identity_path(options.data), fault)) {
      checkup.note("keys", "there are none yet", "they are made at the first start");
    } else if (const auto identity = load_identity(options.data); !identity.ok()) {
      checkup.fault("keys", identity.error());
    } else {
      checkup.fine("keys", "station " + identity->station_id.text());
      check_collector(checkup, *identity);
    }
  }
  check_station(checkup, options.port ? options.port : settings.values.port("http", "port"));
  std::fputs((options.json ? checkup.json() : checkup.text()).c_str(), stdout);
  return checkup.healthy() ? kExitOk : kExitFailed;
}

}  // namespace

void add_doctor(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("doctor", "Look for what is wrong here, and say what to do");
  auto options = std::make_shared<DoctorOptions>();
  add_data_option(*command, options->data);
  add_installed_config_option(*command, options->config);
  command->add_option("--port", options->port, "Where the console is, if not as the settings say");
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &exit] { exit = doctor(*options); });
}

}  // namespace earful::agent
