// Counters as Prometheus reads them (text exposition format 0.0.4). No label ever holds a name, a
// note or a call: the page needs no session.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace earful::agent {

class MetricsText {
 public:
  // type: "counter" or "gauge". Values of one name follow each other.
  void name(std::string_view name, std::string_view type, std::string_view help);
  void value(uint64_t value, std::string_view label = {}, std::string_view label_value = {});
  const std::string& text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

}  // namespace earful::agent
