// Do the intervals hold what they promise, for samples drawn the way hours are drawn?
#include <gtest/gtest.h>

#include <cstdio>

#include "agent/hour/draw.h"
#include "made_frame.h"
#include "proto/hour_fold.h"

namespace earful::agent {
namespace {

constexpr int kTrials = 1000;

struct Coverage {
  double share = 0;        // of intervals that hold the truth
  double mean_width = 0;   // of them
  double exact_width = 0;  // mean, of Clopper and Pearson's for the same number of calls
};

// What is told of the problem; where no call had it, what would be told of it.
Proportion share_of(std::span<const RandomCall> sample) {
  const std::vector<ProblemShare> shares = problem_shares(sample);
  if (!shares.empty()) return shares[0].share;
  std::vector<Sampled> none;
  for (const RandomCall& call : sample) none.push_back({call.weight, false});
  return estimate_proportion(none, kShareConfidence);
}

// `weeks` frames, each with its own rate of the problem per queue around `rate`; one hour of each.
Coverage year(size_t weeks, double rate, bool strata, double unevenness) {
  Coverage out;
  std::mt19937_64 random(20261123);
  std::vector<Frame> frames;
  for (size_t week = 0; week < weeks; ++week) {
    frames.push_back(made_frame(40 + 11 * (week % 9), week));
    if (!strata) frames.back().rules.strata = {};
  }
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<RandomCall> sample;
    size_t calls = 0, with = 0;
    for (const Frame& frame : frames) {
      std::vector<bool> has(frame.calls.size());
      for (size_t i = 0; i < has.size(); ++i) {
        const double of_queue = frame.calls[i].queue == "billing" ? 1 - unevenness : 1 + unevenness;
        has[i] = std::bernoulli_distribution(rate * of_queue)(random);
        const int64_t ms = frame.calls[i].duration_ms;
        if (ms < frame.rules.shortest_ms || ms > frame.rules.longest_ms) continue;
        ++calls;
        with += has[i];
      }
      Seed seed{};
      for (uint8_t& byte : seed) byte = uint8_t(random());
      for (const DrawnCall& call : draw_hour(frame, seed).calls) {
        sample.push_back({1 / call.probability, {}});
        if (has[call.call]) sample.back().kinds.insert("problem");
      }
    }
    const double truth = double(with) / double(calls);
    const Proportion found = share_of(sample);
    out.share += (found.low <= truth && truth <= found.high) / double(kTrials);
    out.mean_width += (found.high - found.low) / kTrials;
    for (RandomCall& one : sample) one.weight = 1;
    const Proportion exact = share_of(sample);
    out.exact_width += (exact.high - exact.low) / kTrials;
  }
  std::printf("%zu weeks, rate %.2f, strata %d: coverage %.3f, width %.4f, exact %.4f\n", weeks,
              rate, strata, out.share, out.mean_width, out.exact_width);
  return out;
}

TEST(Estimate, HoldsTheTruthInOneHour) {
  for (const double rate : {0.02, 0.1, 0.35}) EXPECT_GE(year(1, rate, true, 0.5).share, 0.93);
}

TEST(Estimate, HoldsTheTruthOverAYear) {
  EXPECT_GE(year(52, 0.01, true, 0.5).share, 0.93);
  EXPECT_GE(year(52, 0.02, true, 0.5).share, 0.93);
  EXPECT_GE(year(52, 0.02, false, 0.5).share, 0.93);
}

TEST(Estimate, IsAsNarrowAsTheExactOneWhereTheSampleIsSimple) {
  const Coverage simple = year(1, 0.1, false, 0);
  EXPECT_LE(simple.mean_width, 1.15 * simple.exact_width);
}

}  // namespace
}  // namespace earful::agent
