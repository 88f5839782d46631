// The command `earful-agent calls`: what is in the call library under DATA/library, newest first,
// one line a call, or one JSON object a line in the shape of the API (docs/api.md), with capture,
// cut, notes and measures. Reads beside a running server. Errors go to stderr.
#pragma once

#include <filesystem>
#include <string>

namespace earful::agent {

struct CallsOptions {
  std::filesystem::path data_dir;
  std::string text;         // every word must occur; "" for all
  std::string external_id;  // "" for all
  bool json = false;
};

// 0: listed. 1: there is no library, or it cannot be read.
int run_calls(const CallsOptions& options);

}  // namespace earful::agent
