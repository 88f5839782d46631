#include "agent/import/importer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "agent/import/decoder.h"
#include "base/hash.h"
#include "recorder/codec/call_writer.h"
#include "recorder/frame/framer.h"
#include "recorder/frame/resampler.h"
#include "recorder/library/pending_file.h"
#include "recorder/source/recording.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;
using recorder::Call;
using recorder::CallWriter;
using recorder::Framer;
using recorder::PendingFile;
using recorder::Recording;
using recorder::Resampler;

constexpr size_t kHashBlockBytes = 128 * 1024;
// Some minutes of audio: less than the room between the limits of imports and of recording.
constexpr size_t kLookEverySamples = size_t(1) << 23;

// Blocks read ahead by the kernel; the decoder reads the same pages again from memory.
Result<CallId> call_id_of(int fd, const std::string& external_id) {
  Sha256 hash;
  std::string block(kHashBlockBytes, '\0');
  for (off_t at = 0;;) {
    const ssize_t got = pread(fd, block.data(), block.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return Error{"E_DISK", std::string("reading the recording: ") + std::strerror(errno)};
    if (got == 0) break;
    hash.add(std::string_view(block).substr(0, size_t(got)));
    at += got;
  }
  hash.add(external_id);
  const Digest digest = hash.finish();
  return CallId{make_uuid_v8(view(digest))};
}

WallTime wall_of(const timespec& time) {
  return WallTime(
      std::chrono::milliseconds(int64_t(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000));
}

Result<bool> swapped_legs(const Facts& facts, int channels) {
  if (facts.legs.empty()) return false;
  if (int(facts.legs.size()) != channels) {
    return Error{"E_FACTS", "reading the field legs: it names " +
                                std::to_string(facts.legs.size()) + ", the recording has " +
                                std::to_string(channels) + " channels; name one leg per channel"};
  }
  return channels == 2 && facts.legs[0] == Leg::kCustomer;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += (all.empty() ? "" : "; ") + line;
  return all;
}

}  // namespace

struct Importer::Opened {
  explicit Opened(int file) : fd(file) {
    if (fd >= 0 && fstat(fd, &info) != 0) info = {};
  }
  ~Opened() {
    if (fd >= 0) close(fd);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  int fd;
  struct stat info {};
};

Result<Importer> Importer::open(const fs::path& data_dir, ImportRules rules) {
  EARFUL_ASSIGN(recorder::Library library, recorder::Library::open(data_dir / "library"));
  return Importer(std::move(library), recorder::DiskReserve(data_dir), rules);
}

Outcome Importer::import(const fs::path& path) {
  Result<Outcome> done = take(path);
  if (done) return std::move(done).value();
  Outcome refused;
  refused.code = done.error().code;
  refused.message = done.error().message;
  return refused;
}

Result<Outcome> Importer::take(const fs::path& path) {
  // Without O_NONBLOCK a pipe of that name would hold us up for good.
  const Opened opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (opened.fd < 0) {
    return Error{"E_DISK", std::string("opening the recording: ") + std::strerror(errno)};
  }
  if (!S_ISREG(opened.info.st_mode)) {
    return Error{"E_TYPE", "opening the recording: it is no regular file; copy it to one"};
  }
  if (opened.info.st_size == 0) {
    return Error{"E_EMPTY", "reading the recording: the file is empty; nothing to import"};
  }
  Outcome outcome;
  EARFUL_ASSIGN(Facts facts, facts_of(path, outcome.warnings));
  if (!facts.call.started_at) {
    facts.call.started_at = wall_of(opened.info.st_mtim);
    outcome.warnings.push_back("guessed: it started when the file was last changed");
  }
  EARFUL_ASSIGN(outcome.id, call_id_of(opened.fd, facts.call.external_id));
  EARFUL_ASSIGN(const std::optional<Call> there, library_.find(outcome.id));
  if (there) {
    outcome.kind = Outcome::Kind::kHere;
    outcome.duration = there->duration;
    outcome.legs = there->legs;
    outcome.warnings.clear();
    return outcome;
  }
  EARFUL_TRY(reserve_.require_room_to_import());
  Call call;
  call.id = outcome.id;
  call.snapshot = facts.call;
  call.snapshot.sample = rules_.sample;
  call.agent_name = facts.agent_name;
  call.customer_id = facts.customer_id;
  EARFUL_TRY(encode(opened, path.filename().string(), facts, call, outcome.warnings));
  call.warnings = joined(outcome.warnings);
  call.added_at = wall_now();
  EARFUL_ASSIGN(const bool added, library_.add(call));
  outcome.kind = added ? Outcome::Kind::kTaken : Outcome::Kind::kHere;
  outcome.duration = call.duration;
  outcome.legs = call.legs;
  return outcome;
}

Result<Facts> Importer::facts_of(const fs::path& path, std::vector<std::string>& warnings) const {
  Facts facts;
  fs::path sidecar = path;
  sidecar.replace_extension(".json");
  std::error_code fault;
  const bool beside = sidecar != path && fs::is_regular_file(sidecar, fault);
  const bool listed = rules_.manifest && rules_.manifest->knows(path);
  if (rules_.pattern) {
    const auto named = rules_.pattern->apply(path.stem().string(), facts);
    if (!named && !listed && !beside) return named.error();
    if (!named) facts = Facts();
  }
  if (listed) EARFUL_TRY(rules_.manifest->apply(path, facts));
  if (beside) {
    if (fs::file_size(sidecar, fault) > kMaxSidecarBytes) {
      return Error{"E_FACTS", "reading " + sidecar.filename().string() +
                                  ": over 64 KiB; a sidecar holds one call's facts"};
    }
    std::ifstream file(sidecar, std::ios::binary);
    const std::string json{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (const auto set = set_facts_from_json(json, facts); !set) {
      return Error{set.error().code, sidecar.filename().string() + ": " + set.error().message};
    }
  }
  if (!rules_.pattern && !listed && !beside) {
    const std::string folder =
        fs::absolute(path, fault).lexically_normal().parent_path().filename();
    if (set_fact("queue", folder, facts).ok()) {
      warnings.push_back("guessed: the folder's name is the queue");
    }
    warnings.push_back("guessed: the first channel is the agent");
  }
  return facts;
}

Result<void> Importer::encode(const Opened& opened, const std::string& name, const Facts& facts,
                              Call& call, std::vector<std::string>& warnings) {
  EARFUL_ASSIGN(Recording recording,
                Recording::open(opened.fd, opened.info.st_size, decoder_for(name)));
  const recorder::PcmFormat format = recording.format();
  EARFUL_ASSIGN(const bool swapped, swapped_legs(facts, format.channels));
  const int rate = recorder::coded_rate_hz(format.rate_hz);

  EARFUL_ASSIGN(PendingFile audio, PendingFile::create(library_.audio_path(call.id)));
  const uint32_t serial = uint32_t(call.id.bytes[0]) << 24 | uint32_t(call.id.bytes[1]) << 16 |
                          uint32_t(call.id.bytes[2]) << 8 | call.id.bytes[3];
  EARFUL_ASSIGN(CallWriter writer,
                CallWriter::make(rate, format.channels, rules_.encoder, serial,
                                 [&](std::string_view bytes) { return audio.write(bytes); }));
  Framer framer(rate, format.channels, swapped,
                [&](const recorder::Frame& frame) { return writer.write(frame); });
  std::optional<Resampler> resampler;
  if (rate != format.rate_hz) resampler.emplace(format.rate_hz, rate, format.channels);
  size_t since_look = 0;
  while (true) {
    EARFUL_ASSIGN(const std::span<const int16_t> block, recording.read());
    if (block.empty()) break;
    since_look += block.size();
    if (since_look >= kLookEverySamples) {
      EARFUL_TRY(reserve_.require_room_to_import());
      since_look = 0;
    }
    EARFUL_TRY(framer.push(resampler ? resampler->push(block) : block));
  }
  if (resampler) EARFUL_TRY(framer.push(resampler->finish()));
  EARFUL_TRY(framer.finish());
  if (framer.samples() == 0) {
    return Error{"E_EMPTY", "reading the recording: no samples; nothing to import"};
  }
  EARFUL_TRY(writer.finish());
  EARFUL_ASSIGN(PendingFile peaks, PendingFile::create(library_.peaks_path(call.id)));
  EARFUL_TRY(peaks.write(recorder::encode_peaks(writer.peaks())));
  EARFUL_TRY(PendingFile::commit_both(audio, peaks));

  call.duration = framer.duration();
  call.measures = recorder::measures_json(writer.measures());
  call.legs = format.channels;
  call.sample_rate_hz = rate;
  for (const std::string& warning : recording.warnings()) warnings.push_back(warning);
  return {};
}

}  // namespace earful::agent
