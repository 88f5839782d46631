#include "collector/feed/desk.h"

#include "base/log.h"

namespace earful::collector {

DeskReply Desk::answer(const Identity& identity, std::string_view raw, WallTime now) {
  const auto request = decode_desk_request(raw);
  if (!request.ok()) return {0, Refused{"E_REQUEST", request.error().message}};
  DeskReply reply{request->request_id, {}};
  const bool enrolling = std::holds_alternative<Enroll>(request->request);
  if (std::holds_alternative<std::monostate>(request->request)) {
    reply.reply =
        Refused{"E_REQUEST", "this desk does not know the request; use a newer collector"};
  } else if (enrolling != (identity.role == Role::kEnroll)) {
    reply.reply = Refused{"E_ROLE", enrolling ? "only the key of an invitation may enrol"
                                              : "an invitation opens nothing but Enroll"};
  } else if (const auto* replay = std::get_if<Replay>(&request->request)) {
    reply.reply = answer_replay(*replay);
  } else if (const auto* enroll = std::get_if<Enroll>(&request->request)) {
    reply.reply = answer_enroll(identity, *enroll, now);
  } else if (const auto* customer = std::get_if<GetCustomer>(&request->request)) {
    reply.reply = answer_customer(identity, *customer, now);
  } else {
    reply.reply = answer_tagbook();
  }
  return reply;
}

Desk::Reply Desk::answer_replay(const Replay& replay) {
  auto page = reader_.read(replay.after, replay.limit, replay.filter);
  if (!page.ok()) {
    log_error("replay failed", {{"error", page.error().message}});
    return Refused{"E_STORE", "the store cannot be read now; ask again later"};
  }
  return *std::move(page);
}

Desk::Reply Desk::answer_tagbook() {
  while (true) {
    const auto page = reader_.read(tagbook_at_, kMaxReplay, {tagbook_types(), {}});
    if (!page.ok()) return Refused{"E_STORE", "the store cannot be read now; ask again later"};
    for (const Record& record : page->records) {
      if (const auto event = decode_event(record.raw); event.ok()) tagbook_.add(*event);
    }
    tagbook_at_ = page->next;
    if (page->next == page->head) return Tagbook{tagbook_.kinds()};
  }
}

Desk::Reply Desk::answer_customer(const Identity& identity, const GetCustomer& wanted,
                                  WallTime now) {
  if (identity.role != Role::kStation) {
    return Refused{"E_ROLE", "only a station may ask for a customer"};
  }
  if (wanted.customer_key.empty()) {
    return Refused{"E_REQUEST", "customer_key is empty; send the key of a call's customer"};
  }
  auto customer = past_of(wanted, now);
  if (customer.ok()) return *std::move(customer);
  if (customer.error().code == "E_LATER") return Refused{"E_LATER", customer.error().message};
  log_error("customer not read", {{"error", customer.error().message}});
  return Refused{"E_STORE", "the store cannot be read now; ask again later"};
}

// After an error with a new connection: the index may have been made again.
Result<Customer> Desk::past_of(const GetCustomer& wanted, WallTime now) {
  if (!past_) {
    auto past = CustomerPast::open(customers_.index, customers_.store);
    if (!past.ok()) {
      return Error{"E_LATER", "the index of customers cannot be read now; ask again in a minute"};
    }
    past_ = *std::move(past);
  }
  auto customer = past_->of(wanted, now);
  if (!customer.ok()) past_.reset();
  return customer;
}

Desk::Reply Desk::answer_enroll(const Identity& identity, const Enroll& enroll, WallTime now) {
  const auto role = keys_.enroll(identity, enroll.public_key, enroll.station_id, now);
  if (!role.ok()) {
    log_warn("refuse enrolment", {{"name", identity.name}, {"code", role.error().code}});
    return Refused{role.error().code, role.error().message};
  }
  log_info("enrol", {{"name", identity.name}, {"role", role_text(*role)}});
  return Enrolled{std::string(role_text(*role)), reader_.id()};
}

}  // namespace earful::collector
