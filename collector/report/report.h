// What was tagged, counted: by kind, queue, team or week, over a period and the one before it.
// There is no report by person, on purpose.
//
// A pure fold: hand it the usable events in feed order (those of quarantine left out), then ask.
// One fold of a tag for stations and reports: proto/tag_fold.h. Counted are tags, not retracted, of
// real calls (samples are left out; an erased tag still counts), at the time of the press. A merged
// kind counts at its root. Belongs to one thread; holds every tag of the store in memory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "proto/event.h"
#include "proto/tag_fold.h"
#include "proto/tagbook_fold.h"

namespace earful::collector {

enum class ReportBy { kKind, kQueue, kTeam, kWeek };
std::string_view report_by_text(ReportBy by);
std::optional<ReportBy> parse_report_by(std::string_view text);

inline constexpr std::chrono::days kReportPeriod{28};  // four whole weeks: no weekday counts double

struct ReportPeriod {
  WallTime from;
  WallTime to;  // not in it any more
};

struct ReportRow {
  std::string key;    // a kind's id, a queue, a team, an ISO week ("2026-W47", UTC)
  std::string label;  // for a person; English
  uint64_t count = 0;
  uint64_t calls = 0;
  uint64_t customers = 0;  // distinct customer keys; calls without one are in none
  uint64_t previous = 0;   // count in the period before; by week: in the week before
  // By kind: what was merged into this one, with its part of the count, and English labels it had.
  struct Merged {
    std::string key;
    std::string label;
    uint64_t count = 0;
  };
  std::vector<Merged> merged;
  std::vector<std::string> former_labels;
};

struct Report {
  ReportPeriod period;
  ReportBy by = ReportBy::kKind;
  std::vector<ReportRow> rows;  // most first; weeks in their order
};

class ReportFold {
 public:
  void add(const Event& event);
  // From here on events change no name and merge nothing: a report as it read at that time.
  void keep_tagbook() { tagbook_kept_ = true; }
  Report make(const ReportPeriod& period, ReportBy by) const;

 private:
  std::string key_of(const FoldedTag& tag, ReportBy by) const;
  std::string label_of(const std::string& key, ReportBy by) const;
  const std::string& customer_of(const FoldedTag& tag) const;

  void explain(ReportRow& row, const std::map<std::string, uint64_t>& kinds) const;

  TagbookFold tagbook_;
  bool tagbook_kept_ = false;
  std::unordered_map<EventId, FoldedTag> tags_;
  std::unordered_map<CallId, std::string> customers_;  // a call may learn its customer later
};

// {"from","to","rows":[{"kind","count","calls","customers","previous"}]}; the first name of a row
// is what was reported by. By kind a row has its "label" as well, and where there are any "merged",
// a list of {"kind","label","count"}, and "former_labels".
std::string report_json(const Report& report);
// A table with a bar and the change for each row.
std::string report_table(const Report& report);

}  // namespace earful::collector
