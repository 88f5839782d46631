// What a file is, by what it looks like and never by its name. No state.
#pragma once

#include <string_view>

namespace earful::recorder {

enum class FileType {
  kUnknown,
  kEmpty,
  kWav,   // RIFF and RF64
  kRifx,  // big-endian RIFF
  kFlac,
  kMp3,
  kOggOpus,
  kOggOther,  // Vorbis, FLAC and others in Ogg
  kAiff,
  kAu,
  kCaf,
  kW64,
  kMp4,
  kMatroska,
  kAmr,
  kPcap,
  kZip,
  kText,
};

// How far an Ogg page may stand from the beginning.
inline constexpr size_t kSniffBytes = 64 * 1024;

// beginning: the first kSniffBytes of the file, or all of it.
FileType file_type_of(std::string_view beginning);

// For a person: "MP3", "MP4 or M4A".
std::string_view name_of(FileType type);

// Whether a name promises Ogg (.opus, .ogg, .oga), so that anything else behind it is a mistake.
bool promises_ogg(std::string_view file_name);
// Whether a name is one of a recording we may read; folders are searched for these.
bool promises_audio(std::string_view file_name);

}  // namespace earful::recorder
