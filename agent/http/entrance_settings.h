// How the console is reached from other machines: the keys of [http] in the settings. Pure, but for
// load_tls(). Any thread.
//
// Errors: E_LISTEN what does not fit together, with the two ways there are; E_ORIGIN, E_TLS and
// E_TLS_FILE.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "agent/http/api.h"
#include "base/config.h"
#include "base/result.h"

namespace earful::agent {

// As it stands in the settings or on the command line; "" where nothing does.
struct EntranceText {
  std::string listen;  // "unix:PATH" or "ADDRESS:PORT"
  std::string public_origin;
  std::string identity_header;
  std::string identity_name_header;
  std::string socket_group;
  std::string tls_cert;
  std::string tls_key;
};

std::span<const ConfigKey> http_keys();
EntranceText entrance_text(const Config& settings);

// What is asked for, or nothing: then the console is on loopback alone.
Result<std::optional<ApiEntrance>> settle_entrance(const EntranceText& text);
// Reads certificate and key of an entrance over HTTPS, and logs what browsers will mind.
Result<void> load_tls(const EntranceText& text, ApiEntrance& entrance);

}  // namespace earful::agent
