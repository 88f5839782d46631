#include "proto/feed.h"

#include <charconv>

#include "earful/v1/feed.pb.h"
#include "proto/wire.h"

namespace earful {
namespace {

Error undecodable(const char* what) {
  return {"E_DECODE", std::string("reading a message: these bytes are not ") + what};
}

void put(FeedPosition from, v1::FeedPosition& to) {
  to.set_store_epoch(from.store_epoch);
  to.set_feed_seq(from.feed_seq);
}
FeedPosition get(const v1::FeedPosition& from) { return {from.store_epoch(), from.feed_seq()}; }

void put(const Record& from, v1::Record& to) {
  to.set_store_id(std::string(from.store_id.raw()));
  to.set_store_epoch(from.position.store_epoch);
  to.set_feed_seq(from.position.feed_seq);
  to.set_station_id(std::string(from.station_id.raw()));
  to.set_journal_id(std::string(from.journal_id.raw()));
  to.set_seq(from.seq);
  wire::put_time(from.received_at, *to.mutable_received_at());
  to.set_quarantine(from.quarantine);
  to.set_raw(from.raw);
  to.set_digest(from.digest);
}

std::optional<Record> get(const v1::Record& from) {
  const auto store = StoreId::from_raw(from.store_id());
  const auto station = StationId::from_raw(from.station_id());
  const auto journal = JournalId::from_raw(from.journal_id());
  if (!store || !station || !journal) return std::nullopt;
  Record to;
  to.store_id = *store;
  to.position = {from.store_epoch(), from.feed_seq()};
  to.station_id = *station;
  to.journal_id = *journal;
  to.seq = from.seq();
  to.received_at = wire::get_time(from.received_at());
  to.quarantine = from.quarantine();
  to.raw = from.raw();
  to.digest = from.digest();
  return to;
}

void put(const PastTag& from, v1::PastTag& to) {
  to.set_tag(std::string(from.tag.raw()));
  to.set_call(std::string(from.call.raw()));
  to.set_kind(from.kind);
  wire::put_time(from.time, *to.mutable_time());
  if (from.call_started_at) wire::put_time(*from.call_started_at, *to.mutable_call_started_at());
  to.set_queue(from.queue);
  to.set_note(from.note);
}

PastTag get(const v1::PastTag& from) {
  PastTag to;
  to.tag = EventId::from_raw(from.tag()).value_or(EventId{});
  to.call = CallId::from_raw(from.call()).value_or(CallId{});
  to.kind = from.kind();
  to.time = wire::get_time(from.time());
  if (from.has_call_started_at()) to.call_started_at = wire::get_time(from.call_started_at());
  to.queue = from.queue();
  to.note = from.note();
  return to;
}

}  // namespace

std::string position_text(FeedPosition position) {
  return std::to_string(position.store_epoch) + ":" + std::to_string(position.feed_seq);
}

std::optional<FeedPosition> parse_position(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view digits) -> std::optional<uint64_t> {
    uint64_t value = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const auto epoch = number(text.substr(0, colon)), seq = number(text.substr(colon + 1));
  if (!epoch || !seq) return std::nullopt;
  return FeedPosition{*epoch, *seq};
}

std::string feed_topic(const Record& record) {
  if (!record.quarantine.empty()) return "event.quarantine";
  v1::Event event;
  if (!event.ParseFromString(record.raw)) return "event.quarantine";
  const std::string& type = event.type();
  const size_t dot = type.rfind('.');
  return "event." + (dot == std::string::npos ? type : type.substr(dot + 1));
}

std::string encode(const Record& record) {
  v1::Record out;
  put(record, out);
  return out.SerializeAsString();
}

std::string encode(const Head& head) {
  v1::Head out;
  out.set_store_id(std::string(head.store_id.raw()));
  put(head.position, *out.mutable_position());
  return out.SerializeAsString();
}

std::string encode(const DeskRequest& request) {
  v1::DeskRequest out;
  out.set_request_id(request.request_id);
  if (const auto* replay = std::get_if<Replay>(&request.request)) {
    auto& to = *out.mutable_replay();
    put(replay->after, *to.mutable_after());
    to.set_limit(replay->limit);
    for (const std::string& type : replay->filter.types) to.mutable_filter()->add_types(type);
    for (const StationId& station : replay->filter.stations) {
      to.mutable_filter()->add_stations(std::string(station.raw()));
    }
  } else if (const auto* enroll = std::get_if<Enroll>(&request.request)) {
    auto& to = *out.mutable_enroll();
    to.set_name(enroll->name);
    to.set_public_key(enroll->public_key);
    if (enroll->station_id) to.set_station_id(std::string(enroll->station_id->raw()));
  } else if (std::holds_alternative<GetTagbook>(request.request)) {
    out.mutable_get_tagbook();
  } else if (const auto* customer = std::get_if<GetCustomer>(&request.request)) {
    auto& to = *out.mutable_get_customer();
    to.set_customer_key(customer->customer_key);
    if (customer->except) to.set_except(std::string(customer->except->raw()));
    to.set_limit(customer->limit);
  }
  return out.SerializeAsString();
}

std::string encode(const DeskReply& reply) {
  v1::DeskReply out;
  out.set_request_id(reply.request_id);
  if (const auto* page = std::get_if<Page>(&reply.reply)) {
    auto& to = *out.mutable_page();
    to.set_store_id(std::string(page->store_id.raw()));
    for (const Record& record : page->records) put(record, *to.add_records());
    put(page->next, *to.mutable_next());
    put(page->head, *to.mutable_head());
  } else if (const auto* enrolled = std::get_if<Enrolled>(&reply.reply)) {
    out.mutable_enrolled()->set_role(enrolled->role);
    out.mutable_enrolled()->set_store_id(std::string(enrolled->store_id.raw()));
  } else if (const auto* tagbook = std::get_if<Tagbook>(&reply.reply)) {
    auto& to = *out.mutable_tagbook();
    for (const TagKind& kind : tagbook->kinds) wire::put_kind(kind, *to.add_kinds());
  } else if (const auto* refused = std::get_if<Refused>(&reply.reply)) {
    out.mutable_refused()->set_code(refused->code);
    out.mutable_refused()->set_message(refused->message);
  } else if (const auto* customer = std::get_if<Customer>(&reply.reply)) {
    auto& to = *out.mutable_customer();
    for (const PastTag& tag : customer->promises) put(tag, *to.add_promises());
    for (const PastTag& tag : customer->problems) put(tag, *to.add_problems());
    to.set_more(customer->more);
  }
  return out.SerializeAsString();
}

Result<Record> decode_record(std::string_view raw) {
  v1::Record in;
  if (in.ParseFromArray(raw.data(), int(raw.size()))) {
    if (auto record = get(in)) return *std::move(record);
  }
  return undecodable("an earful.v1.Record");
}

Result<Head> decode_head(std::string_view raw) {
  v1::Head in;
  if (in.ParseFromArray(raw.data(), int(raw.size()))) {
    if (const auto store = StoreId::from_raw(in.store_id()))
      return Head{*store, get(in.position())};
  }
  return undecodable("an earful.v1.Head");
}

Result<DeskRequest> decode_desk_request(std::string_view raw) {
  const Error fault = undecodable("an earful.v1.DeskRequest");
  v1::DeskRequest in;
  if (!in.ParseFromArray(raw.data(), int(raw.size()))) return fault;
  DeskRequest out;
  out.request_id = in.request_id();
  if (in.has_replay()) {
    Replay replay;
    replay.after = get(in.replay().after());
    replay.limit = in.replay().limit() == 0 ? kMaxReplay : in.replay().limit();
    replay.filter.types.assign(in.replay().filter().types().begin(),
                               in.replay().filter().types().end());
    for (const std::string& station : in.replay().filter().stations()) {
      const auto id = StationId::from_raw(station);
      if (!id) return fault;
      replay.filter.stations.push_back(*id);
    }
    out.request = std::move(replay);
  } else if (in.has_enroll()) {
    Enroll enroll{in.enroll().name(), in.enroll().public_key(), std::nullopt};
    if (!in.enroll().station_id().empty()) {
      enroll.station_id = StationId::from_raw(in.enroll().station_id());
      if (!enroll.station_id) return fault;
    }
    out.request = std::move(enroll);
  } else if (in.has_get_tagbook()) {
    out.request = GetTagbook{};
  } else if (in.has_get_customer()) {
    GetCustomer customer{in.get_customer().customer_key(), std::nullopt, in.get_customer().limit()};
    if (customer.limit == 0 || customer.limit > kMaxPastTags) customer.limit = kMaxPastTags;
    if (!in.get_customer().except().empty()) {
      customer.except = CallId::from_raw(in.get_customer().except());
      if (!customer.except) return fault;
    }
    out.request = std::move(customer);
  }
  return out;
}

Result<DeskReply> decode_desk_reply(std::string_view raw) {
  const Error fault = undecodable("an earful.v1.DeskReply");
  v1::DeskReply in;
  if (!in.ParseFromArray(raw.data(), int(raw.size()))) return fault;
  DeskReply out;
  out.request_id = in.request_id();
  if (in.has_page()) {
    Page page;
    const auto store = StoreId::from_raw(in.page().store_id());
    if (!store) return fault;
    page.store_id = *store;
    for (const auto& from : in.page().records()) {
      auto record = get(from);
      if (!record) return fault;
      page.records.push_back(*std::move(record));
    }
    page.next = get(in.page().next());
    page.head = get(in.page().head());
    out.reply = std::move(page);
  } else if (in.has_enrolled()) {
    const auto store = StoreId::from_raw(in.enrolled().store_id());
    if (!store) return fault;
    out.reply = Enrolled{in.enrolled().role(), *store};
  } else if (in.has_tagbook()) {
    Tagbook tagbook;
    for (const auto& kind : in.tagbook().kinds()) tagbook.kinds.push_back(wire::get_kind(kind));
    out.reply = std::move(tagbook);
  } else if (in.has_refused()) {
    out.reply = Refused{in.refused().code(), in.refused().message()};
  } else if (in.has_customer()) {
    Customer customer;
    for (const auto& from : in.customer().promises()) customer.promises.push_back(get(from));
    for (const auto& from : in.customer().problems()) customer.problems.push_back(get(from));
    customer.more = in.customer().more();
    out.reply = std::move(customer);
  }
  return out;
}

}  // namespace earful
