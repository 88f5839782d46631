#include "proto/estimate.h"

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

struct EstimateOptions {
  std::filesystem::path data, config;
  int year = 0;
  std::string since, until;
  bool json = false;
};

Result<EstimatePeriod> period_of(const EstimateOptions& options, const SiteCalendar& calendar) {
  const auto weeks =
      options.year ? calendar.weeks_of_year(options.year) : calendar.last_weeks(kWeeks, wall_now());
  EstimatePeriod period{weeks.front().first_day, weeks.back().last_day};
  if (!options.since.empty()) period.since = options.since;
  if (!options.until.empty()) period.until = options.until;
  for (const std::string& day : {period.since, period.until}) {
    if (!calendar.day_start(day)) {
      return Error{"E_TIME", "reading the day " + day + ": a day is 2026-11-22"};
    }
  }
  if (period.until < period.since) {
    return Error{"E_TIME",
                 "the last day " + period.until + " is before the first, " + period.since};
  }
  return period;
}

int estimate(const EstimateOptions& options) {
  const auto site = read_site_settings(options.config);
  if (!site.ok()) return fail(site.error());
  const auto period = period_of(options, site->calendar);
  if (!period.ok()) return wrong_use(period.error().message);
  const auto folder = DataFolder::existing(options.data);
  if (!folder.ok()) return fail(folder.error());
  EstimateFold fold;
  const auto told = tell_events(*folder, {[&](const Event& event) { fold.learn(event); },
                                          [&](const Event& event) { fold.add(event); }});
  if (!told.ok()) return fail(told.error());
  const Estimates made = fold.make(period->since, period->until);
  std::printf(
      "%s%s",
      (options.json ? estimate_json(made, fold, *period) : estimate_text(made, fold, *period))
          .c_str(),
      options.json ? "\n" : "");
  return kExitOk;
}

}  // namespace

void add_estimate(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand(
      "estimate", "Tell how often each problem is in all calls, by those heard at random");
  auto options = std::make_shared<EstimateOptions>();
  add_data_option(*command, options->data);
  command->add_option("--config", options->config, "Settings (TOML); [site] says what a week is");
  auto* year = add_year_option(*command, options->year, "Hours of all weeks of that year");
  command
      ->add_option("--since", options->since,
                   "Hours of weeks that begin from that day on (default: the last 52 weeks)")
      ->excludes(year);
  command->add_option("--until", options->until, "and not after that day")->excludes(year);
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &exit] { exit = estimate(*options); });
}

}  // namespace earful::collector
