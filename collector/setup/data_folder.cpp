#include "collector/setup/data_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "collector/setup/secret_file.h"

namespace earful::collector {
namespace fs = std::filesystem;
namespace {

constexpr const char* kServiceRoot = "/var/lib/earful/collector";

}  // namespace

fs::path DataFolder::default_root() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state) {
    return fs::path(state) / "earful" / "collector";
  }
  // Of the system's service, for who may use it: its user, and root.
  if (::access(kServiceRoot, R_OK | W_OK | X_OK) == 0) return kServiceRoot;
  const char* home = std::getenv("HOME");
  return fs::path(home && *home ? home : ".") / ".local" / "state" / "earful" / "collector";
}

Result<DataFolder> DataFolder::open(const fs::path& root) {
  std::error_code fault;
  const bool made = fs::create_directories(root, fault);
  if (fault || !fs::is_directory(root)) {
    return Error{"E_FOLDER", "making " + root.string() + ": " +
                                 (fault ? fault.message() : "it is not a folder") +
                                 "; choose another with --data"};
  }
  if (made) fs::permissions(root, fs::perms::owner_all, fault);
  if (::access(root.c_str(), W_OK | X_OK) != 0) {
    return Error{"E_FOLDER", "writing in " + root.string() + ": " + std::strerror(errno) +
                                 "; choose another folder with --data"};
  }
  return DataFolder{root};
}

Result<DataFolder> DataFolder::existing(const fs::path& root) {
  std::error_code fault;
  if (!fs::is_directory(root, fault)) {
    return Error{"E_FOLDER", "opening " + root.string() +
                                 ": there is no collector's data; name "
                                 "its folder with --data"};
  }
  return DataFolder{root};
}

Result<void> write_endpoints(const DataFolder& folder, const Endpoints& endpoints) {
  const nlohmann::ordered_json json{{"intake", endpoints.intake},
                                    {"feed", endpoints.feed},
                                    {"desk", endpoints.desk},
                                    {"http_port", endpoints.http_port}};
  return write_secret_file(folder.endpoints(), json.dump(2) + "\n", true);
}

std::optional<Endpoints> read_endpoints(const DataFolder& folder) {
  const auto text = read_secret_file(folder.endpoints());
  if (!text.ok()) return std::nullopt;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto string_at = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  Endpoints endpoints{string_at("intake"), string_at("feed"), string_at("desk"), 0};
  if (json.contains("http_port") && json["http_port"].is_number_integer()) {
    endpoints.http_port = json["http_port"].get<int>();
  }
  return endpoints;
}

}  // namespace earful::collector
