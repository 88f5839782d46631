// What the bench programs share: a newcomer that enrols with an invite line, and figures from
// samples. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/socket.h"
#include "proto/event.h"
#include "proto/invite.h"

namespace earful::bench {

struct Guest {
  InviteLine invite;
  CurveKeys keys;
  StationId station;

  Result<Socket> connect(const SocketContext& context, SocketKind kind, uint16_t port) const;
};

// Enrols as what the invite grants; a station with an id of its own.
Result<Guest> enrol(const SocketContext& context, std::string_view invite, bool reader);

// A Tagged as a console makes it, 200 bytes and some, under a new id.
std::string a_tag(const StationId& station);

// Sorts the samples. share from 0 to 1.
double percentile(std::vector<double>& samples, double share);

// Milliseconds on a steady clock.
double now_ms();

}  // namespace earful::bench
