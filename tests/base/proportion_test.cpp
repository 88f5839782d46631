#include "base/proportion.h"

#include <gtest/gtest.h>

#include <vector>

namespace earful {
namespace {

std::vector<Sampled> equal(size_t n, size_t with) {
  std::vector<Sampled> sample(n, Sampled{2.5, false});
  for (size_t i = 0; i < with; ++i) sample[i].has = true;
  return sample;
}

// Against R's binom.test(x, n)$conf.int.
TEST(Proportion, IsTheExactIntervalWhereWeightsAreEqual) {
  const Proportion five = estimate_proportion(equal(14, 5), 0.95);
  EXPECT_NEAR(five.estimate, 5.0 / 14, 1e-12);
  EXPECT_NEAR(five.low, 0.12760, 1e-5);
  EXPECT_NEAR(five.high, 0.64862, 1e-5);
  EXPECT_NEAR(five.effective_size, 14, 1e-9);
}

TEST(Proportion, KnowsNoneAndAll) {
  const Proportion none = estimate_proportion(equal(14, 0), 0.95);
  EXPECT_EQ(none.estimate, 0);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.23164, 1e-5);
  const Proportion all = estimate_proportion(equal(14, 14), 0.95);
  EXPECT_EQ(all.estimate, 1);
  EXPECT_NEAR(all.low, 0.76836, 1e-5);
  EXPECT_EQ(all.high, 1);
}

TEST(Proportion, KnowsNothingFromNothing) {
  const Proportion nothing = estimate_proportion({}, 0.95);
  EXPECT_EQ(nothing.low, 0);
  EXPECT_EQ(nothing.high, 1);
  EXPECT_EQ(nothing.effective_size, 0);
}

TEST(Proportion, WidensAsMuchAsUnequalWeightsCost) {
  std::vector<Sampled> sample = equal(20, 4);
  const Proportion before = estimate_proportion(sample, 0.95);
  for (size_t i = 0; i < sample.size(); i += 2) sample[i].weight *= 3;
  const Proportion after = estimate_proportion(sample, 0.95);
  EXPECT_NEAR(after.estimate, before.estimate, 1e-12);
  EXPECT_NEAR(after.effective_size, 16, 1e-9);  // (10 * 3 + 10)^2 / (10 * 9 + 10)
  EXPECT_LT(after.low, before.low);
  EXPECT_GT(after.high, before.high);
}

TEST(Proportion, TakesWeightsThatAreFarApart) {
  const Proportion most =
      estimate_proportion(std::vector<Sampled>{{1e100, true}, {1e-100, false}}, 0.95);
  EXPECT_GT(most.high, 0.9);
  EXPECT_LT(most.low, 0.1);
  const Proportion least =
      estimate_proportion(std::vector<Sampled>{{1e100, false}, {1e-100, true}}, 0.95);
  EXPECT_GT(least.high, 0.9);
}

}  // namespace
}  // namespace earful
