// What passes between the station and a worker process: a recording to import goes out as fields
// that each end in NUL (a path is any bytes but that), what became of it comes back as one line of
// JSON. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/import/importer.h"
#include "agent/inbox/inbox_settings.h"

namespace earful::agent {

struct InboxJob {
  std::string path;
  std::string name_pattern, manifest;
  int complexity = 5, bitrate_bps = 0;
};
InboxJob job_for(const std::string& path, const InboxOptions& options);

struct InboxAnswer {
  enum class Kind {
    kDone,     // it has an outcome of its own
    kGone,     // it was not there any more, or no regular file
    kTrouble,  // it could not be tried: the outcome's message says what is wrong here
  };
  Kind kind = Kind::kTrouble;
  Outcome outcome;
};

std::string job_bytes(const InboxJob& job);
// The first job in the buffer, which loses it; nothing while there is none as a whole.
std::optional<InboxJob> take_job(std::string& buffer);

std::string answer_line(const InboxAnswer& answer);  // with its line feed
std::optional<InboxAnswer> parse_answer(std::string_view line);

}  // namespace earful::agent
