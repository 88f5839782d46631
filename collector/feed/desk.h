// The desk: what readers and stations may ask. Without sockets; belongs to the desk thread.
//
//   Replay      records after a position                        stations and readers
//   GetTagbook  the default book and what events made of it     stations and readers
//   GetCustomer a customer's past problems and open promises     stations
//   Enroll      turns a newcomer's key into a station or reader  enrolment keys, and nothing else
//
// What it will not do it answers with Refused and a code: E_ROLE not for this key, E_REQUEST not a
// request, E_STORE the store cannot be read now, E_LATER it has not been read for customers, and
// those of Keystore::enroll.
//
// Readers may follow every event, but not look customers up: keys become people where somebody
// listens, and that is at a station.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "collector/keys/keystore.h"
#include "collector/store/customer_past.h"
#include "collector/store/store_reader.h"
#include "proto/feed.h"
#include "proto/tagbook_fold.h"

namespace earful::collector {

class Desk {
 public:
  struct CustomerFiles {
    std::filesystem::path index;  // which need not be there
    std::filesystem::path store;
  };
  Desk(StoreReader reader, Keystore keys, CustomerFiles customers)
      : reader_(std::move(reader)), keys_(std::move(keys)), customers_(std::move(customers)) {}

  Keystore& keys() { return keys_; }
  DeskReply answer(const Identity& identity, std::string_view request, WallTime now);

 private:
  using Reply = decltype(DeskReply::reply);
  Reply answer_replay(const Replay& replay);
  Reply answer_tagbook();
  Reply answer_customer(const Identity& identity, const GetCustomer& wanted, WallTime now);
  Result<Customer> past_of(const GetCustomer& wanted, WallTime now);
  Reply answer_enroll(const Identity& identity, const Enroll& enroll, WallTime now);

  StoreReader reader_;
  Keystore keys_;
  CustomerFiles customers_;
  std::optional<CustomerPast> past_;
  TagbookFold tagbook_;
  FeedPosition tagbook_at_{};
};

}  // namespace earful::collector
