#include <cmath>
#include <nlohmann/json.hpp>

#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "agent/http/json_fields.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

// A person at the page sees the limit and can pause again.
constexpr double kMaxPauseSeconds = 3600;

Error no_captures() {
  return {"E_NO_CAPTURE", "This station records nothing; name a [[capture]] in its settings."};
}

Result<Capture*> capture_in_path(const ApiContext& context, const HttpRequest& request) {
  if (!context.captures) return no_captures();
  return context.captures->find(request.param("name"));
}

HttpResponse show_captures(const ApiContext& context) {
  Json captures = Json::array();
  if (context.captures) {
    for (const CaptureView& view : context.captures->views()) {
      captures.push_back(Json::parse(capture_json(view)));
    }
  }
  return HttpResponse::json(200, Json{{"captures", std::move(captures)}}.dump());
}

// On the capture's thread.
Capture::Answer answer_to(const HttpResponder& responder, int status, const char* place) {
  return [responder, status, place](const Result<CapturePlace>& done) {
    if (!done.ok()) return responder.send(refusal(done.error()));
    Json json = {{"call_id", done->call.text()}};
    if (*place) json[place] = position_ms(done->position);
    responder.send(HttpResponse::json(status, json.dump()));
  };
}

Result<void> start(Capture& capture, const HttpRequest& request, const HttpResponder& responder) {
  // Refused here already, so that a misspelt fact does not open a device.
  Facts facts;
  if (!request.body.empty()) EARFUL_TRY(set_facts_from_json(request.body, facts));
  capture.start(request.body, answer_to(responder, 201, ""));
  return {};
}

Result<void> stop(Capture& capture, const HttpRequest& request, const HttpResponder& responder) {
  EARFUL_ASSIGN(const JsonFields fields, JsonFields::parse(request.body));
  EARFUL_TRY(fields.finish());
  capture.stop(answer_to(responder, 200, "duration_ms"));
  return {};
}

Result<void> pause(Capture& capture, const HttpRequest& request, const HttpResponder& responder) {
  EARFUL_ASSIGN(JsonFields fields, JsonFields::parse(request.body));
  const std::optional<double> limit = fields.number("limit_s");
  EARFUL_TRY(fields.finish());
  std::optional<std::chrono::milliseconds> most;
  if (limit) {
    if (!(*limit >= 1 && *limit <= kMaxPauseSeconds)) {
      return Error{"E_FIELD", "limit_s must be from 1 to 3600."};
    }
    most = std::chrono::milliseconds(std::llround(*limit * 1000));
  }
  capture.pause(most, answer_to(responder, 200, "position_ms"));
  return {};
}

Result<void> resume(Capture& capture, const HttpRequest& request, const HttpResponder& responder) {
  EARFUL_ASSIGN(const JsonFields fields, JsonFields::parse(request.body));
  EARFUL_TRY(fields.finish());
  capture.resume(answer_to(responder, 200, "position_ms"));
  return {};
}

}  // namespace

void add_capture_routes(HttpServer& server, ApiContext& context) {
  server.route("GET", "/api/v1/captures",
               guarded(context.sessions, [&context](const HttpRequest&, const Caller&,
                                                    const HttpResponder& responder) {
                 responder.send(show_captures(context));
               }));
  using Act = Result<void> (*)(Capture&, const HttpRequest&, const HttpResponder&);
  const auto add = [&](const std::string& verb, Act act) {
    server.route(
        "POST", "/api/v1/captures/{name}/" + verb,
        guarded(context.sessions, [&context, act](const HttpRequest& request, const Caller&,
                                                  const HttpResponder& responder) {
          const auto capture = capture_in_path(context, request);
          if (!capture.ok()) return responder.send(refusal(capture.error()));
          if (const auto asked = act(**capture, request, responder); !asked.ok()) {
            responder.send(refusal(asked.error()));
          }
        }));
  };
  add("start", &start);
  add("stop", &stop);
  add("pause", &pause);
  add("resume", &resume);
}

}  // namespace earful::agent
