#include "agent/export/call_export.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "agent/export/vcon.h"

namespace earful::agent {
namespace {

struct Format {
  ExportFormat format;
  std::string_view name;
  std::string_view media_type;
  std::string_view extension;
};
constexpr std::array kFormats = {
    Format{ExportFormat::kWebVtt, "webvtt", "text/vtt; charset=utf-8", "vtt"},
    Format{ExportFormat::kAudacity, "audacity", "text/plain; charset=utf-8", "txt"},
    Format{ExportFormat::kCsv, "csv", "text/csv; charset=utf-8; header=present", "csv"},
    Format{ExportFormat::kVcon, "vcon", "application/vcon+json", "vcon.json"}};

const Format& about(ExportFormat format) {
  return *std::find_if(kFormats.begin(), kFormats.end(),
                       [&](const Format& each) { return each.format == format; });
}

// On one line: what begins a new one, or moves the cursor, is a space.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = uint8_t(c) < 0x20 || uint8_t(c) == 0x7f;
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// --- WebVTT

std::string vtt_time(Position position) {
  const int64_t ms = (position + kPositionsPerMs / 2) / kPositionsPerMs;
  char text[40];
  std::snprintf(text, sizeof text, "%02lld:%02lld:%02lld.%03lld", (long long)(ms / 3600000),
                (long long)(ms / 60000 % 60), (long long)(ms / 1000 % 60), (long long)(ms % 1000));
  return text;
}

std::string vtt_text(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

std::string web_vtt(const HeardCall& heard) {
  std::string out = "WEBVTT\n";
  for (const auto& [tag, kind, label, family] : heard.tags) {
    // A cue must last.
    const Position end = std::max(tag.end, tag.start + kPositionsPerMs);
    out += "\n" + tag.id.text() + "\n" + vtt_time(tag.start) + " --> " + vtt_time(end) + "\n";
    for (const std::string& line : {label, tag.note, tag.listener_name}) {
      if (const std::string text = vtt_text(line); !text.empty()) out += text + "\n";
    }
  }
  return out;
}

// --- Audacity

std::string audacity_labels(const HeardCall& heard) {
  std::string out;
  for (const auto& [tag, kind, label, family] : heard.tags) {
    char times[80];
    std::snprintf(times, sizeof times, "%.6f\t%.6f\t", double(tag.start) / kPositionsPerSecond,
                  double(tag.end) / kPositionsPerSecond);
    std::string words = one_line(label);
    if (!tag.note.empty()) words += ": " + one_line(tag.note);
    out += times + words + "\n";
  }
  return out;
}

// --- CSV

// What begins like a formula is given an apostrophe: a spreadsheet would run it.
std::string csv_cell(std::string_view text) {
  std::string cell(text);
  if (!cell.empty() && std::string_view("=+-@\t\r").find(cell[0]) != std::string_view::npos) {
    cell.insert(0, 1, '\'');
  }
  if (cell.find_first_of("\",\r\n") == std::string::npos) return cell;
  std::string out = "\"";
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string csv_ms(Position position) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3f", position_ms(position));
  return text;
}

std::string csv(const HeardCall& heard) {
  std::string out =
      "\xef\xbb\xbf"
      "call_id,external_id,started_at,queue,team,agent_ref,agent_name,tag_id,kind,family,label,"
      "position_ms,start_ms,end_ms,note,listener,tagged_at\r\n";
  const recorder::Call& call = heard.call;
  const CallSnapshot& facts = call.snapshot;
  const std::string started = facts.started_at ? format_rfc3339(*facts.started_at) : "";
  for (const auto& [tag, kind, label, family] : heard.tags) {
    const std::array<std::string, 17> cells = {call.id.text(),
                                               facts.external_id,
                                               started,
                                               facts.queue,
                                               facts.team,
                                               facts.agent_ref,
                                               call.agent_name,
                                               tag.id.text(),
                                               kind,
                                               family,
                                               label,
                                               csv_ms(tag.position),
                                               csv_ms(tag.start),
                                               csv_ms(tag.end),
                                               tag.note,
                                               tag.listener_name,
                                               format_rfc3339(tag.time)};
    for (size_t i = 0; i < cells.size(); ++i) out += (i == 0 ? "" : ",") + csv_cell(cells[i]);
    out += "\r\n";
  }
  return out;
}

}  // namespace

std::optional<ExportFormat> export_format(std::string_view name) {
  for (const Format& each : kFormats) {
    if (each.name == name) return each.format;
  }
  return std::nullopt;
}

std::string_view media_type(ExportFormat format) { return about(format).media_type; }
std::string_view file_extension(ExportFormat format) { return about(format).extension; }

std::string export_call(const HeardCall& call, ExportFormat format, WallTime now) {
  switch (format) {
    case ExportFormat::kWebVtt:
      return web_vtt(call);
    case ExportFormat::kAudacity:
      return audacity_labels(call);
    case ExportFormat::kCsv:
      return csv(call);
    case ExportFormat::kVcon:
      return vcon_json(call, now);
  }
  return {};
}

std::string export_file_name(const recorder::Call& call, std::string_view extension) {
  std::string day;
  if (const auto& started = call.snapshot.started_at) {
    for (const char c : format_rfc3339(*started).substr(0, 16)) {
      if (c >= '0' && c <= '9') day += c;
      if (c == 'T') day += '-';
    }
    day += '-';
  }
  const std::string id = call.id.text();
  return "earful-" + day + id.substr(id.size() - 8) + "." + std::string(extension);
}

}  // namespace earful::agent
