#include "agent/inbox/inboxes.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "recorder/library/pending_file.h"

namespace earful::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto kTellEvery = 500ms;
// A worker that waits costs memory, one that starts costs some ten milliseconds.
constexpr auto kRestAfter = 10s;
constexpr std::chrono::milliseconds kFirstBackOff = 1s;
constexpr std::chrono::milliseconds kLongestBackOff = 10s;
// One recording that cannot be read for now is no reason to hold up others.
constexpr auto kAgainAfter = 60s;

int milliseconds_until(SteadyTime when) {
  if (when == SteadyTime::max()) return -1;
  const auto left = when - std::chrono::steady_clock::now();
  if (left <= 0ns) return 0;
  return int(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

}  // namespace

Result<std::unique_ptr<Inboxes>> Inboxes::start(Options options) {
  EARFUL_ASSIGN(InboxMemory memory, InboxMemory::open(options.data_dir / "inbox.db"));
  std::unique_ptr<Inboxes> inboxes(new Inboxes(std::move(options), std::move(memory)));
  if (inboxes->inboxes_.empty()) return inboxes;
  inboxes->stop_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (inboxes->stop_ < 0) {
    return Error{"E_INBOX", std::string("watching inboxes: ") + std::strerror(errno)};
  }
  inboxes->thread_ = std::thread([at = inboxes.get()] { at->run(); });
  return inboxes;
}

Inboxes::Inboxes(Options options, InboxMemory memory)
    : options_(std::move(options)), memory_(std::move(memory)) {
  const Patience patience{.quiet = options_.quiet};
  inboxes_.reserve(options_.inboxes.size());
  for (const InboxOptions& inbox : options_.inboxes) {
    inboxes_.push_back({.folder = InboxFolder(inbox, patience, memory_)});
  }
  told_ = look();
}

Inboxes::~Inboxes() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    while (write(stop_, &one, sizeof one) < 0 && errno == EINTR) {
    }
    thread_.join();
  }
  if (stop_ >= 0) close(stop_);
}

void Inboxes::run() {
  // What the workers of the last run had in hand when it ended.
  recorder::sweep_pending_files(options_.data_dir / "library" / "calls");
  InboxCrew crew({.program = options_.worker_program, .data_dir = options_.data_dir});
  for (uint64_t stop = 0; read(stop_, &stop, sizeof stop) < 0;) {
    const SteadyTime now = std::chrono::steady_clock::now();
    hear(crew, now);
    collect(now);
    hand_out(crew, now);
    tell(crew, now);
    if (crew.busy()) rest_at_ = now + kRestAfter;
    if (now >= rest_at_) {
      crew.rest();
      rest_at_ = SteadyTime::max();
    }
    wait(crew, next(crew));
  }
}

SteadyTime Inboxes::next(const InboxCrew& crew) const {
  SteadyTime when = changed_ ? std::min(rest_at_, tell_at_) : rest_at_;
  for (const Inbox& inbox : inboxes_) {
    when = std::min(when, inbox.folder.next());
    if (!inbox.queue.empty() && crew.can_take()) when = std::min(when, inbox.try_again);
  }
  return when;
}

void Inboxes::wait(InboxCrew& crew, SteadyTime until) {
  std::vector<pollfd> sources = {{stop_, POLLIN, 0}};
  for (const Inbox& inbox : inboxes_) {
    if (inbox.folder.fd() >= 0) sources.push_back({inbox.folder.fd(), POLLIN, 0});
  }
  crew.add_sockets(sources);
  (void)poll(sources.data(), nfds_t(sources.size()), milliseconds_until(until));
}

void Inboxes::collect(SteadyTime now) {
  for (Inbox& inbox : inboxes_) {
    InboxFolder& folder = inbox.folder;
    const size_t waited = folder.waiting();
    const std::string missed = folder.missing();
    const uint64_t scanned = folder.scans();
    const uint64_t forgotten = folder.forgotten();
    folder.step(now);
    for (ReadyFile& file : folder.ready(now)) inbox.queue.push_back(std::move(file));
    counted_.scans += folder.scans() - scanned;
    changed_ = changed_ || waited != folder.waiting() || missed != folder.missing() ||
               scanned != folder.scans() || forgotten != folder.forgotten();
  }
}

// In turn, so that a full inbox does not hold up another.
void Inboxes::hand_out(InboxCrew& crew, SteadyTime now) {
  for (bool any = true; any;) {
    any = false;
    for (Inbox& inbox : inboxes_) any = hand_out_of(inbox, crew, now) || any;
  }
}

bool Inboxes::hand_out_of(Inbox& inbox, InboxCrew& crew, SteadyTime now) {
  if (inbox.queue.empty() || !crew.can_take() || now < inbox.try_again) return false;
  ReadyFile file = std::move(inbox.queue.front());
  inbox.queue.pop_front();
  const InboxJob job = job_for(file.path, inbox.folder.options());
  if (const auto given = crew.give(next_ticket_, job); !given.ok()) {
    hold_back(inbox, file, given.error().message, now);
    return false;
  }
  given_.emplace(next_ticket_++, Given{&inbox, std::move(file)});
  // While something is wrong, one recording at a time finds out whether it still is.
  if (!inbox.trouble.empty()) inbox.try_again = now + inbox.back_off;
  return true;
}

void Inboxes::hear(InboxCrew& crew, SteadyTime now) {
  for (const InboxCrew::Answered& answered : crew.hear()) {
    const auto at = given_.find(answered.ticket);
    if (at == given_.end()) continue;
    const Given given = std::move(at->second);
    given_.erase(at);
    changed_ = true;
    switch (answered.answer.kind) {
      case InboxAnswer::Kind::kDone:
        finish(*given.inbox, given.file, answered.answer.outcome);
        break;
      case InboxAnswer::Kind::kGone:
        given.inbox->folder.done(given.file.path);
        break;
      case InboxAnswer::Kind::kTrouble:
        hold_back(*given.inbox, given.file, answered.answer.outcome.message, now);
        break;
    }
  }
}

void Inboxes::finish(Inbox& inbox, const ReadyFile& file, const Outcome& outcome) {
  Remembered what;
  what.recording = file.recording;
  what.judged_by = file.judged_by;
  what.at = wall_now();
  if (outcome.kind == Outcome::Kind::kRefused) {
    what.code = outcome.code;
    what.message = outcome.message;
    ++counted_.refused;
    log_info("refuse recording", {{"inbox", inbox.folder.name()}, {"code", outcome.code}});
  } else {
    ++counted_.taken;
  }
  if (const auto kept = memory_.keep(inbox.folder.name(), file.path, what); !kept.ok()) {
    log_warn("failed inbox memory", {{"error", kept.error().message}});
  }
  inbox.folder.done(file.path);
  inbox.trouble.clear();
  inbox.back_off = {};
  inbox.try_again = {};
}

void Inboxes::hold_back(Inbox& inbox, const ReadyFile& file, const std::string& why,
                        SteadyTime now) {
  if (inbox.trouble != why) {
    log_warn("hold back inbox", {{"path", inbox.folder.name()}, {"why", why}});
  }
  inbox.trouble = why;
  inbox.back_off = std::clamp(inbox.back_off * 2, kFirstBackOff, kLongestBackOff);
  inbox.try_again = now + inbox.back_off;
  inbox.folder.again(file, now + kAgainAfter);
  changed_ = true;
}

std::vector<InboxStatus> Inboxes::look() const {
  using enum InboxStatus::State;
  std::vector<InboxStatus> all;
  for (const Inbox& inbox : inboxes_) {
    const InboxFolder& folder = inbox.folder;
    InboxStatus status;
    status.path = folder.name();
    status.waiting = folder.waiting();
    status.refused = inbox.refused;
    status.state = status.waiting > 0 ? kTaking : kWatching;
    if (!inbox.trouble.empty()) {
      status.state = kTrouble;
      status.message = inbox.trouble;
    }
    if (!folder.missing().empty()) {
      status.state = kMissing;
      status.message = folder.missing();
    }
    all.push_back(std::move(status));
  }
  return all;
}

void Inboxes::tell(InboxCrew& crew, SteadyTime now) {
  if (!changed_ || now < tell_at_) return;
  changed_ = false;
  tell_at_ = now + kTellEvery;
  for (Inbox& inbox : inboxes_) {
    if (auto refused = memory_.refused(inbox.folder.name(), kMaxRefusedShown); refused.ok()) {
      inbox.refused = std::move(*refused);
    }
  }
  std::vector<InboxStatus> all = look();
  counted_.waiting = 0;
  counted_.workers_died = crew.died();
  for (InboxStatus& status : all) {
    counted_.waiting += status.waiting;
    if (const auto taken = memory_.taken(status.path); taken.ok()) status.taken = *taken;
    if (const auto count = memory_.refused_count(status.path); count.ok()) {
      status.refused_count = *count;
    }
  }
  const std::string json = inboxes_json(all, false);
  {
    const std::lock_guard lock(told_mutex_);
    told_ = std::move(all);
    told_counters_ = counted_;
  }
  if (options_.notify) options_.notify({"inbox", json});
}

std::vector<InboxStatus> Inboxes::status() const {
  const std::lock_guard lock(told_mutex_);
  return told_;
}

InboxCounters Inboxes::counters() const {
  const std::lock_guard lock(told_mutex_);
  return told_counters_;
}

}  // namespace earful::agent
