#include "recorder/codec/measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

namespace earful::recorder {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kRate = 8000;
constexpr size_t kFrame = kRate / kFramesPerSecond;

Position at_ms(double ms) { return position_of_ms(ms); }
Stretch ms(double start, double end) { return {at_ms(start), at_ms(end)}; }

// One leg, painted with sounds.
class Leg {
 public:
  explicit Leg(double seconds) : samples_(size_t(seconds * kRate)) {}

  Leg& tone(Stretch when, double dbfs, double hz = 440) {
    const double amplitude = std::pow(10, dbfs / 20) * std::sqrt(2);
    return paint(
        when, [&](size_t at) { return amplitude * std::sin(2 * M_PI * hz * double(at) / kRate); });
  }
  Leg& noise(Stretch when, double dbfs) {
    std::normal_distribution<double> sample(0, std::pow(10, dbfs / 20));
    return paint(when, [&](size_t) { return sample(random_); });
  }
  // Syllables of 120 ms over a voice of 200 Hz and its harmonics, level measured in the syllables.
  Leg& speech(Stretch when, double dbfs) {
    const double amplitude = std::pow(10, dbfs / 20);
    return paint(when, [&](size_t at) {
      const double t = double(at) / kRate;
      const double swell = 0.55 - 0.45 * std::cos(2 * M_PI * t / 0.12);
      double voice = 0;
      for (const int harmonic : {1, 2, 3, 5}) voice += std::sin(2 * M_PI * 200 * harmonic * t);
      return amplitude * swell * voice;
    });
  }
  const std::vector<int16_t>& samples() const { return samples_; }

 private:
  template <class Sound>
  Leg& paint(Stretch when, Sound sound) {
    const auto end = std::min(samples_.size(), size_t(when.end * kRate / kPositionsPerSecond));
    for (auto at = size_t(when.start * kRate / kPositionsPerSecond); at < end; ++at) {
      const double value = samples_[at] + 32768 * sound(at);
      samples_[at] = int16_t(std::lround(std::clamp(value, -32768.0, 32767.0)));
    }
    return *this;
  }
  std::vector<int16_t> samples_;
  std::mt19937 random_{7};
};

Measures measured(const std::vector<Leg>& legs, std::span<const Stretch> absent = {}) {
  Meter meter(kRate, int(legs.size()));
  for (size_t at = 0; at < legs[0].samples().size(); at += kFrame) {
    for (const Leg& leg : legs) {
      const std::span<const int16_t> all(leg.samples());
      meter.add(all.subspan(at, std::min(kFrame, all.size() - at)));
    }
  }
  return meter.finish(absent);
}

// The worst boundary in milliseconds; nothing when another number of stretches was found.
std::optional<double> worst_ms(const std::vector<Stretch>& found,
                               const std::vector<Stretch>& said) {
  if (found.size() != said.size()) return std::nullopt;
  double worst = 0;
  for (size_t i = 0; i < said.size(); ++i) {
    worst = std::max(worst, std::abs(position_ms(found[i].start - said[i].start)));
    worst = std::max(worst, std::abs(position_ms(found[i].end - said[i].end)));
  }
  return worst;
}

// Boundaries anywhere, not on frames.
std::vector<Stretch> said() {
  std::vector<Stretch> all;
  for (double start = 1003.7; start < 55000; start += 3471.3) {
    all.push_back(ms(start, start + 900 + std::fmod(start, 1500)));
  }
  return all;
}

TEST(Measures, FindTalkWithinAFrameOnCleanAudio) {
  for (const double floor : {-120.0, -75.0, -60.0}) {
    Leg leg(60);
    leg.noise(ms(0, 60000), floor);
    for (const Stretch& stretch : said()) leg.tone(stretch, -22);
    const auto worst = worst_ms(measured({leg}).legs[0].talk, said());
    ASSERT_TRUE(worst) << floor;
    EXPECT_LE(*worst, 20) << floor;
  }
}

TEST(Measures, FindTalkThatBeginsAndEndsWithTheCall) {
  Leg leg(10.013);
  leg.tone(ms(0, 10013), -20);
  const LegMeasures found = measured({leg}).legs[0];
  ASSERT_THAT(found.talk, SizeIs(1));
  EXPECT_EQ(found.talk[0], ms(0, 10013));
  EXPECT_EQ(found.longest, at_ms(10013));
}

TEST(Measures, FindAMonologueOfMinutesWithoutABreath) {
  Leg leg(120);
  leg.noise(ms(0, 120000), -65).tone(ms(5000, 115000), -25);
  const auto worst = worst_ms(measured({leg}).legs[0].talk, {ms(5000, 115000)});
  ASSERT_TRUE(worst);
  EXPECT_LE(*worst, 20);
}

// Measured: 20 ms at 25 dB above the noise, 48 ms at 15 dB, where soft ends of words go under.
TEST(Measures, FindTalkInNoise) {
  for (const auto& [noise, allowed] : {std::pair(-50.0, 40.0), {-40.0, 100.0}}) {
    Leg leg(60);
    leg.noise(ms(0, 60000), noise);
    for (const Stretch& stretch : said()) leg.speech(stretch, -25);
    const auto worst = worst_ms(measured({leg}).legs[0].talk, said());
    ASSERT_TRUE(worst) << noise;
    RecordProperty("worst_ms_at_" + std::to_string(int(noise)), std::to_string(*worst));
    EXPECT_LE(*worst, allowed) << noise;
  }
}

TEST(Measures, FollowALineThatGetsNoisier) {
  Leg leg(90);
  leg.noise(ms(0, 30000), -70).noise(ms(30000, 90000), -45);
  leg.speech(ms(60000, 63000), -20);
  const auto talk = measured({leg}).legs[0].talk;
  // The step itself is taken for talk until the floor has risen, for less than ten seconds.
  ASSERT_THAT(talk, SizeIs(2));
  EXPECT_LE(talk[0].end, at_ms(40000));
  EXPECT_NEAR(position_ms(talk[1].start), 60000, 40);
}

TEST(Measures, TakeNeitherNoiseNorAClickForTalk) {
  Leg leg(30);
  leg.noise(ms(0, 30000), -45).noise(ms(10000, 10040), -10);
  EXPECT_THAT(measured({leg}).legs[0].talk, IsEmpty());
}

TEST(Measures, JoinShortPausesAndNoLongerOnes) {
  Leg leg(10);
  leg.tone(ms(1000, 2000), -20).tone(ms(2280, 3000), -20).tone(ms(3400, 4000), -20);
  EXPECT_THAT(measured({leg}).legs[0].talk, ElementsAre(ms(1000, 3000), ms(3400, 4000)));
}

TEST(Measures, ShareTalkSilenceAndTalkOverBetweenTheLegs) {
  Leg agent(30), customer(30);
  agent.tone(ms(0, 4000), -20).tone(ms(20000, 22000), -20);
  customer.tone(ms(3000, 6000), -20).tone(ms(21900, 22900), -20);
  const Measures all = measured({agent, customer});
  EXPECT_EQ(all.legs[0].talked, at_ms(6000));
  EXPECT_EQ(all.legs[1].talked, at_ms(4000));
  EXPECT_DOUBLE_EQ(all.legs[0].share, 0.6);
  EXPECT_THAT(all.silences, ElementsAre(ms(6000, 20000), ms(22900, 30000)));
  EXPECT_THAT(all.talk_over, ElementsAre(ms(3000, 4000)));  // 100 ms is taking turns
  EXPECT_EQ(all.talked_over, at_ms(1000));
}

TEST(Measures, HoldTheFloorAcrossABreathUnlessTheOtherTalks) {
  Leg agent(30), customer(30);
  agent.tone(ms(0, 3000), -20).tone(ms(4500, 7000), -20).tone(ms(8500, 9500), -20);
  customer.tone(ms(7200, 8300), -20);
  EXPECT_EQ(measured({agent, customer}).legs[0].longest, at_ms(7000));
}

TEST(Measures, TakeWhatWasPausedForNeitherSilenceNorNoise) {
  Leg agent(40), customer(40);
  for (Leg* leg : {&agent, &customer}) {
    leg->noise(ms(0, 10000), -50).noise(ms(30000, 40000), -50);
    leg->speech(ms(8000, 9000), -20).speech(ms(32000, 33000), -20);
  }
  const std::vector<Stretch> paused = {ms(10000, 30000)};
  const Measures all = measured({agent, customer}, paused);
  EXPECT_THAT(all.legs[0].talk, SizeIs(2));
  EXPECT_NEAR(all.legs[0].noise_dbfs, -50, 2);
  ASSERT_THAT(all.silences, SizeIs(2));
  EXPECT_EQ(all.silences[0].start, 0);
  EXPECT_NEAR(position_ms(all.silences[1].start), 33000, 40);
}

TEST(Measures, SayHowLoudAsTheStandardDoes) {
  // BS.1770: a tone of 997 Hz whose peaks reach full scale measures -3.01 LUFS on one channel.
  Leg loud(20), silent(20);
  loud.tone(ms(0, 20000), -23.01, 997);
  const Measures all = measured({loud, silent});
  EXPECT_NEAR(all.legs[0].loudness_lufs.value_or(0), -23.01, 0.3);
  EXPECT_NEAR(all.legs[0].peak_dbfs, -20, 0.1);
  EXPECT_EQ(all.legs[1].loudness_lufs, std::nullopt);
}

TEST(Measures, SayTheSameLoudnessWithALongSilence) {
  Leg brief(20), lengthy(200);
  for (Leg* leg : {&brief, &lengthy}) leg->tone(ms(2000, 12000), -23, 997);
  lengthy.tone(ms(150000, 160000), -23, 997);
  EXPECT_NEAR(*measured({brief}).legs[0].loudness_lufs, *measured({lengthy}).legs[0].loudness_lufs,
              0.1);
}

TEST(Measures, CountWhatIsClipped) {
  Leg clean(2), clipped(2);
  clean.tone(ms(0, 2000), -3.1);
  clipped.tone(ms(0, 2000), 6);
  EXPECT_EQ(measured({clean}).legs[0].clipped, 0);
  EXPECT_GT(measured({clipped}).legs[0].clipped, 2 * kRate / 4);
}

TEST(Measures, ArePlainJson) {
  Leg agent(12), customer(12);
  agent.tone(ms(1000, 3000), -20);
  const auto json = nlohmann::json::parse(measures_json(measured({agent, customer})));
  EXPECT_EQ(json["version"], 1);
  ASSERT_EQ(json["legs"].size(), 2u);
  EXPECT_EQ(json["legs"][0]["talk"], nlohmann::json::parse("[[1000,3000]]"));
  EXPECT_EQ(json["legs"][0]["talk_ms"], 2000);
  EXPECT_EQ(json["legs"][0]["share"], 1.0);
  EXPECT_EQ(json["legs"][0]["longest_ms"], 2000);
  EXPECT_TRUE(json["legs"][1]["loudness_lufs"].is_null());
  EXPECT_EQ(json["silences"], nlohmann::json::parse("[[3000,12000]]"));
  EXPECT_EQ(json["talk_over"], nlohmann::json::array());
  EXPECT_EQ(json["talk_over_ms"], 0);
  EXPECT_EQ(json["noise_dbfs"].size(), 2u);
}

TEST(Measures, AreThereForACallWithoutASample) {
  const Measures none = Meter(kRate, 2).finish({});
  EXPECT_THAT(none.legs, SizeIs(2));
  EXPECT_THAT(none.silences, IsEmpty());
}

}  // namespace
}  // namespace earful::recorder
