// Logging behind one header: one event per line, "verb noun key=value", to stderr.
// Never audio, callers' numbers or the text of notes. Any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace earful {

struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  template <class Number>
  LogField(std::string_view k, Number v) : key(k), value(std::to_string(v)) {}

  std::string key;
  std::string value;
};

void log_info(std::string_view what, std::initializer_list<LogField> fields = {});
void log_warn(std::string_view what, std::initializer_list<LogField> fields = {});
void log_error(std::string_view what, std::initializer_list<LogField> fields = {});

// Off by default in commands that print a result; `serve` turns info on.
void show_info_logs(bool show);

}  // namespace earful
