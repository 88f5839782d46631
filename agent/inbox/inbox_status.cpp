#include "agent/inbox/inbox_status.h"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;
using State = InboxStatus::State;

const char* word_for(State state) {
  switch (state) {
    case State::kWatching:
      return "watching";
    case State::kTaking:
      return "taking";
    case State::kMissing:
      return "missing";
    case State::kTrouble:
      return "trouble";
  }
  return "";
}

Json refused_json(const InboxStatus& inbox) {
  Json files = Json::array();
  for (const RefusedFile& file : inbox.refused) {
    // As seen from the inbox.
    const auto name = std::filesystem::path(file.path).lexically_relative(inbox.path);
    files.push_back({{"name", name.string()},
                     {"code", file.code},
                     {"message", file.message},
                     {"at", format_rfc3339(file.at)}});
  }
  return files;
}

}  // namespace

std::string inboxes_json(std::span<const InboxStatus> inboxes, bool with_refused) {
  Json all = Json::array();
  for (const InboxStatus& inbox : inboxes) {
    Json json = {{"path", inbox.path},       {"state", word_for(inbox.state)},
                 {"message", inbox.message}, {"waiting", inbox.waiting},
                 {"taken", inbox.taken},     {"refused_count", inbox.refused_count}};
    if (with_refused) json["refused"] = refused_json(inbox);
    all.push_back(std::move(json));
  }
  // A name may be any bytes.
  return Json({{"inboxes", std::move(all)}}).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace earful::agent
