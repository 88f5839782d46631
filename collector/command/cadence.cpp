#include "proto/cadence.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "collector/command/command.h"
#include "collector/command/settings.h"
#include "collector/command/told_events.h"
#include "collector/report/listening_text.h"

namespace earful::collector {
namespace {

constexpr size_t kWeeks = 52;

struct CadenceOptions {
  std::filesystem::path data, config;
  int year = 0;
  std::string until;
  bool json = false;
};

int cadence(const CadenceOptions& options) {
  const auto site = read_site_settings(options.config);
  if (!site.ok()) return fail(site.error());
  const SiteCalendar& calendar = site->calendar;
  const WallTime now = wall_now();
  const auto until = options.until.empty() ? now : calendar.day_start(options.until);
  if (!until) {
    return wrong_use("reading --until " + options.until + ": a day is 2026-11-22");
  }
  const std::vector<Week> weeks =
      options.year ? calendar.weeks_of_year(options.year) : calendar.last_weeks(kWeeks, *until);
  const auto folder = DataFolder::existing(options.data);
  if (!folder.ok()) return fail(folder.error());
  CadenceFold fold(calendar);
  const auto told = tell_events(*folder, {[&](const Event& event) { fold.learn(event); },
                                          [&](const Event& event) { fold.add(event); }});
  if (!told.ok()) return fail(told.error());
  const Cadence made = fold.make(weeks, now);
  std::printf("%s%s", (options.json ? cadence_json(made, now) : cadence_text(made, *site)).c_str(),
              options.json ? "\n" : "");
  return kExitOk;
}

}  // namespace

void add_cadence(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("cadence", "Tell in which weeks each leader has listened");
  auto options = std::make_shared<CadenceOptions>();
  add_data_option(*command, options->data);
  command->add_option("--config", options->config, "Settings (TOML); [site] says what a week is");
  auto* year = add_year_option(*command, options->year, "All weeks of that year");
  command
      ->add_option("--until", options->until,
                   "A day of the last of 52 weeks, as 2026-11-22 (default: today)")
      ->excludes(year);
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &exit] { exit = cadence(*options); });
}

}  // namespace earful::collector
