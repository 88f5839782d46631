#include "agent/inbox/inbox_job.h"

#include <array>
#include <charconv>

#include "agent/import/outcome_json.h"

namespace earful::agent {
namespace {

constexpr size_t kFields = 5;

int number_in(const std::string& text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// A letter before the outcome.
constexpr std::array<std::pair<InboxAnswer::Kind, char>, 3> kLetters = {
    {{InboxAnswer::Kind::kDone, 'd'},
     {InboxAnswer::Kind::kGone, 'g'},
     {InboxAnswer::Kind::kTrouble, 't'}}};

}  // namespace

InboxJob job_for(const std::string& path, const InboxOptions& options) {
  return {path, options.name_pattern, options.manifest.string(), options.complexity,
          options.bitrate_bps};
}

std::string job_bytes(const InboxJob& job) {
  std::string bytes;
  for (const std::string& field :
       {job.path, job.name_pattern, job.manifest, std::to_string(job.complexity),
        std::to_string(job.bitrate_bps)}) {
    bytes += field;
    bytes += '\0';
  }
  return bytes;
}

std::optional<InboxJob> take_job(std::string& buffer) {
  std::array<std::string, kFields> fields;
  size_t at = 0;
  for (std::string& field : fields) {
    const size_t end = buffer.find('\0', at);
    if (end == std::string::npos) return std::nullopt;
    field = buffer.substr(at, end - at);
    at = end + 1;
  }
  buffer.erase(0, at);
  return InboxJob{fields[0], fields[1], fields[2], number_in(fields[3]), number_in(fields[4])};
}

std::string answer_line(const InboxAnswer& answer) {
  std::string line;
  for (const auto& [kind, letter] : kLetters) {
    if (kind == answer.kind) line = "{\"kind\":\"" + std::string(1, letter) + "\",\"outcome\":";
  }
  return line + outcome_json(answer.outcome) + "}\n";
}

std::optional<InboxAnswer> parse_answer(std::string_view line) {
  constexpr std::string_view kHead = "{\"kind\":\"";
  constexpr std::string_view kMiddle = "\",\"outcome\":";
  const size_t outcome = kHead.size() + 1 + kMiddle.size();
  if (line.size() <= outcome || !line.starts_with(kHead) || !line.ends_with('}') ||
      line.substr(kHead.size() + 1, kMiddle.size()) != kMiddle) {
    return std::nullopt;
  }
  for (const auto& [kind, letter] : kLetters) {
    if (letter != line[kHead.size()]) continue;
    auto parsed = parse_outcome(line.substr(outcome, line.size() - outcome - 1));
    if (!parsed) return std::nullopt;
    return InboxAnswer{kind, std::move(*parsed)};
  }
  return std::nullopt;
}

}  // namespace earful::agent
