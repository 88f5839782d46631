#include "proto/invite.h"

#include <charconv>
#include <vector>

namespace earful {
namespace {

constexpr size_t kMaxHostBytes = 255;  // the longest DNS name

Error bad(const std::string& why) {
  return {"E_INVITE", "reading an invite line: " + why + "; copy the whole line `invite` printed"};
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t comma = text.find(',');
    fields.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return fields;
    text.remove_prefix(comma + 1);
  }
}

uint16_t number(std::string_view text) {
  uint16_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc() && end == text.data() + text.size() ? value : uint16_t(0);
}

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes) return false;
  if (host.find_first_of(" \t\r\n/@") != std::string_view::npos) return false;
  const bool brackets = host.front() == '[' && host.back() == ']';
  return brackets || host.find(':') == std::string_view::npos;
}

}  // namespace

std::string invite_text(const InviteLine& line) {
  return "earful1," + line.host + "," + std::to_string(line.intake_port) + "," +
         std::to_string(line.feed_port) + "," + std::to_string(line.desk_port) + "," +
         line.server_public_key + "," + line.enrolment_secret_key;
}

Result<InviteLine> parse_invite(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return bad("it is empty");
  text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  const auto fields = split(text);
  if (fields[0] != "earful1") return bad("it does not begin with earful1,");
  if (fields.size() != 7) {
    return bad("it has " + std::to_string(fields.size()) + " fields of 7");
  }
  InviteLine line{std::string(fields[1]), number(fields[2]),      number(fields[3]),
                  number(fields[4]),      std::string(fields[5]), std::string(fields[6])};
  if (!is_host(line.host)) return bad("its host is not one");
  const bool no_intake = fields[2] == "0";
  if ((!line.intake_port && !no_intake) || !line.feed_port || !line.desk_port) {
    return bad("a port is not one");
  }
  if (auto fault = curve_key_fault(line.server_public_key); !fault.empty()) {
    return bad("the server's key: " + fault);
  }
  if (auto fault = curve_key_fault(line.enrolment_secret_key); !fault.empty()) {
    return bad("the enrolment key: " + fault);
  }
  return line;
}

}  // namespace earful
