#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace earful {
namespace {

// systemd's journal stamps the time itself and sorts by the level that a line begins with,
// sd-daemon(3). $JOURNAL_STREAM is the device and inode of what it gave us, so that a log that was
// sent elsewhere keeps its times.
bool logs_to_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat info {};
  if (!stream || fstat(STDERR_FILENO, &info) != 0) return false;
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == stream;
}

const char* journal_level(spdlog::level::level_enum level) {
  return level >= spdlog::level::err ? "<3>" : level == spdlog::level::warn ? "<4>" : "<6>";
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("earful",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern(logs_to_journal() ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    made->set_level(spdlog::level::warn);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

// A value with a space, quote or control character is quoted, so that a line stays one line.
void append_value(std::string& line, const std::string& value) {
  const bool plain = !value.empty() && value.find_first_of(" \"\\=\n\r\t") == std::string::npos;
  if (plain) {
    line += value;
    return;
  }
  line += '"';
  for (char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    line += (static_cast<unsigned char>(c) < 0x20) ? ' ' : c;
  }
  line += '"';
}

void write(spdlog::level::level_enum level, std::string_view what,
           std::initializer_list<LogField> fields) {
  if (!logger().should_log(level)) return;
  static const bool to_journal = logs_to_journal();
  std::string line(to_journal ? journal_level(level) : "");
  line += what;
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(line, field.value);
  }
  logger().log(level, "{}", line);
}

}  // namespace

void log_info(std::string_view what, std::initializer_list<LogField> fields) {
  write(spdlog::level::info, what, fields);
}
void log_warn(std::string_view what, std::initializer_list<LogField> fields) {
  write(spdlog::level::warn, what, fields);
}
void log_error(std::string_view what, std::initializer_list<LogField> fields) {
  write(spdlog::level::err, what, fields);
}

void show_info_logs(bool show) {
  logger().set_level(show ? spdlog::level::info : spdlog::level::warn);
}

}  // namespace earful
