#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "collector/report/report.h"

namespace earful::collector {
namespace {

constexpr size_t kBarCells = 24;
constexpr size_t kMaxLabelCells = 40;

// How many cells of a terminal one character takes: Korean and its neighbours take two.
size_t cells_of(char32_t c) {
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                    (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                    (c >= 0xFE30 && c <= 0xFE4F) || (c >= 0xFF00 && c <= 0xFF60) || c >= 0x1F300;
  return wide ? 2 : 1;
}

// Cut or filled up to that many cells; bad bytes and controls become '?'.
std::string cell(std::string_view raw, size_t width) {
  const std::string text = without_controls(raw);
  std::string out;
  size_t used = 0;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t size = lead < 0x80    ? 1
                        : lead >= 0xF0 ? 4
                        : lead >= 0xE0 ? 3
                        : lead >= 0xC2 ? 2
                                       : 0;
    char32_t c = size == 0 ? U'?' : char32_t(size == 1 ? lead : lead & (0xFF >> (size + 1)));
    bool bad = size == 0 || i + size > text.size();
    for (size_t k = 1; !bad && k < size; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      bad = (next & 0xC0) != 0x80;
      c = (c << 6) | (next & 0x3F);
    }
    const size_t takes = bad ? 1 : cells_of(c);
    if (used + takes > width) break;
    out += bad ? std::string("?") : text.substr(i, size);
    used += takes;
    i += bad ? 1 : size;
  }
  out.append(width - used, ' ');
  return out;
}

size_t width_of(std::string_view text) {
  size_t width = 0;
  while (width < kMaxLabelCells && cell(text, width).find_last_not_of(' ') !=
                                       cell(text, kMaxLabelCells).find_last_not_of(' ')) {
    ++width;
  }
  return width;
}

// For the end of a line.
std::string cut(std::string_view text) {
  std::string out = cell(text, kMaxLabelCells);
  out.resize(out.find_last_not_of(' ') + 1);
  return out;
}

// Eighths of a cell, so that one more is seen.
std::string bar(uint64_t count, uint64_t most) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const uint64_t eighths = most == 0 ? 0 : (count * kBarCells * 8 + most - 1) / most;
  std::string out;
  for (uint64_t i = 0; i < eighths / 8; ++i) out += "█";
  out += kEighths[eighths % 8];
  const uint64_t used = (eighths + 7) / 8;
  out.append(kBarCells - used, ' ');
  return out;
}

std::string right(const std::string& text, size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string change(const ReportRow& row) {
  if (row.count == row.previous) return "=";
  if (row.previous == 0) return "new";
  const auto difference = int64_t(row.count) - int64_t(row.previous);
  return (difference > 0 ? "+" : "") + std::to_string(difference);
}

std::string day(WallTime time) { return format_rfc3339(time).substr(0, 16).replace(10, 1, " "); }

}  // namespace

std::string report_json(const Report& report) {
  using Json = nlohmann::ordered_json;
  Json rows = Json::array();
  for (const ReportRow& row : report.rows) {
    rows.push_back({{std::string(report_by_text(report.by)), row.key},
                    {"count", row.count},
                    {"calls", row.calls},
                    {"customers", row.customers},
                    {"previous", row.previous}});
    if (report.by != ReportBy::kKind) continue;
    rows.back()["label"] = row.label;
    for (const ReportRow::Merged& merged : row.merged) {
      rows.back()["merged"].push_back(
          {{"kind", merged.key}, {"label", merged.label}, {"count", merged.count}});
    }
    if (!row.former_labels.empty()) rows.back()["former_labels"] = row.former_labels;
  }
  const Json json{{"from", format_rfc3339(report.period.from)},
                  {"to", format_rfc3339(report.period.to)},
                  {"rows", rows}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string report_table(const Report& report) {
  std::string text = "Tags from " + day(report.period.from) + " to " + day(report.period.to) +
                     " UTC, by " + std::string(report_by_text(report.by)) +
                     "; change against the " +
                     (report.by == ReportBy::kWeek ? "week before" : "same time before") + "\n\n";
  if (report.rows.empty()) return text + "Nothing was tagged on real calls in this time.\n";
  uint64_t most = 0;
  size_t width = 4;
  for (const ReportRow& row : report.rows) {
    most = std::max(most, row.count);
    width = std::max(width, width_of(row.label));
    for (const ReportRow::Merged& merged : row.merged) {
      width = std::max(width, width_of("  with " + merged.label));
    }
  }
  text += cell("", width) + "  " + cell("", kBarCells) + "   tags   calls  customers  change\n";
  for (const ReportRow& row : report.rows) {
    text += cell(row.label, width) + "  " + bar(row.count, most) +
            right(std::to_string(row.count), 7) + right(std::to_string(row.calls), 8) +
            right(std::to_string(row.customers), 11) + right(change(row), 8) + "\n";
    for (const ReportRow::Merged& merged : row.merged) {
      text += cell("  with " + merged.label, width) + "  " + cell("", kBarCells) +
              right(std::to_string(merged.count), 7) + "\n";
    }
    for (const std::string& label : row.former_labels) {
      text += "  was called " + cut(label) + "\n";
    }
  }
  return text;
}

}  // namespace earful::collector
