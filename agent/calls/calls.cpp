#include "agent/calls/calls.h"

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "agent/state/state.h"
#include "recorder/library/library.h"

namespace earful::agent {
namespace {

using recorder::Call;
using Json = nlohmann::ordered_json;

constexpr size_t kPage = 500;

// No state yet means no tags yet.
std::map<CallId, int> tag_counts(const std::filesystem::path& data_dir,
                                 const std::vector<Call>& calls) {
  const std::filesystem::path path = data_dir / "state.db";
  std::error_code fault;
  if (!std::filesystem::exists(path, fault)) return {};
  Result<State> state = State::open(path, true);
  if (!state) return {};
  std::vector<CallId> ids;
  for (const Call& call : calls) ids.push_back(call.id);
  const auto counts = state->tag_counts(ids);
  return counts ? *counts : std::map<CallId, int>();
}

std::string started_at(const Call& call) {
  return call.snapshot.started_at ? format_rfc3339(*call.snapshot.started_at) : "";
}

void print_json(const Call& call, int tags) {
  const CallSnapshot& s = call.snapshot;
  const std::string started = started_at(call);
  const Json measures = Json::parse(call.measures, nullptr, false);
  const Json json = {{"call_id", call.id.text()},
                     {"external_id", s.external_id},
                     {"started_at", started.empty() ? Json() : Json(started)},
                     {"duration_ms", position_ms(call.duration)},
                     {"queue", s.queue},
                     {"team", s.team},
                     {"agent_ref", s.agent_ref},
                     {"agent_name", call.agent_name},
                     {"language", s.language},
                     {"customer_key", call.customer_key},
                     {"legs", call.legs},
                     {"live", call.live},
                     {"sample", s.sample},
                     {"tags", tags},
                     {"capture", call.capture.empty() ? Json() : Json(call.capture)},
                     {"cut", call.cut},
                     {"notes", Json::parse(recorder::notes_json(call.notes))},
                     {"measures", measures.is_object() ? measures : Json()}};
  std::printf("%s\n", json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

void print_line(const Call& call, int tags) {
  const auto seconds = (long long)(call.duration / kPositionsPerSecond);
  std::printf("%s  %s  %3lld:%02lld  %s  %s  %d tags%s%s%s\n", call.id.text().c_str(),
              started_at(call).c_str(), seconds / 60, seconds % 60,
              call.snapshot.queue.empty() ? "-" : call.snapshot.queue.c_str(),
              call.snapshot.agent_ref.empty() ? "-" : call.snapshot.agent_ref.c_str(), tags,
              call.snapshot.sample ? "  sample" : "", call.live ? "  live" : "",
              call.cut ? "  cut" : "");
}

Result<void> list(const CallsOptions& options) {
  const std::filesystem::path folder = options.data_dir / "library";
  std::error_code fault;
  if (!std::filesystem::exists(folder / "library.db", fault)) {
    return Error{"E_DB", "opening " + folder.string() +
                             ": there are no calls yet; import some with earful-agent import"};
  }
  EARFUL_ASSIGN(recorder::Library library, recorder::Library::open(folder));
  recorder::CallQuery query;
  query.text = options.text;
  query.external_id = options.external_id;
  query.limit = kPage;
  do {
    EARFUL_ASSIGN(const recorder::CallPage page, library.list(query));
    const auto tags = tag_counts(options.data_dir, page.calls);
    for (const Call& call : page.calls) {
      const auto found = tags.find(call.id);
      const int count = found == tags.end() ? 0 : found->second;
      if (!options.json) {
        print_line(call, count);
        continue;
      }
      EARFUL_ASSIGN(const auto whole, library.find(call.id));  // a page has no measures
      print_json(whole.value_or(call), count);
    }
    query.after = page.next;
  } while (!query.after.empty());
  return {};
}

}  // namespace

int run_calls(const CallsOptions& options) {
  const Result<void> listed = list(options);
  if (listed) return 0;
  std::fprintf(stderr, "earful-agent calls: %s\n", listed.error().message.c_str());
  return 1;
}

}  // namespace earful::agent
