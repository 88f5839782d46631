// A sink for tests: keeps everything a decoder says.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "recorder/source/pcm_sink.h"

namespace earful::recorder {

class MemorySink : public PcmSink {
 public:
  Result<void> format(const PcmFormat& format) override {
    formats.push_back(format);
    return {};
  }
  Result<void> samples(std::span<const int16_t> interleaved) override {
    pcm.insert(pcm.end(), interleaved.begin(), interleaved.end());
    return {};
  }
  void warn(const std::string& what) override { warnings.push_back(what); }

  bool warned(const std::string& word) const {
    return std::any_of(warnings.begin(), warnings.end(), [&](const std::string& warning) {
      return warning.find(word) != std::string::npos;
    });
  }

  std::vector<PcmFormat> formats;
  std::vector<int16_t> pcm;
  std::vector<std::string> warnings;
};

}  // namespace earful::recorder
