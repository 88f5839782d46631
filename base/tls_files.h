// A certificate and its key from PEM files, looked at before anybody connects, over GnuTLS.
// Any thread.
//
// Errors: E_TLS_FILE cannot be read, or others can read the key; E_TLS not a certificate, not a
// key, not the key of that certificate. Each says what to do.
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace earful {

struct TlsFiles {
  std::string certificate;  // PEM, with what chains it to its issuer
  std::string key;          // PEM
  // What browsers will hold against it: expired, not valid yet, for another host; "" for nothing.
  std::string warning;
};

// host: the name people open. Links are followed, as certbot makes them.
Result<TlsFiles> read_tls_files(const std::filesystem::path& certificate,
                                const std::filesystem::path& key, const std::string& host,
                                WallTime now);

}  // namespace earful
