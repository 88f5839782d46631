#include "agent/http/metrics.h"

namespace earful::agent {

void MetricsText::name(std::string_view name, std::string_view type, std::string_view help) {
  name_ = "earful_";
  name_ += name;
  text_ += "# HELP " + name_ + " ";
  text_ += help;
  text_ += "\n# TYPE " + name_ + " ";
  text_ += type;
  text_ += "\n";
}

void MetricsText::value(uint64_t value, std::string_view label, std::string_view label_value) {
  text_ += name_;
  if (!label.empty()) {
    text_ += "{";
    text_ += label;
    text_ += "=\"";
    text_ += label_value;
    text_ += "\"}";
  }
  text_ += " " + std::to_string(value) + "\n";
}

}  // namespace earful::agent
