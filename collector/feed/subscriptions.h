// Who subscribed to what on the feed, within bounds. Without sockets; belongs to the feed thread.
//
// The socket tells every subscription with the key that asks; the end of a connection is told as
// the end of its topics, without a key. Sums are exact; how many a key holds is exact as long as no
// two keys of one topic come and go.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace earful::collector {

// "event." and the longest name of a message are under 40.
inline constexpr size_t kMaxTopicBytes = 256;
// A reader needs one per kind of event. Counted for each key, so that one cannot starve another.
inline constexpr size_t kMaxSubscriptionsPerKey = 1000;

class Subscriptions {
 public:
  // True: let it in.
  bool add(std::string_view topic, const std::string& key);
  // True: it was in, take it out. The key may be unknown ("").
  bool remove(std::string_view topic, const std::string& key);
  size_t size() const { return size_; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> keys_of_;  // by topic
  std::map<std::string, size_t> count_of_;                                // by key
  size_t size_ = 0;
};

}  // namespace earful::collector
