#include "agent/import/report.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kNamedSkipped = 5;
constexpr int kBarWidth = 24;

std::string clock_text(int64_t seconds) {
  char text[32];
  if (seconds >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", (long long)(seconds / 3600),
                  (long long)(seconds / 60 % 60), (long long)(seconds % 60));
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", (long long)(seconds / 60),
                  (long long)(seconds % 60));
  }
  return text;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const char* word_for(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::kTaken:
      return "taken";
    case Outcome::Kind::kHere:
      return "already here";
    case Outcome::Kind::kRefused:
      return "refused";
  }
  return "";
}

}  // namespace

ImportReport::ImportReport(const FoundRecordings& found, bool json, bool bar)
    : found_(found), json_(json), bar_(bar), began_(std::chrono::steady_clock::now()) {
  for (const auto& file : found.files) bytes_ += file.bytes;
  if (!json_) std::printf("%zu recordings to import\n", found.files.size());
  std::fflush(stdout);
}

void ImportReport::took(size_t number, const Outcome& outcome) {
  const auto& file = found_.files[number];
  ++done_;
  bytes_done_ += file.bytes;
  if (outcome.kind == Outcome::Kind::kTaken) {
    ++taken_;
    audio_ += outcome.duration;
  }
  if (outcome.kind == Outcome::Kind::kHere) ++here_;
  if (outcome.kind == Outcome::Kind::kRefused) ++refused_[outcome.code];
  if (!outcome.warnings.empty()) ++warned_;
  clear_bar();
  if (json_) {
    print_json(file.path.string(), outcome);
  } else {
    print_line(without_controls(file.path.string()), outcome);
  }
  std::fflush(stdout);
  draw_bar();
}

void ImportReport::print_line(const std::string& file, const Outcome& outcome) {
  if (outcome.kind == Outcome::Kind::kRefused) {
    std::printf("refused       %s: %s %s\n", file.c_str(), outcome.code.c_str(),
                without_controls(outcome.message).c_str());
    return;
  }
  std::printf("%-13s %s  %s  %s\n", word_for(outcome.kind), outcome.id.text().c_str(),
              clock_text(outcome.duration / kPositionsPerSecond).c_str(), file.c_str());
  for (const std::string& warning : outcome.warnings) {
    std::printf("              %s\n", without_controls(warning).c_str());
  }
}

void ImportReport::print_json(const std::string& file, const Outcome& outcome) {
  Json json = {{"file", file}};
  switch (outcome.kind) {
    case Outcome::Kind::kTaken:
      json["result"] = "taken";
      break;
    case Outcome::Kind::kHere:
      json["result"] = "here";
      break;
    case Outcome::Kind::kRefused:
      json["result"] = "refused";
      break;
  }
  if (outcome.kind == Outcome::Kind::kRefused) {
    json["error"] = {{"code", outcome.code}, {"message", outcome.message}};
  } else {
    json["call_id"] = outcome.id.text();
    json["duration_ms"] = position_ms(outcome.duration);
    json["legs"] = outcome.legs;
    json["warnings"] = outcome.warnings;
  }
  std::printf("%s\n", dump(json).c_str());
}

void ImportReport::draw_bar() {
  if (!bar_ || bytes_ == 0) return;
  const double part = double(bytes_done_) / double(bytes_);
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began_;
  const double left = part > 0 ? spent.count() * (1 - part) / part : 0;
  const int full = int(part * kBarWidth);
  std::fprintf(stderr, "\r[%.*s%*s] %zu of %zu, %s left", full, "########################",
               kBarWidth - full, "", done_, found_.files.size(), clock_text(int64_t(left)).c_str());
  std::fflush(stderr);
}

void ImportReport::clear_bar() {
  if (bar_) std::fputs("\r\x1b[K", stderr);
}

void ImportReport::summary() {
  clear_bar();
  size_t refused = 0;
  for (const auto& [code, count] : refused_) refused += count;
  if (json_) {
    Json skipped = Json::array();
    for (const auto& path : found_.skipped) skipped.push_back(path.string());
    const Json json = {{"summary",
                        {{"taken", taken_},
                         {"here", here_},
                         {"refused", refused},
                         {"refused_by_code", refused_},
                         {"with_warnings", warned_},
                         {"audio_ms", position_ms(audio_)},
                         {"skipped", skipped}}}};
    std::printf("%s\n", dump(json).c_str());
    return;
  }
  std::printf("%zu taken (%s of audio), %zu already here, %zu refused", taken_,
              clock_text(audio_ / kPositionsPerSecond).c_str(), here_, refused);
  const char* before = " (";
  for (const auto& [code, count] : refused_) {
    std::printf("%s%s %zu", before, code.c_str(), count);
    before = ", ";
  }
  std::printf("%s\n", refused > 0 ? ")" : "");
  if (found_.skipped.empty()) return;
  std::printf("%zu files skipped, no recordings by their names:", found_.skipped.size());
  for (size_t i = 0; i < std::min(found_.skipped.size(), kNamedSkipped); ++i) {
    std::printf(" %s", without_controls(found_.skipped[i].filename().string()).c_str());
  }
  std::printf("%s\n", found_.skipped.size() > kNamedSkipped ? " ..." : "");
}

}  // namespace earful::agent
