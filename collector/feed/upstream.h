// The collector a reader or a follower reads from, and the key it may do so with. Kept as one JSON
// file (0600) once the invitation was used. Any thread.
//
// Errors: E_INVITE and E_IDENTITY for text that is neither line nor file, E_UNREACHABLE no answer
// from the desk in kEnrolTime, those the desk refuses with (E_USED, ...), and those of
// secret_file.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/socket.h"
#include "proto/feed.h"

namespace earful::collector {

struct Upstream {
  std::string host;
  uint16_t feed_port = 0;
  uint16_t desk_port = 0;
  std::string server_public_key;
  CurveKeys keys;
  // The invitation that let these keys in, as its public key; empty before the desk said so.
  std::string enrolled_by;

  std::string feed() const { return "tcp://" + host + ":" + std::to_string(feed_port); }
  std::string desk() const { return "tcp://" + host + ":" + std::to_string(desk_port); }
};

inline constexpr std::chrono::seconds kEnrolTime{10};

Result<Upstream> load_upstream(const std::filesystem::path& file);

// source is an invite line, or a file that holds one or an identity. Where it is an invitation:
// makes a key pair, keeps it in `kept`, and enrols it; a second time it goes on with what is kept.
Result<Upstream> join_upstream(const std::string& source, const std::filesystem::path& kept);

// Where a reader that is no collector keeps what an invitation became, on this machine.
std::filesystem::path reader_identity_path(const std::string& source);

}  // namespace earful::collector
