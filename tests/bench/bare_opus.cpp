// What encoding costs when there is nothing else: 16-bit PCM of two legs through two mono encoders
// of libopus with the settings of the recorder, packets thrown away. For tests/bench/import and
// tests/bench/live.
//
//   bare_opus FILE RATE COMPLEXITY BITRATE [paced]      FILE: interleaved samples, no header
//
// paced: a frame every 20 ms, as they come from a device. Then each finds the processor's caches
// with something else in them.

#include <opus/opus.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr size_t kLegs = 2;
constexpr size_t kMaxPacketBytes = 1276;

struct Close {
  void operator()(OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

int main(int argc, char** argv) {
  const bool paced = argc == 6 && std::string_view(argv[5]) == "paced";
  if (argc != 5 && !paced) return 2;
  const std::unique_ptr<std::FILE, Close> file(std::fopen(argv[1], "rb"));
  const int rate = std::atoi(argv[2]);
  if (!file || rate <= 0) return 2;
  std::unique_ptr<OpusEncoder, Close> encoders[kLegs];
  for (auto& encoder : encoders) {
    int fault = OPUS_OK;
    encoder.reset(opus_encoder_create(rate, 1, OPUS_APPLICATION_VOIP, &fault));
    if (fault != OPUS_OK) return 1;
    opus_encoder_ctl(encoder.get(), OPUS_SET_COMPLEXITY(std::atoi(argv[3])));
    opus_encoder_ctl(encoder.get(), OPUS_SET_BITRATE(std::atoi(argv[4])));
  }
  const auto samples = size_t(rate / 50);
  std::vector<opus_int16> both(samples * kLegs);
  std::vector<opus_int16> leg(samples);
  unsigned char packet[kMaxPacketBytes];
  long bytes = 0;
  auto due = std::chrono::steady_clock::now();
  while (std::fread(both.data(), sizeof(opus_int16), both.size(), file.get()) == both.size()) {
    due += std::chrono::milliseconds(20);
    if (paced) std::this_thread::sleep_until(due);
    for (size_t n = 0; n < kLegs; ++n) {
      for (size_t i = 0; i < samples; ++i) leg[i] = both[i * kLegs + n];
      const int got =
          opus_encode(encoders[n].get(), leg.data(), int(samples), packet, sizeof packet);
      if (got < 0) return 1;
      bytes += got;
    }
  }
  std::printf("%ld\n", bytes);
  return 0;
}
