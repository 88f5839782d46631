#include <charconv>

#include "agent/export/call_export.h"
#include "agent/http/api_context.h"
#include "agent/http/api_error.h"
#include "recorder/codec/clip.h"

namespace earful::agent {
namespace {

using recorder::Call;
using recorder::Clip;
using recorder::ClipFormat;

// Enough for a moment with what led to it; the whole call is there as it is.
constexpr Position kMaxClip = 10 * 60 * kPositionsPerSecond;

Error bad_query(std::string what) { return {"E_QUERY", std::move(what)}; }

void save_as(HttpResponse& response, const std::string& name) {
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
}

Result<void> only(const HttpRequest& request, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : request.query) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return bad_query("There is no " + name + " here; docs/api.md lists what there is.");
    }
  }
  return {};
}

Result<HttpResponse> export_tags(ApiContext& context, const HttpRequest& request) {
  EARFUL_TRY(only(request, {"format", "language"}));
  const auto format = export_format(request.query_value("format").value_or(""));
  if (!format) return bad_query("format must be webvtt, audacity, csv or vcon.");
  EARFUL_ASSIGN(const Call call, call_in_path(context, request));
  EARFUL_ASSIGN(const HeardCall heard, heard_call(context.library, &context.state, call.id,
                                                  request.query_value("language").value_or("en")));
  HttpResponse response;
  response.content_type = media_type(*format);
  response.body = export_call(heard, *format, wall_now());
  save_as(response, export_file_name(call, file_extension(*format)));
  return response;
}

Result<std::optional<Position>> place(const HttpRequest& request, const std::string& name) {
  const auto text = request.query_value(name);
  if (!text) return std::optional<Position>();
  double ms = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), ms);
  // Also refuses not-a-number. No call is longer than a month.
  constexpr double kMostMs = 31.0 * 24 * 3600 * 1000;
  if (fault != std::errc() || end != text->data() + text->size() || !(ms >= 0 && ms <= kMostMs)) {
    return bad_query(name + " must be milliseconds from the call's beginning.");
  }
  return std::optional(position_of_ms(ms));
}

Result<HttpResponse> clip_of(const ApiContext& context, const HttpRequest& request,
                             const Call& call, Position from, Position to) {
  const std::string format = request.query_value("format").value_or("opus");
  if (format != "opus" && format != "wav") return bad_query("format must be opus or wav.");
  if (call.live) {
    return Error{"E_LIVE", "This call goes on; clips can be had of it when it has ended."};
  }
  to = std::min(to, call.duration);
  if (from >= to) return bad_query("A clip ends after it begins, and begins before the call ends.");
  if (to - from > kMaxClip) return bad_query("A clip is ten minutes long at most.");
  const bool wav = format == "wav";
  EARFUL_ASSIGN(Clip clip, Clip::open(context.library.audio_path(call.id), from, to,
                                      wav ? ClipFormat::kWav : ClipFormat::kOpus));
  HttpResponse response;
  response.content_type = wav ? "audio/wav" : "audio/ogg";
  save_as(response, export_file_name(call, wav ? "wav" : "opus"));
  HttpStream stream;
  stream.pull = [shared = std::make_shared<Clip>(std::move(clip)),
                 ended = false](std::string& out) mutable {
    if (ended) return HttpPull::kEnd;
    const Result<bool> more = shared->next(out);
    ended = !more.ok() || !*more;
    return out.empty() ? HttpPull::kEnd : HttpPull::kMore;
  };
  response.stream = std::move(stream);
  return response;
}

Result<HttpResponse> clip_of_call(ApiContext& context, const HttpRequest& request) {
  EARFUL_TRY(only(request, {"from", "to", "format"}));
  EARFUL_ASSIGN(const auto from, place(request, "from"));
  EARFUL_ASSIGN(const auto to, place(request, "to"));
  EARFUL_ASSIGN(const Call call, call_in_path(context, request));
  return clip_of(context, request, call, from.value_or(0), to.value_or(call.duration));
}

Result<HttpResponse> clip_of_tag(ApiContext& context, const HttpRequest& request) {
  EARFUL_TRY(only(request, {"format"}));
  const auto id = EventId::parse(request.param("event_id"));
  EARFUL_ASSIGN(const std::optional<TagView> tag,
                id ? context.state.tag(*id) : Result<std::optional<TagView>>(std::nullopt));
  if (!tag || tag->retracted) return Error{"E_NO_TAG", "There is no such tag."};
  EARFUL_ASSIGN(const std::optional<Call> call, context.library.find(tag->call));
  if (!call) return Error{"E_NO_CALL", "The sound of that call is not at this station."};
  return clip_of(context, request, *call, tag->start,
                 std::max(tag->end, tag->start + kPositionsPerSecond));
}

}  // namespace

void add_export_routes(HttpServer& server, ApiContext& context) {
  const auto add = [&](std::string_view path, auto make) {
    server.route(
        "GET", path,
        guarded(context.sessions, [&context, make](const HttpRequest& request, const Caller&,
                                                   const HttpResponder& responder) {
          Result<HttpResponse> response = make(context, request);
          responder.send(response.ok() ? std::move(*response) : refusal(response.error()));
        }));
  };
  add("/api/v1/calls/{call_id}/export", &export_tags);
  add("/api/v1/calls/{call_id}/clip", &clip_of_call);
  add("/api/v1/tags/{event_id}/clip", &clip_of_tag);
}

}  // namespace earful::agent
