// The files of a page, read into memory once at start: what is not in this table is not served, and
// no path from the network ever reaches the file system.
//
// In HTML the word __CSP_NONCE__ becomes a nonce that is fresh for every answer; everything else
// carries an ETag. Filled before the server starts, read by the HTTP thread.
//
// Errors: E_ASSETS for a folder that cannot be read or holds more than a page needs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/http_server.h"
#include "base/result.h"

namespace earful {

inline constexpr size_t kMaxAssets = 1000;
inline constexpr size_t kMaxAssetBytes = 16 << 20;  // all of them; they stay in memory

// Adds a GET route for each file under dir (those of a type a page uses). index.html is also its
// folder, and what the routes in `also` lead to: addresses that the page itself makes sense of.
Result<void> add_asset_routes(HttpServer& server, const std::filesystem::path& dir,
                              const std::vector<std::string>& also = {});

}  // namespace earful
