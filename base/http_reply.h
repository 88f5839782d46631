// Turns an answer into what libmicrohttpd sends: headers, files and ranges, streams. Internal to
// the HTTP server; HTTP thread only.
#pragma once

#include <memory>

#include "base/http_exchange.h"
#include "base/http_message.h"

struct MHD_Response;

namespace earful {

struct HttpReply {
  int status = 200;
  MHD_Response* response = nullptr;  // the caller destroys it
};

// May answer another status than asked for (304, 206, 416, 404 for a file that is gone).
HttpReply make_reply(const std::shared_ptr<HttpExchange>& exchange, HttpResponse response);

}  // namespace earful
