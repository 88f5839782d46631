#include "agent/journal/alarm.h"

#include <nlohmann/json.hpp>

namespace earful::agent {

Notice alarm(const std::string& code, const std::string& message) {
  using Json = nlohmann::ordered_json;
  const Json data{{"code", code}, {"message", message}};
  return {"alarm", data.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

}  // namespace earful::agent
