#include "collector/report/report.h"

#include <algorithm>
#include <set>

#include "collector/report/iso_week.h"

namespace earful::collector {
namespace {

struct Sums {
  uint64_t count = 0;
  uint64_t previous = 0;
  std::set<CallId> calls;
  std::set<std::string> customers;
  std::map<std::string, uint64_t> kinds;  // as they were tagged
};

}  // namespace

std::string_view report_by_text(ReportBy by) {
  switch (by) {
    case ReportBy::kKind:
      return "kind";
    case ReportBy::kQueue:
      return "queue";
    case ReportBy::kTeam:
      return "team";
    case ReportBy::kWeek:
      return "week";
  }
  EARFUL_CHECK(false);
}

std::optional<ReportBy> parse_report_by(std::string_view text) {
  for (const ReportBy by : {ReportBy::kKind, ReportBy::kQueue, ReportBy::kTeam, ReportBy::kWeek}) {
    if (report_by_text(by) == text) return by;
  }
  return std::nullopt;
}

void ReportFold::add(const Event& event) {
  if (!tagbook_kept_) tagbook_.add(event);
  if (const auto tag = tag_of(event)) tags_[*tag].add(event);
  if (event.subject && !event.personal.customer_key.empty()) {
    customers_[*event.subject] = event.personal.customer_key;
  }
}

std::string ReportFold::key_of(const FoldedTag& tag, ReportBy by) const {
  switch (by) {
    case ReportBy::kKind:
      return tagbook_.root(tag.kind);
    case ReportBy::kQueue:
      return tag.snapshot ? tag.snapshot->queue : "";
    case ReportBy::kTeam:
      return tag.snapshot ? tag.snapshot->team : "";
    case ReportBy::kWeek:
      return iso_week(tag.time);
  }
  EARFUL_CHECK(false);
}

std::string ReportFold::label_of(const std::string& key, ReportBy by) const {
  if (key.empty()) return "(none)";
  if (by != ReportBy::kKind) return key;
  const TagKind* kind = tagbook_.find(key);
  return kind ? earful::label_of(*kind) : key;
}

// What makes a merged kind's count: nothing is lost by a merge, and an old name is found again.
void ReportFold::explain(ReportRow& row, const std::map<std::string, uint64_t>& kinds) const {
  row.former_labels = tagbook_.former_labels(row.key);
  for (const auto& [kind, count] : kinds) {
    if (kind != row.key) row.merged.push_back({kind, label_of(kind, ReportBy::kKind), count});
  }
}

const std::string& ReportFold::customer_of(const FoldedTag& tag) const {
  static const std::string kNobody;
  // Erased with the tag: the call's other events may still tell, and must not be asked.
  if (!tag.customer_key.empty() || tag.erased || !tag.call) return tag.customer_key;
  const auto found = customers_.find(*tag.call);
  return found == customers_.end() ? kNobody : found->second;
}

Report ReportFold::make(const ReportPeriod& period, ReportBy by) const {
  const auto length = period.to - period.from;
  std::map<std::string, Sums> sums;
  for (const auto& [id, tag] : tags_) {
    if (!tag.tagged || tag.retracted || (tag.snapshot && tag.snapshot->sample)) continue;
    if (tag.time >= period.to || tag.time < period.from - length) continue;
    const bool before = tag.time < period.from;
    if (by == ReportBy::kWeek) {
      ++sums[iso_week(tag.time + std::chrono::days(7))].previous;
    } else if (before) {
      ++sums[key_of(tag, by)].previous;
    }
    if (before) continue;
    Sums& sum = sums[key_of(tag, by)];
    ++sum.count;
    if (by == ReportBy::kKind) ++sum.kinds[tag.kind];
    if (tag.call) sum.calls.insert(*tag.call);
    if (const std::string& customer = customer_of(tag); !customer.empty()) {
      sum.customers.insert(customer);
    }
  }

  Report report{period, by, {}};
  for (const auto& [key, sum] : sums) {
    // A week after the last or before the first only exists as somebody's neighbour.
    if (by == ReportBy::kWeek && sum.count == 0 &&
        (key < iso_week(period.from) || key > iso_week(period.to - std::chrono::milliseconds(1)))) {
      continue;
    }
    report.rows.push_back(
        {key, label_of(key, by), sum.count, sum.calls.size(), sum.customers.size(), sum.previous});
    if (by == ReportBy::kKind) explain(report.rows.back(), sum.kinds);
  }
  if (by != ReportBy::kWeek) {
    std::stable_sort(report.rows.begin(), report.rows.end(),
                     [](const ReportRow& a, const ReportRow& b) {
                       return std::pair(a.count, a.previous) > std::pair(b.count, b.previous);
                     });
  }
  return report;
}

}  // namespace earful::collector
