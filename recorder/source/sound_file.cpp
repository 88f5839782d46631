#include "recorder/source/sound_file.h"

#include <sndfile.h>
#include <unistd.h>

#include <cmath>
#include <memory>
#include <vector>

namespace earful::recorder {
namespace {

constexpr sf_count_t kBlockFrames = 4096;

struct CloseFile {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

bool is_adpcm(int format) {
  switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_IMA_ADPCM:
    case SF_FORMAT_MS_ADPCM:
    case SF_FORMAT_VOX_ADPCM:
    case SF_FORMAT_NMS_ADPCM_16:
    case SF_FORMAT_NMS_ADPCM_24:
    case SF_FORMAT_NMS_ADPCM_32:
    case SF_FORMAT_G721_32:
    case SF_FORMAT_G723_24:
    case SF_FORMAT_G723_40:
      return true;
    default:
      return false;
  }
}

bool is_float(int format) {
  const int coding = format & SF_FORMAT_SUBMASK;
  return coding == SF_FORMAT_FLOAT || coding == SF_FORMAT_DOUBLE;
}

// Decoders that work in float may overshoot full scale.
bool decodes_to_float(int format) {
  const int coding = format & SF_FORMAT_SUBMASK;
  return is_float(format) || coding == SF_FORMAT_VORBIS || coding == SF_FORMAT_MPEG_LAYER_III;
}

Result<void> check(const SF_INFO& info) {
  if (is_adpcm(info.format)) {
    return Error{"E_CODEC",
                 "reading the header: the samples are ADPCM, which is not read; export the call as "
                 "PCM, mu-law or A-law"};
  }
  if (info.channels < 1 || info.channels > kMaxChannels) {
    return Error{"E_HEADER", "reading the header: the channel count is " +
                                 std::to_string(info.channels) +
                                 ", a call has one or two; export the two legs only"};
  }
  if (info.samplerate < kMinRateHz || info.samplerate > kMaxRateHz) {
    return Error{"E_HEADER", "reading the header: the sample rate is " +
                                 std::to_string(info.samplerate) +
                                 ", outside 4,000 to 192,000 Hz; export the call again"};
  }
  return {};
}

int16_t to_sample(float value, int64_t& no_numbers) {
  if (!std::isfinite(value)) {
    ++no_numbers;
    return 0;
  }
  return int16_t(std::lrint(std::fmin(std::fmax(value * 32768.0f, -32768.0f), 32767.0f)));
}

}  // namespace

Result<void> decode_sound_file(int fd, PcmSink& sink) {
  if (lseek(fd, 0, SEEK_SET) < 0) return Error{"E_DISK", "reading the file: it cannot be sought"};
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, CloseFile> file(sf_open_fd(fd, SFM_READ, &info, SF_FALSE));
  if (!file) {
    return Error{"E_CODEC", std::string("opening the recording: ") + sf_strerror(nullptr) +
                                "; export the call as WAV"};
  }
  EARFUL_TRY(check(info));
  EARFUL_TRY(sink.format({info.samplerate, info.channels}));
  const auto channels = size_t(info.channels);
  std::vector<int16_t> samples(size_t(kBlockFrames) * channels);
  std::vector<float> values(samples.size());
  int64_t total = 0;
  int64_t no_numbers = 0;
  const bool as_float = decodes_to_float(info.format);
  while (true) {
    sf_count_t got = 0;
    if (as_float) {
      got = sf_readf_float(file.get(), values.data(), kBlockFrames);
      for (size_t i = 0; i < size_t(got) * channels; ++i) {
        samples[i] = to_sample(values[i], no_numbers);
      }
    } else {
      got = sf_readf_short(file.get(), samples.data(), kBlockFrames);
    }
    if (got <= 0) break;
    total += got;
    EARFUL_TRY(sink.samples(std::span(samples).first(size_t(got) * channels)));
  }
  if (total == 0) return Error{"E_EMPTY", "reading the recording: no samples; nothing to import"};
  if (sf_error(file.get()) != SF_ERR_NO_ERROR) {
    sink.warn(std::string("damaged after ") + std::to_string(total / info.samplerate) +
              " s: " + sf_strerror(file.get()));
  } else if (info.frames > total && info.frames < INT64_MAX / 2) {
    sink.warn("truncated: the header promises " + std::to_string(info.frames / info.samplerate) +
              " s, the file holds " + std::to_string(total / info.samplerate) + " s");
  }
  if (no_numbers > 0) {
    sink.warn(std::to_string(no_numbers) + " samples were no numbers and are silent");
  }
  return {};
}

}  // namespace earful::recorder
