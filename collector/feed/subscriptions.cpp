#include "collector/feed/subscriptions.h"

#include <algorithm>

namespace earful::collector {

bool Subscriptions::add(std::string_view topic, const std::string& key) {
  if (topic.size() > kMaxTopicBytes) return false;
  const auto count = count_of_.find(key);
  if (count != count_of_.end() && count->second >= kMaxSubscriptionsPerKey) return false;
  ++count_of_[key];
  keys_of_[std::string(topic)].push_back(key);
  ++size_;
  return true;
}

bool Subscriptions::remove(std::string_view topic, const std::string& key) {
  const auto found = keys_of_.find(topic);
  if (found == keys_of_.end()) return false;
  auto& keys = found->second;
  auto one = key.empty() ? std::prev(keys.end()) : std::find(keys.begin(), keys.end(), key);
  if (one == keys.end()) return false;
  const auto count = count_of_.find(*one);
  if (--count->second == 0) count_of_.erase(count);
  keys.erase(one);
  if (keys.empty()) keys_of_.erase(found);
  --size_;
  return true;
}

}  // namespace earful::collector
