#include "collector/report/report.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "collector/command/command.h"
#include "collector/store/store_reader.h"

namespace earful::collector {
namespace {

struct ReportOptions {
  std::filesystem::path data;
  std::string since, until, names_at, by = "kind";
  bool json = false;
};

// A day alone means its beginning (or, for an end, that it is still counted).
std::optional<WallTime> parse_time(const std::string& text, bool end_of_day) {
  if (text.size() != 10) return parse_rfc3339(text);
  const auto day = parse_rfc3339(text + "T00:00:00Z");
  if (day && end_of_day) return *day + std::chrono::days(1);
  return day;
}

Error bad_time(const std::string& option, const std::string& text) {
  return {"E_TIME",
          "reading " + option + " " + text + ": a time is 2026-11-22 or 2026-11-22T14:00:00Z"};
}

Result<ReportPeriod> period_of(const ReportOptions& options) {
  const auto until =
      options.until.empty() ? std::optional(wall_now()) : parse_time(options.until, true);
  if (!until) return bad_time("--until", options.until);
  const auto since = options.since.empty() ? std::optional(*until - kReportPeriod)
                                           : parse_time(options.since, false);
  if (!since) return bad_time("--since", options.since);
  if (*since >= *until) return bad_time("--since", options.since + ", which is not before the end");
  return ReportPeriod{*since, *until};
}

int report(const ReportOptions& options) {
  const auto by = parse_report_by(options.by);
  if (!by) {
    return wrong_use("reading --by " + options.by + ": it is kind, queue, team or week");
  }
  const auto period = period_of(options);
  if (!period.ok()) return wrong_use(period.error().message);
  const auto names_at =
      options.names_at.empty() ? std::optional<WallTime>() : parse_time(options.names_at, true);
  if (!options.names_at.empty() && !names_at) {
    return wrong_use(bad_time("--names-at", options.names_at).message);
  }
  const auto folder = DataFolder::existing(options.data);
  if (!folder.ok()) return fail(folder.error());
  auto reader = StoreReader::open(folder->store());
  if (!reader.ok()) return fail(reader.error());

  ReportFold fold;
  for (FeedPosition at{reader->epoch(), 0};;) {
    const auto page = reader->read(at, kMaxReplay, {});
    if (!page.ok()) return fail(page.error());
    for (const Record& record : page->records) {
      if (names_at && record.received_at >= *names_at) fold.keep_tagbook();
      if (!record.quarantine.empty()) continue;
      if (const auto event = decode_event(record.raw); event.ok()) fold.add(*event);
    }
    at = page->next;
    if (page->next == page->head) break;
  }
  const Report made = fold.make(*period, *by);
  std::printf("%s%s", (options.json ? report_json(made) : report_table(made)).c_str(),
              options.json ? "\n" : "");
  return kExitOk;
}

}  // namespace

void add_report(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("report", "Count what was tagged, against the time before");
  auto options = std::make_shared<ReportOptions>();
  add_data_option(*command, options->data);
  command->add_option("--since", options->since, "First day or moment (default: 28 days ago)");
  command->add_option("--until", options->until,
                      "Last day, or first moment left out (default: now)");
  command->add_option("--by", options->by, "kind, queue, team or week")->capture_default_str();
  command->add_option("--names-at", options->names_at,
                      "Names and merges of the tag book as they were at the end of that day, or at "
                      "that moment (default: as they are)");
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &exit] { exit = report(*options); });
}

}  // namespace earful::collector
