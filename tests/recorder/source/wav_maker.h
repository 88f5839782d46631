// WAV files for tests, right and wrong ones, chunk by chunk.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "recorder/source/wav_header.h"

namespace earful::recorder {

inline std::string little(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(char(uint8_t(value >> (8 * i))));
  return out;
}

inline std::string chunk(std::string_view id, std::string_view body, int64_t claim = -1) {
  std::string out(id);
  out += little(claim < 0 ? body.size() : uint64_t(claim), 4);
  out += body;
  if (body.size() % 2 == 1) out.push_back('\0');
  return out;
}

struct Fmt {
  uint16_t tag = 1;
  uint16_t channels = 2;
  uint32_t rate = 8000;
  uint16_t bits = 16;
  int align = -1;  // as it follows from the others
};

inline std::string fmt_body(const Fmt& fmt) {
  const int align = fmt.align >= 0 ? fmt.align : fmt.channels * fmt.bits / 8;
  return little(fmt.tag, 2) + little(fmt.channels, 2) + little(fmt.rate, 4) +
         little(uint64_t(fmt.rate) * uint64_t(align), 4) + little(uint64_t(align), 2) +
         little(fmt.bits, 2);
}

inline std::string riff(const std::string& chunks, std::string_view id = "RIFF",
                        int64_t claim = -1) {
  return std::string(id) + little(claim < 0 ? chunks.size() + 4 : uint64_t(claim), 4) + "WAVE" +
         chunks;
}

inline std::string wav(const Fmt& fmt, std::string_view data) {
  return riff(chunk("fmt ", fmt_body(fmt)) + chunk("data", data));
}

inline ReadAt reader_of(const std::string& file) {
  return [&file](int64_t offset, std::span<char> out) -> size_t {
    if (offset < 0 || offset >= int64_t(file.size())) return 0;
    const size_t count = std::min(out.size(), file.size() - size_t(offset));
    std::memcpy(out.data(), file.data() + offset, count);
    return count;
  };
}

inline Result<WavLayout> walk(const std::string& file) {
  return walk_wav(reader_of(file), int64_t(file.size()));
}

}  // namespace earful::recorder
