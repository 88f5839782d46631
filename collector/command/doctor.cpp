#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "base/checkup.h"
#include "base/loopback.h"
#include "collector/command/command.h"
#include "collector/command/settings.h"
#include "collector/keys/keystore.h"
#include "collector/setup/address.h"
#include "collector/setup/secret_file.h"
#include "collector/store/store_reader.h"

namespace earful::collector {
namespace {

namespace fs = std::filesystem;

// Below this a busy site fills the disk within days; a commit itself needs far less.
constexpr int64_t kLowDiskBytes = int64_t(64) << 20;
constexpr std::chrono::days kOldBackup{7};

struct DoctorOptions {
  fs::path data;
  fs::path config;
  bool json = false;
};

CollectorOptions check_config(Checkup& checkup, const fs::path& file) {
  auto settings = read_settings(file);
  auto checked = settings.ok() ? check_settings(*settings) : Result<void>(settings.error());
  if (!checked.ok()) {
    checkup.fault("config", checked.error());
    return {};
  }
  checkup.fine("config", file.empty() ? "no file, so everything at its default" : file.string());
  return *settings;
}

void check_keys(Checkup& checkup, const DataFolder& folder) {
  for (const fs::path& file : {folder.keys(), folder.token(), folder.upstream()}) {
    if (const auto secret = check_secret_file(file); !secret.ok()) {
      return checkup.fault("keys", secret.error());
    }
  }
  std::error_code fault;
  if (!fs::exists(folder.keys(), fault)) {
    return checkup.note("keys", "there are none yet", "they are made at the first start");
  }
  const auto keys = Keystore::open(folder.keys());
  if (!keys.ok()) return checkup.fault("keys", keys.error());
  checkup.fine("keys", "public key " + keys->server_keys().public_key);
}

// Rows of a kind, beside a running collector.
Result<int64_t> count(const fs::path& store, const char* which) {
  EARFUL_ASSIGN(Database db, Database::open(store, {.read_only = true}));
  EARFUL_ASSIGN(Statement query, db.prepare(which));
  EARFUL_ASSIGN(const bool row, query.step());
  return row ? query.integer(0) : 0;
}

void check_quarantine(Checkup& checkup, const fs::path& store) {
  const auto newer = count(store, "SELECT count(*) FROM events WHERE reason='E_NEWER'");
  if (newer.ok() && *newer > 0) {
    checkup.fault(
        "version",
        std::to_string(*newer) + " events were made by stations newer than this collector",
        "upgrade earful-collector; they are read then");
  }
  const auto other =
      count(store, "SELECT count(*) FROM events WHERE reason IS NOT NULL AND reason<>'E_NEWER'");
  const auto gaps = count(store, "SELECT count(*) FROM gaps");
  if (other.ok() && gaps.ok() && *other + *gaps > 0) {
    checkup.note("records",
                 std::to_string(*other) + " in quarantine, " + std::to_string(*gaps) + " gaps",
                 "earful-collector verify lists them");
  }
}

void check_store(Checkup& checkup, const DataFolder& folder) {
  std::error_code fault;
  if (!fs::exists(folder.store(), fault)) {
    return checkup.note("store", "nothing was stored yet", "start it");
  }
  const auto reader = StoreReader::open(folder.store());
  if (!reader.ok() && reader.error().code != "E_DB_CORRUPT") {
    return checkup.fault("store", reader.error());
  }
  check_database(checkup, "store", folder.store(),
                 "stop the collector and restore the last backup; stations send what it lacks");
  if (reader.ok()) check_quarantine(checkup, folder.store());
}

void check_backups(Checkup& checkup, const DataFolder& folder) {
  std::error_code fault;
  if (!fs::exists(folder.backups(), fault)) {
    return checkup.note("backup", "there is none", "earful-collector backup FOLDER, every night");
  }
  const auto age = fs::file_time_type::clock::now() - fs::last_write_time(folder.backups(), fault);
  const auto days = std::chrono::duration_cast<std::chrono::days>(age);
  if (days > kOldBackup) {
    return checkup.note("backup", "the last one is " + std::to_string(days.count()) + " days old",
                        "earful-collector backup FOLDER, every night");
  }
  checkup.fine("backup", "the last one is " + std::to_string(days.count()) + " days old");
}

// Stations elsewhere cannot reach what listens on this machine alone.
void check_reach(Checkup& checkup, const Endpoints& endpoints) {
  if (!is_loopback(host_of(endpoints.intake)) || endpoints.intake.empty()) return;
  checkup.note("reach", "stations on this machine alone can come to " + endpoints.intake,
               "for others set intake, feed and desk to an address of this machine");
}

void check_sockets(Checkup& checkup, const Endpoints& endpoints) {
  for (const auto& [name, endpoint] :
       {std::pair("intake", endpoints.intake), std::pair("feed", endpoints.feed),
        std::pair("desk", endpoints.desk)}) {
    if (!endpoint.starts_with("tcp://")) continue;
    std::string host = host_of(endpoint);
    if (host == "*" || host == "0.0.0.0" || host == "[::]") host = "127.0.0.1";
    const auto reached = try_connect(host, port_of(endpoint));
    if (reached.ok()) continue;
    return checkup.fault(
        "sockets", "the " + std::string(name) + " does not answer: " + reached.error().message,
        "look at its log: journalctl -u earful-collector");
  }
  checkup.fine("sockets", "intake " + endpoints.intake + " feed " + endpoints.feed + " desk " +
                              endpoints.desk);
}

// False: it does not run.
bool check_running(Checkup& checkup, int port) {
  const auto front = get_from_loopback(uint16_t(port), "/");
  const std::string where = "port " + std::to_string(port);
  if (!front.ok() && front.error().code == "E_AWAY") {
    checkup.note("collector", "nothing answers on " + where,
                 "start it: systemctl start earful-collector");
    return false;
  }
  if (!front.ok() || !front->starts_with("earful collector")) {
    checkup.fault("collector", where + " is taken by another program",
                  "end that one, or choose another port in the settings");
    return false;
  }
  const auto ready = get_from_loopback(uint16_t(port), "/readyz");
  if (!ready.ok() || !ready->starts_with("ready")) {
    checkup.fault("collector", "it answers on " + where + " and stores nothing",
                  "look at the disk, and at its log: journalctl -u earful-collector");
    return true;
  }
  const auto metrics = get_from_loopback(uint16_t(port), "/metrics");
  if (metrics.ok() &&
      metrics->find("\nearful_collector_customers_unread 1\n") != std::string::npos) {
    checkup.note("customers", "new records cannot be read for customers",
                 "stop it, delete customers.db, start it: it is made again");
  }
  checkup.fine("collector", "it answers on " + where);
  return true;
}

int doctor(const DoctorOptions& options) {
  Checkup checkup;
  check_program(checkup, EARFUL_VERSION, options.data);
  check_clock(checkup);
  const CollectorOptions settings = check_config(checkup, options.config);
  const DataFolder folder{options.data};
  if (check_folder(checkup, options.data,
                   "earful-collector serve --data " + options.data.string())) {
    check_disk(checkup, options.data, kLowDiskBytes, "it may soon store nothing");
    check_keys(checkup, folder);
    check_store(checkup, folder);
    check_backups(checkup, folder);
  }
  const Endpoints endpoints = read_endpoints(folder).value_or(
      Endpoints{settings.intake, settings.feed, settings.desk, settings.http_port});
  if (check_running(checkup, endpoints.http_port)) check_sockets(checkup, endpoints);
  check_reach(checkup, endpoints);
  std::fputs((options.json ? checkup.json() : checkup.text()).c_str(), stdout);
  return checkup.healthy() ? kExitOk : kExitFailed;
}

}  // namespace

void add_doctor(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("doctor", "Look for what is wrong here, and say what to do");
  auto options = std::make_shared<DoctorOptions>();
  add_data_option(*command, options->data);
  add_installed_config_option(*command, options->config);
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &exit] { exit = doctor(*options); });
}

}  // namespace earful::collector
