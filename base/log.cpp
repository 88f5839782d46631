#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace earful {
namespace {

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("earful",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
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
  std::string line(what);
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
