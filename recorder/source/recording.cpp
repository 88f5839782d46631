#include "recorder/source/recording.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace earful::recorder {
namespace {

// Messages on the pipe: a kind, a length, a body. The child writes, the parent checks every length.
constexpr char kFormat = 'F';
constexpr char kSamples = 'S';
constexpr char kWarning = 'W';
constexpr char kError = 'E';
constexpr char kDone = 'D';
constexpr size_t kMaxBodyBytes = 64 * 1024;
constexpr size_t kMaxWarnings = 20;     // more say nothing new
constexpr int kPipeBytes = 256 * 1024;  // so that reader and writer seldom wait for each other

// What a decoder may have on top of what the process had when it was forked.
constexpr rlim_t kChildMemoryBytes = 64 << 20;
// No decoder we use needs half of this for honest files; a loop ends here.
constexpr int64_t kChildBaseSeconds = 3;
constexpr int64_t kBytesPerChildSecond = 1 << 20;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // sanitizers reserve terabytes of addresses
#else
constexpr bool kSanitized = false;
#endif

bool write_all(int fd, const char* bytes, size_t count) {
  while (count > 0) {
    const ssize_t wrote = write(fd, bytes, count);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes += wrote;
    count -= size_t(wrote);
  }
  return true;
}

class PipeSink : public PcmSink {
 public:
  explicit PipeSink(int pipe) : pipe_(pipe) {}

  Result<void> format(const PcmFormat& format) override {
    const int32_t numbers[2] = {format.rate_hz, format.channels};
    return send(kFormat, {reinterpret_cast<const char*>(numbers), sizeof numbers});
  }
  Result<void> samples(std::span<const int16_t> all) override {
    while (!all.empty()) {
      // Even, so that a block never ends between two channels.
      const auto part = all.first(std::min(all.size(), kMaxBodyBytes / 4));
      EARFUL_TRY(send(kSamples, {reinterpret_cast<const char*>(part.data()), part.size_bytes()}));
      all = all.subspan(part.size());
    }
    return {};
  }
  void warn(const std::string& what) override { (void)send(kWarning, what).ok(); }

  Result<void> send(char kind, std::string_view body) {
    body = body.substr(0, kMaxBodyBytes);
    char head[5] = {kind};
    const auto length = uint32_t(body.size());
    std::memcpy(head + 1, &length, sizeof length);
    if (write_all(pipe_, head, sizeof head) && write_all(pipe_, body.data(), body.size()))
      return {};
    return Error{"E_DECODER", "handing samples over: the importer is gone"};
  }

 private:
  int pipe_;
};

rlim_t own_memory_bytes() {
  long pages = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return rlim_t(pages) * rlim_t(sysconf(_SC_PAGESIZE));
}

void limit(__rlimit_resource what, rlim_t value) {
  const rlimit limits{value, value};
  setrlimit(what, &limits);
}

void confine(int64_t file_bytes) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  signal(SIGPIPE, SIG_DFL);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  // The soft limit says why (SIGXCPU), the hard one two seconds later does not ask.
  const auto seconds = rlim_t(kChildBaseSeconds + file_bytes / kBytesPerChildSecond);
  const rlimit processor{seconds, seconds + 2};
  setrlimit(RLIMIT_CPU, &processor);
  if (!kSanitized) limit(RLIMIT_AS, own_memory_bytes() + kChildMemoryBytes);
}

[[noreturn]] void run_child(int fd, int64_t file_bytes, int pipe, const Decoder& decoder) {
  confine(file_bytes);
  PipeSink sink(pipe);
  Result<void> done = Error{"E_MEMORY",
                            "decoding: the recording asks for more memory than any call needs; "
                            "export it again"};
  try {
    done = decoder(fd, sink);
  } catch (const std::bad_alloc&) {
  }
  if (done) {
    (void)sink.send(kDone, {}).ok();
  } else {
    (void)sink.send(kError, done.error().code + '\n' + done.error().message).ok();
  }
  _exit(0);
}

}  // namespace

Result<Recording> Recording::open(int fd, int64_t file_bytes, const Decoder& decoder) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return Error{"E_DISK", std::string("making a pipe: ") + std::strerror(errno)};
  }
  fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return Error{"E_DISK", std::string("starting a decoder: ") + std::strerror(errno)};
  }
  if (child == 0) {
    close(ends[0]);
    run_child(fd, file_bytes, ends[1], decoder);
  }
  close(ends[1]);
  Recording recording(child, ends[0]);
  recording.body_.resize(kMaxBodyBytes / sizeof(int16_t));
  while (recording.format_.channels == 0) {
    EARFUL_ASSIGN(const char kind, recording.receive());
    if (kind == kError) return recording.told();
    if (kind == kFormat && recording.body_bytes_ == 2 * sizeof(int32_t)) {
      int32_t numbers[2];
      std::memcpy(numbers, recording.body_.data(), sizeof numbers);
      recording.format_ = {numbers[0], numbers[1]};
      const bool sound = numbers[0] >= kMinRateHz && numbers[0] <= kMaxRateHz && numbers[1] >= 1 &&
                         numbers[1] <= kMaxChannels;
      if (!sound) return recording.died();
    } else if (kind != kWarning) {
      return recording.died();
    }
  }
  return recording;
}

Recording::Recording(Recording&& other) noexcept
    : child_(std::exchange(other.child_, -1)),
      pipe_(std::exchange(other.pipe_, -1)),
      format_(other.format_),
      body_(std::move(other.body_)),
      body_bytes_(other.body_bytes_),
      warnings_(std::move(other.warnings_)),
      samples_(other.samples_),
      ended_(other.ended_) {}

Recording::~Recording() {
  if (pipe_ >= 0) close(pipe_);
  if (child_ > 0) {
    // Whatever it still does, nobody reads it.
    kill(child_, SIGKILL);
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

bool Recording::fill(char* out, size_t count) const {
  while (count > 0) {
    const ssize_t got = ::read(pipe_, out, count);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out += got;
    count -= size_t(got);
  }
  return true;
}

Result<char> Recording::receive() {
  char head[5];
  if (!fill(head, sizeof head)) return died();
  uint32_t length = 0;
  std::memcpy(&length, head + 1, sizeof length);
  if (length > kMaxBodyBytes) return died();
  body_bytes_ = length;
  if (!fill(reinterpret_cast<char*>(body_.data()), length)) return died();
  if (head[0] == kWarning && warnings_.size() < kMaxWarnings) {
    warnings_.emplace_back(reinterpret_cast<const char*>(body_.data()), length);
  }
  return head[0];
}

Result<std::span<const int16_t>> Recording::read() {
  while (!ended_) {
    EARFUL_ASSIGN(const char kind, receive());
    if (kind == kError) return told();
    if (kind == kDone) ended_ = true;
    if (kind == kSamples) {
      const size_t count = body_bytes_ / sizeof(int16_t);
      if (count % size_t(format_.channels) != 0) return died();
      samples_ += int64_t(count) / format_.channels;
      if (samples_ > kMaxCallSeconds * format_.rate_hz) {
        return Error{"E_LONG", "reading the recording: over 24 hours of audio; split it"};
      }
      return std::span<const int16_t>(body_).first(count);
    }
    if (kind != kDone && kind != kWarning) return died();
  }
  return std::span<const int16_t>();
}

Error Recording::told() const {
  const std::string_view text(reinterpret_cast<const char*>(body_.data()), body_bytes_);
  const size_t line = std::min(text.find('\n'), text.size());
  return {std::string(text.substr(0, line)),
          std::string(text.substr(std::min(line + 1, text.size())))};
}

Error Recording::died() {
  int status = 0;
  kill(child_, SIGKILL);  // it may still run when it said something impossible
  while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  std::string how = "ended without a word";
  if (WIFSIGNALED(status)) {
    const int signal_number = WTERMSIG(status);
    how = signal_number == SIGXCPU ? std::string("took more processor time than the file can need")
                                   : "stopped with signal " + std::to_string(signal_number);
  }
  return {"E_DECODER",
          "decoding the recording: the decoder " + how + "; export the call again as WAV"};
}

}  // namespace earful::recorder
