#include "recorder/source/file_type.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace earful::recorder {
namespace {

struct Magic {
  size_t at;
  std::string_view bytes;
  FileType type;
};

constexpr std::array<Magic, 15> kMagics = {{
    {0, "RIFF", FileType::kWav},
    {0, "RF64", FileType::kWav},
    {0, "RIFX", FileType::kRifx},
    {0, "fLaC", FileType::kFlac},
    {0, "ID3", FileType::kMp3},
    {0, "FORM", FileType::kAiff},
    {0, ".snd", FileType::kAu},
    {0, "caff", FileType::kCaf},
    {0, "riff", FileType::kW64},
    {4, "ftyp", FileType::kMp4},
    {0, "\x1a\x45\xdf\xa3", FileType::kMatroska},
    {0, "#!AMR", FileType::kAmr},
    {0, "\xd4\xc3\xb2\xa1", FileType::kPcap},
    {0, "\x0a\x0d\x0d\x0a", FileType::kPcap},
    {0, "PK\x03\x04", FileType::kZip},
}};

// An MPEG audio header that could be layer III (ISO 11172-3, 2.4.1.3).
bool starts_with_mp3_frame(std::string_view bytes) {
  if (bytes.size() < 4) return false;
  const auto byte = [&](size_t i) { return unsigned(uint8_t(bytes[i])); };
  const bool sync = byte(0) == 0xff && (byte(1) & 0xe0) == 0xe0;
  const bool version = (byte(1) & 0x18) != 0x08;
  const bool layer3 = (byte(1) & 0x06) == 0x02;
  const bool bitrate = (byte(2) & 0xf0) != 0xf0;
  const bool rate = (byte(2) & 0x0c) != 0x0c;
  return sync && version && layer3 && bitrate && rate;
}

bool is_text(std::string_view bytes) {
  bytes = bytes.substr(0, 512);
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = uint8_t(c);
    const bool never_in_utf8 = byte == 0xc0 || byte == 0xc1 || byte > 0xf4;
    return (byte >= 0x20 && !never_in_utf8) || c == '\n' || c == '\r' || c == '\t';
  });
}

std::string extension_of(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return "";
  std::string extension(name.substr(dot));
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  }
  return extension;
}

}  // namespace

FileType file_type_of(std::string_view beginning) {
  if (beginning.empty()) return FileType::kEmpty;
  for (const Magic& magic : kMagics) {
    if (beginning.substr(std::min(magic.at, beginning.size())).starts_with(magic.bytes)) {
      return magic.type;
    }
  }
  if (starts_with_mp3_frame(beginning)) return FileType::kMp3;
  const size_t ogg = beginning.find("OggS");
  if (ogg != std::string_view::npos) {
    const bool opus = beginning.substr(ogg).find("OpusHead") != std::string_view::npos;
    return opus ? FileType::kOggOpus : FileType::kOggOther;
  }
  return is_text(beginning) ? FileType::kText : FileType::kUnknown;
}

std::string_view name_of(FileType type) {
  switch (type) {
    case FileType::kUnknown:
      return "nothing this program knows";
    case FileType::kEmpty:
      return "an empty file";
    case FileType::kWav:
      return "WAV";
    case FileType::kRifx:
      return "big-endian WAV (RIFX)";
    case FileType::kFlac:
      return "FLAC";
    case FileType::kMp3:
      return "MP3";
    case FileType::kOggOpus:
      return "Ogg Opus";
    case FileType::kOggOther:
      return "Ogg";
    case FileType::kAiff:
      return "AIFF";
    case FileType::kAu:
      return "Sun AU";
    case FileType::kCaf:
      return "Core Audio (CAF)";
    case FileType::kW64:
      return "Wave64";
    case FileType::kMp4:
      return "MP4 or M4A";
    case FileType::kMatroska:
      return "Matroska or WebM";
    case FileType::kAmr:
      return "AMR";
    case FileType::kPcap:
      return "a packet capture";
    case FileType::kZip:
      return "a zip archive";
    case FileType::kText:
      return "text";
  }
  return "";
}

bool promises_ogg(std::string_view file_name) {
  const std::string extension = extension_of(file_name);
  return extension == ".opus" || extension == ".ogg" || extension == ".oga";
}

bool promises_audio(std::string_view file_name) {
  static constexpr std::array<std::string_view, 14> kExtensions = {
      ".wav", ".wave", ".rf64", ".flac", ".mp3", ".opus", ".ogg",
      ".oga", ".aif",  ".aiff", ".au",   ".snd", ".caf",  ".w64"};
  const std::string extension = extension_of(file_name);
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

}  // namespace earful::recorder
