#include "proto/delivery.h"

#include "earful/v1/delivery.pb.h"

namespace earful {
namespace {

std::string bytes_of(const Chain& chain) { return std::string(view(chain)); }

bool read(const std::string& raw, Chain& chain) {
  if (raw.size() != chain.size()) return false;
  for (size_t i = 0; i < chain.size(); ++i) chain[i] = uint8_t(raw[i]);
  return true;
}

template <class IdType>
bool read(const std::string& raw, IdType& id) {
  const auto parsed = IdType::from_raw(raw);
  if (parsed) id = *parsed;
  return parsed.has_value();
}

Error undecodable(const char* what) {
  return {"E_DECODE", std::string("reading a message: these bytes are not ") + what};
}

}  // namespace

Chain next_chain(const Chain& previous, const Digest& raw_digest) {
  return generichash2(view(previous), view(raw_digest));
}

std::string encode(const StationMessage& message) {
  v1::StationMessage out;
  if (const auto* hello = std::get_if<Hello>(&message)) {
    auto& to = *out.mutable_hello();
    to.set_station_id(std::string(hello->station_id.raw()));
    to.set_journal_id(std::string(hello->journal_id.raw()));
    to.set_attempt(hello->attempt);
    to.set_first_seq(hello->first_seq);
    to.set_last_seq(hello->last_seq);
    to.set_chain_at_last(bytes_of(hello->chain_at_last));
    to.set_chain_before_first(bytes_of(hello->chain_before_first));
    for (const uint32_t version : hello->versions) to.add_versions(version);
  } else if (const auto* events = std::get_if<Events>(&message)) {
    auto& to = *out.mutable_events();
    to.set_attempt(events->attempt);
    to.set_session(events->session);
    to.set_first_seq(events->first_seq);
    for (const std::string& raw : events->raw) to.add_raw(raw);
  } else if (const auto* ping = std::get_if<Ping>(&message)) {
    out.mutable_ping()->set_attempt(ping->attempt);
    out.mutable_ping()->set_session(ping->session);
  }
  return out.SerializeAsString();
}

std::string encode(const CollectorMessage& message) {
  v1::CollectorMessage out;
  if (const auto* welcome = std::get_if<Welcome>(&message)) {
    auto& to = *out.mutable_welcome();
    to.set_attempt(welcome->attempt);
    to.set_session(welcome->session);
    to.set_store_id(std::string(welcome->store_id.raw()));
    to.set_store_epoch(welcome->store_epoch);
    to.set_have_seq(welcome->have_seq);
    to.set_have_chain(bytes_of(welcome->have_chain));
    to.set_safe_seq(welcome->safe_seq);
    to.set_credit(welcome->credit);
    to.set_version(welcome->version);
    for (const SiteKey& key : welcome->site_keys) {
      auto& added = *to.add_site_keys();
      added.set_version(key.version);
      added.set_key(key.key);
    }
  } else if (const auto* ack = std::get_if<Ack>(&message)) {
    auto& to = *out.mutable_ack();
    to.set_attempt(ack->attempt);
    to.set_session(ack->session);
    to.set_have_seq(ack->have_seq);
    to.set_have_chain(bytes_of(ack->have_chain));
    to.set_safe_seq(ack->safe_seq);
    to.set_credit(ack->credit);
  } else if (const auto* pong = std::get_if<Pong>(&message)) {
    out.mutable_pong()->set_attempt(pong->attempt);
    out.mutable_pong()->set_session(pong->session);
    out.mutable_pong()->set_have_seq(pong->have_seq);
  } else if (const auto* fork = std::get_if<Fork>(&message)) {
    auto& to = *out.mutable_fork();
    to.set_attempt(fork->attempt);
    to.set_session(fork->session);
    to.set_have_seq(fork->have_seq);
    to.set_have_chain(bytes_of(fork->have_chain));
  } else if (const auto* superseded = std::get_if<Superseded>(&message)) {
    out.mutable_superseded()->set_attempt(superseded->attempt);
  } else if (const auto* please = std::get_if<HelloPlease>(&message)) {
    out.mutable_hello_please()->set_attempt(please->attempt);
    out.mutable_hello_please()->set_reason(please->reason);
  }
  return out.SerializeAsString();
}

Result<StationMessage> decode_station_message(std::string_view raw) {
  v1::StationMessage in;
  const Error fault = undecodable("an earful.v1.StationMessage");
  if (!in.ParseFromArray(raw.data(), int(raw.size()))) return fault;
  switch (in.message_case()) {
    case v1::StationMessage::kHello: {
      const auto& from = in.hello();
      Hello to;
      if (!read(from.station_id(), to.station_id) || !read(from.journal_id(), to.journal_id) ||
          !read(from.chain_at_last(), to.chain_at_last) ||
          !read(from.chain_before_first(), to.chain_before_first)) {
        return fault;
      }
      to.attempt = from.attempt();
      to.first_seq = from.first_seq();
      to.last_seq = from.last_seq();
      to.versions.assign(from.versions().begin(), from.versions().end());
      return StationMessage(std::move(to));
    }
    case v1::StationMessage::kEvents: {
      auto& from = *in.mutable_events();
      Events to{from.attempt(), from.session(), from.first_seq(), {}};
      to.raw.reserve(size_t(from.raw_size()));
      for (std::string& event : *from.mutable_raw()) to.raw.push_back(std::move(event));
      return StationMessage(std::move(to));
    }
    case v1::StationMessage::kPing:
      return StationMessage(Ping{in.ping().attempt(), in.ping().session()});
    case v1::StationMessage::MESSAGE_NOT_SET:
      break;
  }
  return fault;
}

Result<CollectorMessage> decode_collector_message(std::string_view raw) {
  v1::CollectorMessage in;
  const Error fault = undecodable("an earful.v1.CollectorMessage");
  if (!in.ParseFromArray(raw.data(), int(raw.size()))) return fault;
  switch (in.message_case()) {
    case v1::CollectorMessage::kWelcome: {
      const auto& from = in.welcome();
      Welcome to;
      if (!read(from.store_id(), to.store_id) || !read(from.have_chain(), to.have_chain)) {
        return fault;
      }
      to.attempt = from.attempt();
      to.session = from.session();
      to.store_epoch = from.store_epoch();
      to.have_seq = from.have_seq();
      to.safe_seq = from.safe_seq();
      to.credit = from.credit();
      to.version = from.version();
      for (const auto& key : from.site_keys()) to.site_keys.push_back({key.version(), key.key()});
      return CollectorMessage(std::move(to));
    }
    case v1::CollectorMessage::kAck: {
      const auto& from = in.ack();
      Ack to;
      if (!read(from.have_chain(), to.have_chain)) return fault;
      to.attempt = from.attempt();
      to.session = from.session();
      to.have_seq = from.have_seq();
      to.safe_seq = from.safe_seq();
      to.credit = from.credit();
      return CollectorMessage(to);
    }
    case v1::CollectorMessage::kPong:
      return CollectorMessage(Pong{in.pong().attempt(), in.pong().session(), in.pong().have_seq()});
    case v1::CollectorMessage::kFork: {
      const auto& from = in.fork();
      Fork to{from.attempt(), from.session(), from.have_seq(), {}};
      if (!read(from.have_chain(), to.have_chain)) return fault;
      return CollectorMessage(to);
    }
    case v1::CollectorMessage::kSuperseded:
      return CollectorMessage(Superseded{in.superseded().attempt()});
    case v1::CollectorMessage::kHelloPlease:
      return CollectorMessage(HelloPlease{in.hello_please().attempt(), in.hello_please().reason()});
    case v1::CollectorMessage::MESSAGE_NOT_SET:
      break;
  }
  return fault;
}

}  // namespace earful
