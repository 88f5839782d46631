// The line that lets one newcomer in, as `invite` prints it: one token without spaces,
//
//   earful1,HOST,INTAKE_PORT,FEED_PORT,DESK_PORT,SERVER_PUBLIC_KEY,ENROLMENT_SECRET_KEY
//
// A collector that mirrors another takes nothing in: its intake port is 0.
// Keys are Z85, which has no comma; an IPv6 host stands in brackets. The secret half opens the desk
// for one Enroll within a week, so the line travels like a password. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/socket.h"

namespace earful {

struct InviteLine {
  std::string host;
  uint16_t intake_port = 0;
  uint16_t feed_port = 0;
  uint16_t desk_port = 0;
  std::string server_public_key;
  std::string enrolment_secret_key;

  std::string endpoint(uint16_t port) const { return "tcp://" + host + ":" + std::to_string(port); }
};

std::string invite_text(const InviteLine& line);
// E_INVITE, naming the field that is wrong. White space around the line is passed over.
Result<InviteLine> parse_invite(std::string_view text);

}  // namespace earful
