#include "agent/live/capture.h"

#include <nlohmann/json.hpp>

#include "agent/journal/alarm.h"
#include "agent/live/capture_call.h"
#include "base/log.h"
#include "recorder/library/library.h"
#include "recorder/library/repair.h"

namespace earful::agent {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

Error not_started(const std::string& name) {
  return {"E_NOT_STARTED", "Nothing is being recorded by " + name + "; start it first."};
}

Error takes_no_more(const std::string& name) {
  return {"E_BUSY", "The capture " + name + " takes no more orders now; try again."};
}

Result<void> repair(const std::filesystem::path& library_dir) {
  EARFUL_ASSIGN(recorder::Library library, recorder::Library::open(library_dir));
  EARFUL_TRY(recorder::repair_live_calls(library));
  return {};
}

}  // namespace

std::string_view name_of(CaptureState state) {
  switch (state) {
    case CaptureState::kIdle:
      return "idle";
    case CaptureState::kStarting:
      return "starting";
    case CaptureState::kRecording:
      return "recording";
    case CaptureState::kPaused:
      return "paused";
    case CaptureState::kFailed:
      return "failed";
  }
  return "";
}

std::string capture_json(const CaptureView& view) {
  const Json json = {
      {"name", view.name},
      {"state", name_of(view.state)},
      {"call_id", view.call ? Json(view.call->text()) : Json()},
      {"position_ms", position_ms(view.position)},
      {"legs", view.legs},
      {"message", view.message},
      {"paused_until", view.paused_until ? Json(format_rfc3339(*view.paused_until)) : Json()}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Capture::Capture(CaptureProfile profile, std::filesystem::path library_dir, NoticeSink notify,
                 RecordingRoom& room, CaptureCounters& counters)
    : profile_(std::move(profile)),
      library_dir_(std::move(library_dir)),
      notify_(std::move(notify)),
      room_(room),
      counters_(counters) {
  shown_.name = profile_.name;
  thread_ = std::thread([this] { run(); });
}

Capture::~Capture() {
  end();
  thread_.join();
}

void Capture::end() {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  arrived_.notify_one();
}

void Capture::start(std::string facts, Answer answer) {
  post({[this, facts = std::move(facts)](const Answer& to) { do_start(facts, to); },
        std::move(answer)});
}

void Capture::stop(Answer answer) {
  post({[this](const Answer& to) { to(finish(CaptureState::kIdle, "")); }, std::move(answer)});
}

void Capture::pause(std::optional<milliseconds> limit, Answer answer) {
  const milliseconds most = limit.value_or(profile_.pause_limit);
  post({[this, most](const Answer& to) { do_pause(most, to); }, std::move(answer)});
}

void Capture::resume(Answer answer) {
  post({[this](const Answer& to) { do_resume(to); }, std::move(answer)});
}

void Capture::post(Letter letter) {
  {
    const std::lock_guard lock(mutex_);
    if (!ending_ && letters_.size() < kMaxCaptureLetters) {
      letters_.push_back(std::move(letter));
      arrived_.notify_one();
      return;
    }
  }
  letter.answer(takes_no_more(name()));
}

// However many orders wait: a call that is over must not look as if it went on. There is one such
// letter of a call or two, and no call begins without an order.
void Capture::post_over(std::function<void()> act) {
  const CallId over = feed()->about().call;
  const std::lock_guard lock(mutex_);
  letters_.push_back({[this, over, act = std::move(act)](const Answer&) {
                        // The next call may have begun since.
                        if (call_ && feed()->about().call == over) act();
                      },
                      {}});
  arrived_.notify_one();
}

bool Capture::ending() const {
  const std::lock_guard lock(mutex_);
  return ending_;
}

CaptureView Capture::view() const {
  const std::lock_guard lock(mutex_);
  CaptureView view = shown_;
  if (feed_) view.position = feed_->edge();
  return view;
}

std::shared_ptr<LiveFeed> Capture::feed() const {
  const std::lock_guard lock(mutex_);
  return feed_;
}

void Capture::begun(const recorder::LiveStart& start) {
  const std::lock_guard lock(mutex_);
  feed_ = std::make_shared<LiveFeed>(LiveAbout{.call = start.call,
                                               .legs = start.legs,
                                               .sample_rate_hz = start.sample_rate_hz,
                                               .pre_skip_48k = start.pre_skip_48k,
                                               .file = start.file});
}

void Capture::packet(const recorder::LivePacket& packet) { feed()->packet(packet); }

void Capture::note(const recorder::CallNote& note) {
  if (note.kind == recorder::CallNote::Kind::kGap) {
    ++counters_.gaps;
    if (note.own_fault) ++counters_.own_gaps;
  }
  const auto live = feed();
  live->note(note);
  Json data = {{"call_id", live->about().call.text()}};
  data["note"] = Json::parse(recorder::note_json(note));
  tell("note", data.dump());
}

void Capture::failed(const Error& error) {
  // Now: what comes next on this thread is to finish the call with what the disk has.
  if (error.code == "E_DISK_FULL") room_.give_up();
  post_over([this, error] { fail(error); });
}

void Capture::ended() {
  post_over([this] { (void)finish(CaptureState::kIdle, "the source ended"); });
}

bool Capture::awaited() const { return feed()->awaited(); }

void Capture::end_for_want_of_room() {
  if (!feed()) return;
  post({[this](const Answer&) {
          if (const auto room = room_.look(); !room.ok()) fail(room.error());
        },
        [](const auto&) {}});
}

void Capture::fail(const Error& error) {
  if (!call_) return;
  ++counters_.failed;
  log_error("failed capture", {{"name", name()}, {"error", error.message}});
  if (error.code == "E_DISK_FULL") {
    room_.tell(error);
  } else {
    notify_(alarm(error.code, error.message));
  }
  (void)finish(CaptureState::kFailed, error.message);
}

void Capture::run() {
  for (;;) {
    Letter letter;
    {
      std::unique_lock lock(mutex_);
      const auto due = [&] { return ending_ || !letters_.empty(); };
      if (!pause_ends_) {
        arrived_.wait(lock, due);
      } else if (!arrived_.wait_until(lock, *pause_ends_, due)) {
        letter = {[this](const Answer& to) { do_resume(to); },
                  [this](const auto& resumed) {
                    if (!resumed.ok()) return;
                    notify_(alarm("E_PAUSE_LIMIT", "The pause of " + name() +
                                                       " lasted too long and was ended: what is "
                                                       "said is recorded again."));
                  }};
      }
      if (!letters_.empty()) {
        letter = std::move(letters_.front());
        letters_.pop_front();
      } else if (ending_) {
        break;
      }
    }
    letter.act(letter.answer);
  }
  if (call_) (void)finish(CaptureState::kIdle, "");
}

void Capture::do_start(const std::string& facts, const Answer& answer) {
  // A device that does not answer takes seconds for each try.
  if (ending()) return answer(takes_no_more(name()));
  if (call_) {
    return answer(Error{"E_STARTED", name() + " is being recorded already, as call " +
                                         feed()->about().call.text() + "; stop it first."});
  }
  show(CaptureState::kStarting, "");
  auto begun = begin(facts);
  if (!begun.ok()) {
    // What was asked wrongly says nothing about the capture.
    const bool asked = begun.error().code == "E_FACTS";
    if (!asked) ++counters_.failed;
    show(asked ? CaptureState::kIdle : CaptureState::kFailed, asked ? "" : begun.error().message);
    return answer(begun.error());
  }
  call_ = std::move(*begun);
  ++counters_.started;
  show(CaptureState::kRecording, "");
  tell("calls", "{}");
  answer(CapturePlace{feed()->about().call, 0});
}

Result<std::unique_ptr<recorder::LiveCall>> Capture::begin(const std::string& facts) {
  EARFUL_TRY(room_.look());
  // A call that a full disk ended here is finished once there is room.
  if (const auto repaired = repair(library_dir_); !repaired.ok()) {
    log_warn("repaired no call", {{"error", repaired.error().message}});
  }
  return start_live_call(profile_, facts, library_dir_, *this);
}

void Capture::do_pause(milliseconds limit, const Answer& answer) {
  if (!call_) return answer(not_started(name()));
  call_->pause();
  pause_ends_ = steady_clock::now() + limit;
  {
    const std::lock_guard lock(mutex_);
    shown_.paused_until = wall_now() + limit;
  }
  show(CaptureState::kPaused, "");
  answer(CapturePlace{feed()->about().call, call_->position()});
}

void Capture::do_resume(const Answer& answer) {
  if (!call_) return answer(not_started(name()));
  call_->resume();
  pause_ends_.reset();
  show(CaptureState::kRecording, "");
  answer(CapturePlace{feed()->about().call, call_->position()});
}

Result<CapturePlace> Capture::finish(CaptureState after, const std::string& message) {
  if (!call_) return not_started(name());
  pause_ends_.reset();
  const std::shared_ptr<LiveFeed> live = feed();
  const auto kept = call_->stop();
  call_.reset();
  const Position duration = kept.ok() ? kept->duration : live->edge();
  live->end(duration);
  {
    const std::lock_guard lock(mutex_);
    feed_.reset();
  }
  if (!kept.ok()) {
    log_error("failed capture", {{"name", name()}, {"error", kept.error().message}});
    show(CaptureState::kFailed, kept.error().message);
    tell("calls", "{}");
    return kept.error();
  }
  show(after, message);
  tell("calls", "{}");
  return CapturePlace{live->about().call, duration};
}

void Capture::show(CaptureState state, const std::string& message) {
  {
    const std::lock_guard lock(mutex_);
    shown_.state = state;
    shown_.message = message;
    shown_.call = feed_ ? std::optional(feed_->about().call) : std::nullopt;
    shown_.legs = feed_ ? feed_->about().legs : 0;
    if (state != CaptureState::kPaused) shown_.paused_until.reset();
  }
  tell("captures", capture_json(view()));
}

}  // namespace earful::agent
