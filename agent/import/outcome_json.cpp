#include "agent/import/outcome_json.h"

#include <nlohmann/json.hpp>

namespace earful::agent {
namespace {

using Json = nlohmann::json;

std::optional<Outcome::Kind> kind_of(int number) {
  for (const auto kind : {Outcome::Kind::kTaken, Outcome::Kind::kHere, Outcome::Kind::kRefused}) {
    if (int(kind) == number) return kind;
  }
  return std::nullopt;
}

}  // namespace

std::string outcome_json(const Outcome& outcome) {
  const Json json = {{"kind", int(outcome.kind)},    {"id", outcome.id.text()},
                     {"duration", outcome.duration}, {"legs", outcome.legs},
                     {"code", outcome.code},         {"message", outcome.message},
                     {"warnings", outcome.warnings}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Outcome> parse_outcome(std::string_view text) try {
  const Json json = Json::parse(text);
  const auto id = CallId::parse(json.at("id").get<std::string>());
  const auto kind = kind_of(json.at("kind").get<int>());
  if (!id || !kind) return std::nullopt;
  Outcome outcome;
  outcome.kind = *kind;
  outcome.id = *id;
  outcome.duration = json.at("duration").get<Position>();
  outcome.legs = json.at("legs").get<int>();
  outcome.code = json.at("code").get<std::string>();
  outcome.message = json.at("message").get<std::string>();
  outcome.warnings = json.at("warnings").get<std::vector<std::string>>();
  return outcome;
} catch (const Json::exception&) {
  return std::nullopt;
}

}  // namespace earful::agent
