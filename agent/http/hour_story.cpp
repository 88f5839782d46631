#include "agent/http/hour_story.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/hour/plan.h"
#include "agent/state/tag_json.h"
#include "proto/stretches.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kClips = 2;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json week_json(const SiteCalendar& calendar, const std::string& first_day, const std::string& iso) {
  const auto week = calendar.week_like(first_day);
  // A station whose weeks begin on another day made this plan: its first day stands.
  const auto last = calendar.day_start(first_day);
  std::string to = week ? week->last_day : first_day;
  if (last && week && week->first_day != first_day) {
    to = calendar.day_of(*last + std::chrono::hours(24 * 6 + 12));
  }
  return {{"from", first_day}, {"to", to}, {"iso", iso}};
}

Json frame_json(const ApiContext& context, const HourPlanned& plan) {
  const SiteCalendar& calendar = context.site.calendar;
  std::error_code fault;
  return {
      {"since", format_rfc3339(plan.since)},
      {"until", format_rfc3339(plan.until)},
      {"from", calendar.day_of(plan.since)},
      {"to", calendar.day_of(plan.until - std::chrono::milliseconds(1))},
      {"calls", plan.frame_calls},
      {"too_short", plan.too_short},
      {"too_long", plan.too_long},
      {"unheard", plan.unheard},
      {"heard", plan.heard},
      {"sha256", to_hex(plan.frame_sha256)},
      {"seed", to_hex(plan.seed)},
      {"strata", plan.strata},
      {"shortest_ms", plan.shortest_ms},
      {"longest_ms", plan.longest_ms},
      {"here", std::filesystem::exists(frame_path(context.frames_dir, plan.frame_sha256), fault)}};
}

Json call_json(const HourStory& story, const HourCallState& call) {
  const HourCall& planned = call.planned;
  Json out{{"call_id", planned.call.text()},
           {"duration_ms", planned.duration_ms},
           {"random", call.random},
           {"heard_before", planned.heard_before},
           {"added", call.added},
           {"heard", call.heard},
           {"skipped", call.skipped},
           {"opened_early", call.opened_early}};
  if (!call.added) out["probability"] = planned.probability;
  if (!call.added && !planned.heard_before) {
    const HourStratum& from = story.hour.plan.drawn_from[planned.stratum];
    Json values = Json::object();
    const auto& names = story.hour.plan.strata;
    for (size_t i = 0; i < std::min(names.size(), from.values.size()); ++i) {
      values[names[i]] = from.values[i];
    }
    out["stratum"] = std::move(values);
    out["stratum_calls"] = from.calls;
    out["stratum_drawn"] = from.drawn;
  }
  out["heard_ms"] = Json::array();
  for (const Interval& one : call.stretches) {
    out["heard_ms"].push_back({position_ms(one.start), position_ms(one.end)});
  }
  const auto place = story.resume.find(planned.call);
  out["resume_ms"] = call.heard || place == story.resume.end() ? 0.0 : position_ms(place->second);
  const auto here = story.here.find(planned.call);
  out["here"] = here != story.here.end();
  if (here == story.here.end()) return out;
  const CallSnapshot& snapshot = here->second.snapshot;
  out["started_at"] =
      snapshot.started_at ? Json(format_rfc3339(*snapshot.started_at)) : Json(nullptr);
  out["external_id"] = snapshot.external_id;
  out["queue"] = snapshot.queue;
  out["team"] = snapshot.team;
  out["language"] = snapshot.language;
  out["agent_name"] = here->second.agent_name;
  return out;
}

Json full_json(ApiContext& context, const HourStory& story) {
  const PlannedHour& hour = story.hour;
  const auto who = context.state.listener(hour.listener);
  const ListenerView listener =
      who.ok() && who->has_value() ? **who : ListenerView{hour.listener, ""};
  Json calls = Json::array();
  for (const HourCallState& call : story.outcome.calls) calls.push_back(call_json(story, call));
  return {{"hour_id", hour.id.text()},
          {"listener", {{"id", listener.id.text()}, {"name", listener.name}}},
          {"planned_at", format_rfc3339(hour.planned_at)},
          {"site", context.site.name},
          {"week", week_json(context.site.calendar, hour.plan.week, hour.plan.iso_week)},
          {"frame", frame_json(context, hour.plan)},
          {"hour_ms", hour.plan.hour_ms},
          {"expected_ms", hour.plan.expected_ms},
          {"deviation_ms", hour.plan.deviation_ms},
          {"heard_ms", story.outcome.heard_ms},
          {"calls", std::move(calls)},
          {"words", story.words}};
}

// What a kind's tags are, in a note.
enum class Sort { kProblem, kPraise, kPromise, kObstacle, kIdea, kOther };
Sort sort_of(const TagKind* kind) {
  if (!kind) return Sort::kProblem;  // nobody defined it: better shown than lost
  if (kind->family == "wow") return Sort::kPraise;
  if (kind->family == "promise") return Sort::kPromise;
  if (kind->family == "obstacle") return Sort::kObstacle;
  if (kind->family == "idea") return Sort::kIdea;
  return kind->severity > 0 ? Sort::kProblem : Sort::kOther;
}

struct NotedTag {
  TagView tag;
  std::string root;
};

Json tag_object(const HourStory& story, const TagView& tag, bool with_agent) {
  Json out = Json::parse(tag_json(tag));
  const auto call = story.here.find(tag.call);
  out["here"] = call != story.here.end();
  if (!with_agent || call == story.here.end()) return out;
  out["agent_name"] = call->second.agent_name;
  out["agent_ref"] = call->second.snapshot.agent_ref;
  return out;
}

// Of different calls where there are some.
Json clips_of(const HourStory& story, const std::vector<NotedTag>& tags, const std::string& kind) {
  std::vector<const TagView*> first, more;
  std::set<CallId> calls;
  for (const NotedTag& one : tags) {
    if (one.root != kind) continue;
    (calls.insert(one.tag.call).second ? first : more).push_back(&one.tag);
  }
  first.insert(first.end(), more.begin(), more.end());
  Json out = Json::array();
  for (const TagView* tag : first) {
    if (out.size() < kClips) out.push_back(tag_object(story, *tag, false));
  }
  return out;
}

}  // namespace

Result<HourStory> read_story(ApiContext& context, const PlannedHour& hour) {
  HourStory story{.hour = hour};
  HourActs acts;
  EARFUL_ASSIGN(const std::vector<Event> events, context.state.hours().acts(hour.id));
  std::vector<CallId> added;
  for (const Event& event : events) {
    if (std::holds_alternative<HourWords>(event.payload)) story.words = event.personal.note;
    if (!event.subject) continue;
    if (std::holds_alternative<HourCallAdded>(event.payload)) added.push_back(*event.subject);
    if (const auto* skip = std::get_if<HourCallSkipped>(&event.payload)) {
      if (skip->withdrawn)
        acts.skipped.erase(*event.subject);
      else
        acts.skipped.insert(*event.subject);
    }
  }
  std::set<CallId> ids(added.begin(), added.end());
  std::set<CallId> before;
  for (const HourCall& call : hour.plan.calls) {
    ids.insert(call.call);
    if (call.heard_before) before.insert(call.call);
  }
  for (const CallId& id : ids) {
    EARFUL_ASSIGN(std::optional<recorder::Call> call, context.library.find(id));
    if (call) story.here.emplace(id, std::move(*call));
  }
  for (const CallId& id : added) {
    const auto here = story.here.find(id);
    const Position duration = here == story.here.end() ? 0 : here->second.duration;
    acts.added.push_back({.call = id, .duration_ms = duration / kPositionsPerMs});
  }
  const std::vector<CallId> calls(ids.begin(), ids.end());
  EARFUL_ASSIGN(const std::vector<HeardSpan> spans,
                context.state.hours().heard(hour.listener, calls));
  std::vector<CallHeard> heard;
  for (const HeardSpan& span : spans) {
    // A call that only fills the hour begins anew in it.
    const bool again = before.contains(span.call) && span.since < hour.planned_at;
    if (!span.heard.empty() && !again) story.resume[span.call] = span.heard.back().end;
    heard.push_back({span.call, span.since, span.heard, span.silences, span.opened_early});
  }
  story.outcome = hour_outcome(hour.plan, hour.planned_at, heard, acts);
  return story;
}

std::string hour_json(ApiContext& context, const HourStory& story) {
  return text_of(full_json(context, story));
}

std::string hour_line_json(ApiContext& context, const HourStory& story) {
  return text_of(
      {{"hour_id", story.hour.id.text()},
       {"week", week_json(context.site.calendar, story.hour.plan.week, story.hour.plan.iso_week)},
       {"heard_ms", story.outcome.heard_ms},
       {"hour_ms", story.hour.plan.hour_ms},
       {"calls", story.outcome.calls.size()},
       {"heard", story.outcome.heard},
       {"skipped", story.outcome.skipped}});
}

Result<std::string> note_json(ApiContext& context, const HourStory& story) {
  EARFUL_ASSIGN(const TagbookFold* book, context.state.tagbook());
  const ListenerId who = root_of(context, {story.hour.listener, ""}).id;
  std::vector<NotedTag> tags;
  std::vector<RandomCall> random;
  for (const HourCallState& call : story.outcome.calls) {
    EARFUL_ASSIGN(const std::vector<TagView> of_call, context.state.tags_of(call.planned.call));
    std::set<std::string> problems;
    for (const TagView& tag : of_call) {
      if (tag.listener != who) continue;
      tags.push_back({tag, book->root(tag.kind)});
      const std::string& root = tags.back().root;
      if (sort_of(book->find(root)) == Sort::kProblem) problems.insert(root);
    }
    if (call.heard && call.random) random.push_back({1 / call.planned.probability, problems});
  }

  Json problems = Json::array();
  std::set<std::string> told;
  const auto tell = [&](const std::string& kind, Json line) {
    told.insert(kind);
    line["tags"] = std::count_if(tags.begin(), tags.end(),
                                 [&](const NotedTag& one) { return one.root == kind; });
    line["clips"] = clips_of(story, tags, kind);
    problems.push_back(std::move(line));
  };
  for (const ProblemShare& one : problem_shares(random)) {
    tell(one.kind, {{"kind", one.kind},
                    {"calls", one.calls},
                    {"of", one.of},
                    {"share", one.share.estimate},
                    {"low", one.share.low},
                    {"high", one.share.high}});
  }
  // Heard, but only in calls that say nothing of the others.
  for (const NotedTag& one : tags) {
    if (told.contains(one.root) || sort_of(book->find(one.root)) != Sort::kProblem) continue;
    tell(one.root, {{"kind", one.root}, {"calls", 0}, {"of", random.size()}});
  }
  Json out{{"hour", full_json(context, story)}, {"calls_heard", story.outcome.heard},
           {"random_heard", random.size()},     {"drawn", story.outcome.drawn},
           {"skipped", story.outcome.skipped},  {"problems", std::move(problems)}};
  const std::pair<const char*, Sort> lists[] = {{"praise", Sort::kPraise},
                                                {"promises", Sort::kPromise},
                                                {"obstacles", Sort::kObstacle},
                                                {"ideas", Sort::kIdea}};
  for (const auto& [name, sort] : lists) {
    Json& list = out[name] = Json::array();
    for (const NotedTag& one : tags) {
      if (sort_of(book->find(one.root)) != sort) continue;
      list.push_back(tag_object(story, one.tag, sort == Sort::kPraise));
    }
  }
  out["words"] = story.words;
  return text_of(out);
}

}  // namespace earful::agent
