#include "agent/uplink/uplink.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>

#include "agent/journal/journal_reader.h"
#include "agent/uplink/conversation.h"
#include "agent/uplink/feed_reader.h"
#include "agent/uplink/identity.h"
#include "base/log.h"

namespace earful::agent {
namespace {

using namespace std::chrono_literals;

// Longest sleep: pings, rewinds and a new identity are noticed this late at most.
constexpr auto kTurn = 500ms;
// While a Hello waits for the connection to come up.
constexpr auto kConnectTurn = 50ms;
// Feed messages taken in one turn, so that delivery never waits behind a flood of other people's
// tags.
constexpr size_t kFeedPerTurn = 1000;
// How often the feed is read again from where the state stands, while the state takes nothing.
constexpr auto kFollowAgain = 1s;

Result<State::Cursor> feed_cursor(const std::filesystem::path& data_dir) {
  EARFUL_ASSIGN(State state, State::open(data_dir / "state.db", true));
  return state.cursor();
}

// Changes whenever the identity file was replaced.
std::pair<int64_t, uint64_t> file_stamp(const std::filesystem::path& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return {};
  return {int64_t(info.st_mtim.tv_sec) * 1000000000 + info.st_mtim.tv_nsec, info.st_ino};
}

}  // namespace

std::string_view link_text(Uplink::Link link) {
  if (link == Uplink::Link::kUp) return "up";
  return link == Uplink::Link::kDown ? "down" : "none";
}

// The sockets to one collector, under one identity.
class Uplink::Session {
 public:
  Session(Uplink& uplink, const SocketContext& context, Identity identity, JournalReader reader,
          const State::Cursor& feed)
      : uplink_(uplink),
        context_(context),
        identity_(std::move(identity)),
        reader_(std::move(reader)),
        head_(uplink.scribe_.head()),
        conversation_(
            identity_.station_id,
            {.rows = [this](uint64_t from, size_t rows,
                            size_t bytes) { return reader_.rows(head_.number, from, rows, bytes); },
             .chain_at = [this](uint64_t seq) { return reader_.chain_at(head_.number, seq); }}),
        feed_reader_({feed.store, feed.position}),
        told_(feed) {}

  Result<void> open_feed() {
    const CollectorAddress& to = *identity_.collector;
    EARFUL_ASSIGN(feed_, Socket::make(context_, socket_options(SocketKind::kSub)));
    EARFUL_TRY(feed_->subscribe(""));
    EARFUL_TRY(feed_->connect(to.endpoint(to.feed_port)));
    EARFUL_ASSIGN(desk_, Socket::make(context_, socket_options(SocketKind::kDealer)));
    return desk_->connect(to.endpoint(to.desk_port));
  }

  // One turn: wait, read everything that came, send everything that is due.
  Result<void> turn() {
    const Socket* sockets[] = {intake_ ? &*intake_ : nullptr, &*feed_, &*desk_};
    poll(sockets, &uplink_.wake_, waiting_to_send_ ? kConnectTurn : kTurn);
    uplink_.wake_.drain();
    const SteadyTime now = std::chrono::steady_clock::now();
    EARFUL_TRY(follow_journal(now));
    if (intake_) {
      while (const auto message = intake_->receive()) {
        conversation_.receive(message->parts.back(), now);
      }
    }
    conversation_.tick(now);
    EARFUL_TRY(act(now));
    read_feed(now);
    return {};
  }

  void ask(CustomerQuestion question) {
    questions_.ask(std::move(question), std::chrono::steady_clock::now(),
                   [this](std::string request) { return desk_->send({std::move(request)}); });
  }

  Identity& identity() { return identity_; }

 private:
  Socket::Options socket_options(SocketKind kind) const {
    return {.kind = kind,
            .server_public_key = identity_.collector->server_public_key,
            .client_keys = identity_.keys};
  }

  Result<void> follow_journal(SteadyTime now) {
    const JournalHead head = uplink_.scribe_.head();
    if (head == head_) return {};
    const bool other_file = head.file != head_.file;
    const bool other_journal = head.id != head_.id;
    head_ = head;
    if (other_file) {
      EARFUL_ASSIGN(reader_, JournalReader::open(uplink_.options_.data_dir));
    }
    if (other_journal) {
      uplink_.have_seq_ = 0;
      return start_attempt(now);
    }
    conversation_.journal_grew(head_);
    return {};
  }

  Result<void> start_attempt(SteadyTime now) {
    const CollectorAddress& to = *identity_.collector;
    intake_.reset();
    EARFUL_ASSIGN(intake_, Socket::make(context_, socket_options(SocketKind::kDealer)));
    EARFUL_TRY(intake_->connect(to.endpoint(to.intake_port)));
    conversation_.connected(head_, now);
    return {};
  }

  Result<void> act(SteadyTime now) {
    Conversation::Facts facts = conversation_.take_facts();
    if (facts.new_attempt) EARFUL_TRY(start_attempt(now));
    if (facts.complaint && *facts.complaint != last_complaint_) {
      log_warn("heard complaint", {{"text", *facts.complaint}});
      last_complaint_ = *facts.complaint;
    }
    if (facts.have_seq) {
      uplink_.have_seq_ = *facts.have_seq;
      uplink_.scribe_.delivered(head_.id, *facts.have_seq, conversation_.safe_seq(),
                                conversation_.store());
      last_complaint_.clear();
    }
    if (!facts.site_keys.empty() && facts.site_keys != identity_.site_keys) {
      identity_.site_keys = facts.site_keys;
      EARFUL_TRY(save_identity(uplink_.options_.data_dir, identity_));
    }
    if (!facts.site_keys.empty()) uplink_.options_.on_site_keys(facts.site_keys);
    if (facts.forked) uplink_.scribe_.fork(head_.id, *facts.forked);
    send_all();
    uplink_.publish_link(conversation_.phase() == Conversation::Phase::kSending ? Link::kUp
                                                                                : Link::kDown);
    return {};
  }

  void send_all() {
    std::vector<std::string> messages = conversation_.take_messages();
    size_t sent = 0;
    while (intake_ && sent < messages.size() && intake_->send({messages[sent]})) ++sent;
    messages.erase(messages.begin(), messages.begin() + long(sent));
    waiting_to_send_ = !messages.empty();
    conversation_.unsent(std::move(messages));
  }

  void read_feed(SteadyTime now) {
    if (*missed_ && now - followed_again_ >= kFollowAgain) follow_again(now);
    for (size_t taken = 0; taken < kFeedPerTurn; ++taken) {
      const auto message = feed_->receive();
      if (!message) break;
      if (message->parts.size() == 2) {
        pass_on(feed_reader_.published(message->parts[0], message->parts[1]));
      }
    }
    while (const auto message = desk_->receive()) {
      questions_.answered(message->parts.back());
      pass_on(feed_reader_.answered(message->parts.back()));
    }
    questions_.tick(now);
    if (auto request = feed_reader_.ask(now)) desk_->send({*std::move(request)});
    flush_records();
  }

  void pass_on(FeedReader::Step step) {
    if (step.starts_over) {
      flush_records();
      told_ = {feed_reader_.cursor().store, feed_reader_.cursor().position};
      uplink_.scribe_.feed_starts_over(told_);
    }
    std::move(step.records.begin(), step.records.end(), std::back_inserter(records_));
  }

  void flush_records() {
    if (records_.empty()) return;
    const State::Cursor to{records_.back().store_id, records_.back().position};
    uplink_.scribe_.records({told_, std::exchange(records_, {}), to},
                            [missed = missed_](bool taken) {
                              if (!taken) *missed = true;
                            });
    told_ = to;
  }

  // The state did not take all it was given, and takes nothing else first.
  void follow_again(SteadyTime now) {
    followed_again_ = now;
    const auto cursor = feed_cursor(uplink_.options_.data_dir);
    if (!cursor.ok()) {
      log_error("failed uplink", {{"error", cursor.error().message}});
      return;
    }
    told_ = *cursor;
    feed_reader_ = FeedReader({told_.store, told_.position});
    missed_ = std::make_shared<std::atomic<bool>>(false);
  }

  Uplink& uplink_;
  const SocketContext& context_;
  Identity identity_;
  JournalReader reader_;
  JournalHead head_;
  Conversation conversation_;
  FeedReader feed_reader_;
  CustomerQuestions questions_;
  std::optional<Socket> intake_;
  std::optional<Socket> feed_;
  std::optional<Socket> desk_;
  std::vector<Record> records_;
  State::Cursor told_;  // how far the scribe was told of the feed
  // The scribe says so, maybe when this session is gone.
  std::shared_ptr<std::atomic<bool>> missed_ = std::make_shared<std::atomic<bool>>(false);
  SteadyTime followed_again_{};
  std::string last_complaint_;
  bool waiting_to_send_ = false;
};

Uplink::Uplink(Options options, JournalScribe& scribe)
    : options_(std::move(options)), scribe_(scribe) {
  thread_ = std::thread([this] { run(); });
}

Uplink::~Uplink() {
  stopping_ = true;
  wake_.wake();
  thread_.join();
}

void Uplink::ask(CustomerQuestion question) {
  {
    const std::lock_guard lock(questions_mutex_);
    questions_.push_back(std::move(question));
  }
  wake_.wake();
}

std::vector<CustomerQuestion> Uplink::take_questions() {
  const std::lock_guard lock(questions_mutex_);
  return std::exchange(questions_, {});
}

uint64_t Uplink::undelivered() const {
  const uint64_t last = scribe_.head().last_seq, have = have_seq_.load();
  return last > have ? last - have : 0;
}

void Uplink::publish_link(Link link) {
  const bool changed = link_.exchange(link) != link;
  const uint64_t waiting = undelivered();
  std::string notice = "{\"state\":\"" + std::string(link_text(link)) +
                       "\",\"undelivered\":" + std::to_string(waiting) + "}";
  if (notice == told_) return;
  told_ = notice;
  options_.notify({"link", std::move(notice)});
  if (changed) log_info("changed link", {{"state", link_text(link)}, {"undelivered", waiting}});
}

void Uplink::run() {
  const SocketContext context;
  std::optional<Session> session;
  std::pair<int64_t, uint64_t> stamp;
  const auto path = identity_path(options_.data_dir);
  const auto open = [&]() -> Result<void> {
    EARFUL_ASSIGN(Identity identity, load_identity(options_.data_dir));
    if (!identity.site_keys.empty()) options_.on_site_keys(identity.site_keys);
    if (!identity.collector) return {};
    EARFUL_ASSIGN(JournalReader reader, JournalReader::open(options_.data_dir));
    EARFUL_ASSIGN(State state, State::open(options_.data_dir / "state.db", true));
    EARFUL_ASSIGN(const uint64_t have_seq, state.have_seq());
    EARFUL_ASSIGN(const State::Cursor cursor, state.cursor());
    have_seq_ = have_seq;
    session.emplace(*this, context, std::move(identity), std::move(reader), cursor);
    return session->open_feed();
  };
  while (!stopping_) {
    if (const auto now = file_stamp(path); now != stamp) {
      const std::optional<CollectorAddress> before =
          session ? session->identity().collector : std::nullopt;
      const auto identity = load_identity(options_.data_dir);
      if (!session || (identity.ok() && identity->collector != before)) {
        session.reset();
        if (const auto opened = open(); !opened.ok()) {
          log_error("failed uplink", {{"error", opened.error().message}});
          session.reset();
        }
      }
      stamp = file_stamp(path);
    }
    for (CustomerQuestion& question : take_questions()) {
      if (session) {
        session->ask(std::move(question));
      } else {
        question.answer(Error{"E_AWAY", "asking for a customer: no collector can be asked"});
      }
    }
    if (!session) {
      publish_link(Link::kNone);
      poll({}, &wake_, kTurn);
      wake_.drain();
      continue;
    }
    if (const auto done = session->turn(); !done.ok()) {
      log_error("failed uplink", {{"error", done.error().message}});
      session.reset();
      stamp = {};
      poll({}, &wake_, 1000ms);
    }
  }
}

}  // namespace earful::agent
