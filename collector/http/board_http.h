// What the collector says over HTTP, on 127.0.0.1 only:
//
//   GET /                   what is here, as text               no token
//   GET /healthz, /readyz   alive; able to commit                no token
//   GET /metrics            counters (Prometheus text)           no token
//   GET /api/v1/events      records as NDJSON                    Authorization: Bearer TOKEN
//       ?after=EPOCH:SEQ    begin after this position; without it, at the first record
//       &limit=N            at most N lines
//       &follow=1           then wait for more; an empty line every 15 s says that it is alive
//
// A line is record_json (proto/feed.h); its position is what to ask after next. A position of
// another epoch begins at the first record. The token is in DATA/board.token (0600).
//
// Handlers run on the server's one HTTP thread, and so does the store connection. committed() is
// for any thread.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "collector/setup/counters.h"
#include "collector/setup/data_folder.h"

namespace earful::collector {

class BoardHttp {
 public:
  // Binds the port; E_PORT where it is taken. Errors of the token file: secret_file.h.
  static Result<std::unique_ptr<BoardHttp>> open(const DataFolder& folder, uint16_t port,
                                                 const Counters& counters);
  ~BoardHttp();

  uint16_t port() const;
  // Starts and ends the HTTP thread.
  Result<void> start();
  void stop();
  // There are new records: whoever follows gets them.
  void committed();

 private:
  class Impl;
  explicit BoardHttp(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace earful::collector
