#include "agent/http/api_error.h"

#include "base/log.h"

namespace earful::agent {
namespace {

int status_of(std::string_view code) {
  struct Row {
    std::string_view code;
    int status;
  };
  static constexpr Row kRows[] = {
      {"E_JSON", 400},           {"E_QUERY", 400},    {"E_AFTER", 400},      {"E_SESSION", 401},
      {"E_HEADER", 403},         {"E_NO_CALL", 404},  {"E_FILE", 404},       {"E_NO_TAG", 404},
      {"E_NO_LISTENER", 404},    {"E_CONFLICT", 409}, {"E_WHO", 409},        {"E_NOTE_SIZE", 413},
      {"E_FIELD", 422},          {"E_VALUE", 422},    {"E_KIND", 422},       {"E_EVENT_ID", 422},
      {"E_POSITION", 422},       {"E_RATE", 422},     {"E_NAME", 422},       {"E_SIZE", 422},
      {"E_NOT_SAVED", 507},      {"E_DB_BUSY", 503},  {"E_NO_CAPTURE", 404}, {"E_STARTED", 409},
      {"E_NOT_STARTED", 409},    {"E_LIVE", 409},     {"E_NOT_LIVE", 409},   {"E_FACTS", 422},
      {"E_DEVICE", 503},         {"E_SOURCE", 503},   {"E_DISK", 503},       {"E_DISK_FULL", 503},
      {"E_BUSY", 503},           {"E_LEGS", 503},     {"E_LINK", 401},       {"E_IDENTITY", 401},
      {"E_IDENTITY_VALUE", 400}, {"E_BOUND", 403},    {"E_EDITOR", 403},     {"E_NO_KIND", 404},
      {"E_EXISTS", 409},         {"E_REVISION", 409}, {"E_KEY", 409},        {"E_NEAR", 409},
      {"E_MERGED", 409},         {"E_RETIRED", 409},  {"E_RING", 409},       {"E_NO_PROMISE", 409},
      {"E_NO_HOUR", 404},        {"E_NO_FRAME", 404}, {"E_NO_THANKS", 409},  {"E_DONE", 409},
      {"E_AGENT", 403},          {"E_NO_AGENT", 404},
  };
  for (const Row& row : kRows) {
    if (row.code == code) return row.status;
  }
  return 500;
}

}  // namespace

HttpResponse refusal(const Error& error) {
  const int status = status_of(error.code);
  if (status >= 500) {
    log_error("failed request", {{"code", error.code}, {"error", error.message}});
  }
  HttpResponse response = HttpResponse::error(status, error.code, error.message);
  if (error.code == "E_SESSION") response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace earful::agent
