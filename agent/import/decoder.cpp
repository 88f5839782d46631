#include "agent/import/decoder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "recorder/codec/ogg_opus_decoder.h"
#include "recorder/source/file_type.h"
#include "recorder/source/sound_file.h"
#include "recorder/source/wav_header.h"
#include "recorder/source/wav_samples.h"

namespace earful::agent {
namespace {

using recorder::FileType;

size_t read_at(int fd, int64_t offset, std::span<char> out) {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = pread(fd, out.data() + done, out.size() - done, offset + off_t(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += size_t(got);
  }
  return done;
}

Error wrong_type(FileType type, const std::string& why) {
  return {"E_TYPE",
          "reading the recording: it looks like " + std::string(name_of(type)) + ", " + why};
}

Result<void> decode_wav(int fd, int64_t bytes, recorder::PcmSink& sink) {
  const recorder::ReadAt at = [fd](int64_t offset, std::span<char> out) {
    return read_at(fd, offset, out);
  };
  EARFUL_ASSIGN(const recorder::WavLayout layout, recorder::walk_wav(at, bytes));
  if (layout.coding == recorder::WavCoding::kGsm) {
    for (const std::string& warning : layout.warnings) sink.warn(warning);
    return recorder::decode_sound_file(fd, sink);
  }
  return recorder::decode_wav_samples(at, layout, sink);
}

Result<void> decode_opus(int fd, recorder::PcmSink& sink) {
  int64_t offset = 0;
  return recorder::decode_ogg_opus(
      [&](std::span<char> out) {
        const size_t got = read_at(fd, offset, out);
        offset += int64_t(got);
        return got;
      },
      sink);
}

Result<void> decode(int fd, const std::string& file_name, recorder::PcmSink& sink) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return Error{"E_DISK", "reading the recording: it cannot be measured"};
  std::string beginning(recorder::kSniffBytes, '\0');
  beginning.resize(read_at(fd, 0, beginning));
  const FileType type = recorder::file_type_of(beginning);
  const bool ogg = type == FileType::kOggOpus || type == FileType::kOggOther;
  if (type == FileType::kEmpty) {
    return Error{"E_EMPTY", "reading the recording: the file is empty; nothing to import"};
  }
  if (recorder::promises_ogg(file_name) && !ogg) {
    return wrong_type(type, "not Ogg; give it the name it deserves");
  }
  switch (type) {
    case FileType::kWav:
      return decode_wav(fd, info.st_size, sink);
    case FileType::kOggOpus:
      return decode_opus(fd, sink);
    case FileType::kFlac:
    case FileType::kMp3:
    case FileType::kOggOther:
    case FileType::kAiff:
    case FileType::kAu:
    case FileType::kCaf:
    case FileType::kW64:
      return recorder::decode_sound_file(fd, sink);
    default:
      return wrong_type(type, "which is not read; export the call as WAV, FLAC, MP3 or Opus");
  }
}

}  // namespace

recorder::Decoder decoder_for(const std::string& file_name) {
  return [file_name](int fd, recorder::PcmSink& sink) { return decode(fd, file_name, sink); };
}

}  // namespace earful::agent
