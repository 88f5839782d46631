// How a request's lines ended. libmicrohttpd 0.9.75 takes a bare LF or CR as the end of a line,
// folds lines and lets a NUL pass; two parties that read such a message differently are how
// requests are smuggled, so we refuse it. Internal to the HTTP server; HTTP thread only.
//
// The library parses in place: it writes NULs over each line's end and hands out pointers into the
// one buffer. In a clean request, method, target, version, names and values therefore lie one after
// the other with exactly one blank, ": " or CR LF between them.
#pragma once

#include <cstddef>

#include "base/http_message.h"

struct MHD_Connection;

namespace earful {

struct HttpFraming {
  size_t header_bytes = 0;      // request line to empty line, both included
  const char* first = nullptr;  // where the first name begins; null without a field
  const char* end = nullptr;    // two bytes past the last value
  bool adjoining = true;        // each field begins two bytes after the one before
};

// Fills fields with lower-case names.
HttpFraming read_fields(MHD_Connection* connection, HttpFields& fields);

bool is_clean_framing(const HttpFraming& framing, const char* method, const char* target,
                      size_t target_size, const char* version);

}  // namespace earful
