#include "agent/customer/announcer.h"

#include <algorithm>
#include <future>

#include "agent/customer/customer_key.h"
#include "base/hash.h"
#include "base/log.h"

namespace earful::agent {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};
constexpr size_t kCallsAtOnce = 256;  // two events each stay well inside one batch of the scribe

// The same whenever the same thing is told, so that telling it twice is one event: a stop between
// the journal's commit and the library's cannot double it. Of this journal: two stations may have
// the same call, and a station that lost its journal tells it at another time.
EventId derived_id(const JournalId& journal, const CallId& call, const std::string& what) {
  std::string named = "earful event ";
  named.append(journal.raw()).append(call.raw()).append(what);
  return EventId{make_uuid_v8(view(generichash(named)))};
}

Event event_about(const recorder::Call& call, const EventId& id, Payload payload) {
  Event event;
  event.id = id;
  event.time = wall_now();
  event.subject = call.id;
  event.call = call.snapshot;
  event.personal.agent_name = call.agent_name;
  event.personal.customer_key = call.customer_key;
  event.payload = std::move(payload);
  return event;
}

// What a note is as events: a gap of both legs is one of each.
std::vector<Payload> payloads_of(const recorder::CallNote& note, int legs) {
  using Kind = recorder::CallNote::Kind;
  if (note.kind == Kind::kPause) return {Paused{note.start, note.end}};
  std::vector<Payload> payloads;
  for (int leg = 0; leg < legs; ++leg) {
    if (note.leg >= 0 && note.leg != leg) continue;
    payloads.push_back(AudioGap{uint32_t(leg), note.start, note.end, note.cause, note.own_fault});
  }
  return payloads;
}

}  // namespace

Announcer::Announcer(Options options, Scribe& scribe)
    : options_(std::move(options)), scribe_(scribe) {
  thread_ = std::thread([this] { run(); });
}

Announcer::~Announcer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  waiting_.notify_one();
  thread_.join();
}

void Announcer::set_site_keys(std::vector<SiteKey> keys) {
  const std::lock_guard lock(mutex_);
  keys_ = std::move(keys);
}

void Announcer::run() {
  auto library = recorder::Library::open(options_.library_dir);
  auto state = State::open(options_.state_file, true);
  if (!library.ok() || !state.ok()) {
    log_error("failed announcer",
              {{"error", library.ok() ? state.error().message : library.error().message}});
    return;
  }
  for (;;) {
    if (const auto looked = look(*library, *state); !looked.ok()) {
      log_warn("failed announcer", {{"error", looked.error().message}});
    }
    std::unique_lock lock(mutex_);
    if (waiting_.wait_for(lock, kLookEvery, [&] { return stopping_; })) return;
  }
}

Result<void> Announcer::look(recorder::Library& library, State& state) {
  size_t announced = 0;
  for (;;) {
    EARFUL_ASSIGN(const size_t keyed, give_keys(library));
    EARFUL_ASSIGN(const size_t told, announce(library, state));
    announced += told;
    if (keyed == 0 && told == 0) break;
    const std::lock_guard lock(mutex_);
    if (stopping_) break;
  }
  if (announced > 0) options_.notify({"calls", "{}"});
  return {};
}

Result<size_t> Announcer::give_keys(recorder::Library& library) {
  std::vector<SiteKey> keys;
  {
    const std::lock_guard lock(mutex_);
    keys = keys_;
  }
  if (keys.empty()) return size_t(0);
  const SiteKey& newest =
      *std::max_element(keys.begin(), keys.end(),
                        [](const SiteKey& a, const SiteKey& b) { return a.version < b.version; });
  EARFUL_ASSIGN(const std::vector<recorder::Call> calls,
                library.without_customer_key(kCallsAtOnce));
  for (const recorder::Call& call : calls) {
    EARFUL_TRY(
        library.set_customer_key(call.id, customer_key(call.customer_id, options_.region, newest)));
  }
  return calls.size();
}

Result<size_t> Announcer::announce(recorder::Library& library, State& state) {
  EARFUL_ASSIGN(const std::vector<recorder::Call> calls, library.unannounced(kCallsAtOnce));
  std::vector<std::future<Result<Saved>>> answers;
  const auto send = [&](Event event) {
    auto promise = std::make_shared<std::promise<Result<Saved>>>();
    answers.push_back(promise->get_future());
    scribe_.append(std::move(event),
                   [promise](Result<Saved> saved) { promise->set_value(std::move(saved)); });
  };
  const JournalId journal = options_.journal();
  const auto send_derived = [&](const recorder::Call& call, const std::string& what, Payload told) {
    send(event_about(call, derived_id(journal, call.id, what), std::move(told)));
  };
  for (const recorder::Call& call : calls) {
    EARFUL_ASSIGN(const bool known, state.knows_call(call.id));
    if (!known) send_derived(call, "started", CallStarted{});
    // Of an import both were told at once, whatever the library knows of it.
    const bool ended = !call.live && !call.ended_told && (!known || !call.capture.empty());
    if (ended) {
      send_derived(call, "ended", CallEnded{call.duration, uint32_t(call.legs)});
      for (const recorder::CallNote& note : call.notes) {
        for (Payload& payload : payloads_of(note, call.legs)) {
          const auto* gap = std::get_if<AudioGap>(&payload);
          send_derived(call, recorder::note_json(note) + (gap ? std::to_string(gap->leg) : ""),
                       std::move(payload));
        }
      }
    } else if (known) {
      // Never the same twice: what changed may change back.
      send(event_about(call, EventId{make_uuid_v7(wall_now())}, CallUpdated{}));
    }
  }
  for (auto& answer : answers) EARFUL_TRY(answer.get());
  EARFUL_TRY(library.mark_announced(calls));
  return calls.size();
}

}  // namespace earful::agent
