#include "collector/feed/subscriptions.h"

#include <gtest/gtest.h>

namespace earful::collector {
namespace {

TEST(Subscriptions, RefusesALongTopic) {
  Subscriptions subscriptions;
  EXPECT_TRUE(subscriptions.add(std::string(kMaxTopicBytes, 'a'), "key"));
  EXPECT_FALSE(subscriptions.add(std::string(kMaxTopicBytes + 1, 'a'), "key"));
}

TEST(Subscriptions, BoundsWhatAKeyHoldsWithoutHarmToOthers) {
  Subscriptions subscriptions;
  for (size_t i = 0; i < 2000; ++i) subscriptions.add(std::to_string(i), "greedy");
  EXPECT_EQ(subscriptions.size(), kMaxSubscriptionsPerKey);
  EXPECT_TRUE(subscriptions.add("event.", "modest"));
}

TEST(Subscriptions, CountsWhatAnEndedConnectionHeld) {
  Subscriptions subscriptions;
  subscriptions.add("event.", "a");
  subscriptions.add("event.", "b");
  EXPECT_TRUE(subscriptions.remove("event.", ""));
  EXPECT_TRUE(subscriptions.remove("event.", ""));
  EXPECT_FALSE(subscriptions.remove("event.", ""));
  EXPECT_EQ(subscriptions.size(), 0u);
}

TEST(Subscriptions, PassesOverTheEndOfWhatWasNeverIn) {
  Subscriptions subscriptions;
  subscriptions.add("event.", "a");
  EXPECT_FALSE(subscriptions.remove("event.", "b"));
  EXPECT_FALSE(subscriptions.remove("head", "a"));
  EXPECT_EQ(subscriptions.size(), 1u);
}

}  // namespace
}  // namespace earful::collector
