#include "base/http_assets.h"

#include <array>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace earful {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNonceWord = "__CSP_NONCE__";

std::string_view content_type_of(const fs::path& file) {
  struct Type {
    std::string_view extension, content_type;
  };
  static constexpr Type kTypes[] = {{".html", "text/html; charset=utf-8"},
                                    {".js", "text/javascript; charset=utf-8"},
                                    {".mjs", "text/javascript; charset=utf-8"},
                                    {".css", "text/css; charset=utf-8"},
                                    {".json", "application/json"},
                                    {".svg", "image/svg+xml"},
                                    {".png", "image/png"},
                                    {".ico", "image/x-icon"},
                                    {".woff2", "font/woff2"},
                                    {".txt", "text/plain; charset=utf-8"},
                                    {".webmanifest", "application/manifest+json"},
                                    {".wasm", "application/wasm"}};
  for (const Type& type : kTypes) {
    if (file.extension() == type.extension) return type.content_type;
  }
  return {};
}

std::string fresh_nonce() {
  std::array<uint8_t, 16> bytes;
  fill_random(bytes);
  return to_hex(bytes);
}

HttpHandler html_handler(std::string text, std::string content_type) {
  const auto page = std::make_shared<const std::string>(std::move(text));
  return [page, content_type](const HttpRequest&, const HttpResponder& responder) {
    HttpResponse response;
    response.content_type = content_type;
    response.csp_nonce = fresh_nonce();
    response.body = *page;
    for (size_t at = 0; (at = response.body.find(kNonceWord, at)) != std::string::npos;) {
      response.body.replace(at, kNonceWord.size(), response.csp_nonce);
    }
    responder.send(std::move(response));
  };
}

HttpHandler file_handler(std::string text, std::string content_type) {
  const auto body = std::make_shared<const std::string>(std::move(text));
  const std::string etag = "\"" + to_hex(generichash(*body)).substr(0, 32) + "\"";
  return [body, content_type, etag](const HttpRequest&, const HttpResponder& responder) {
    HttpResponse response;
    response.content_type = content_type;
    response.shared = body;
    response.etag = etag;
    response.cache = "no-cache";  // kept, but asked about each time: an upgrade shows at once
    responder.send(std::move(response));
  };
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    // An empty file also fails to stream; it is no asset anybody needs.
    return Error{"E_ASSETS", "read " + path.string() + ": it is empty or cannot be read"};
  }
  return text.str();
}

}  // namespace

Result<void> add_asset_routes(HttpServer& server, const fs::path& dir,
                              const std::vector<std::string>& also) {
  std::error_code failed;
  size_t count = 0, bytes = 0;
  fs::recursive_directory_iterator walk(dir, failed);
  for (; !failed && walk != fs::recursive_directory_iterator(); walk.increment(failed)) {
    const std::string_view type = content_type_of(walk->path());
    if (type.empty() || !walk->is_regular_file(failed)) continue;
    EARFUL_ASSIGN(std::string text, read_file(walk->path()));
    bytes += text.size();
    if (++count > kMaxAssets || bytes > kMaxAssetBytes) {
      return Error{"E_ASSETS",
                   "read " + dir.string() + ": more files than a page has; is this it?"};
    }
    const std::string path = "/" + fs::relative(walk->path(), dir).generic_string();
    const HttpHandler handler = type.starts_with("text/html")
                                    ? html_handler(std::move(text), std::string(type))
                                    : file_handler(std::move(text), std::string(type));
    server.route("GET", path, handler);
    if (walk->path().filename() == "index.html") {
      server.route("GET", path.substr(0, path.size() - std::string_view("index.html").size()),
                   handler);
    }
    if (path == "/index.html") {
      for (const std::string& route : also) server.route("GET", route, handler);
    }
  }
  if (failed) return Error{"E_ASSETS", "read " + dir.string() + ": " + failed.message()};
  if (count == 0) return Error{"E_ASSETS", "read " + dir.string() + ": there is no page in it"};
  return {};
}

}  // namespace earful
