#include "agent/http/personal_links.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/folder_lock.h"
#include "base/hash.h"
#include "base/log.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr size_t kMaxFileBytes = 1 << 20;  // a thousand links are a third of it

Error wrong(const fs::path& path, const std::string& what) {
  return {"E_LINKS_FILE", "read the personal links in " + path.string() + ": " + what};
}

// The user whose station it is: an administrator may run the command as root.
uid_t owner_of(const fs::path& folder) {
  struct stat info {};
  return ::stat(folder.c_str(), &info) == 0 ? info.st_uid : ::geteuid();
}

Result<std::string> read_private(const fs::path& path, int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return wrong(path, "it is not a file");
  const uid_t owner = owner_of(path.parent_path());
  if (info.st_uid != owner) {
    return wrong(path, "it belongs to another user than its folder; run: chown " +
                           std::to_string(owner) + " " + path.string());
  }
  if ((info.st_mode & 0077) != 0) {
    return wrong(path, "others can read it; run: chmod 600 " + path.string());
  }
  std::string text(kMaxFileBytes, '\0');
  const ssize_t got = ::read(fd, text.data(), text.size());
  if (got < 0) return wrong(path, std::strerror(errno));
  text.resize(size_t(got));
  return text;
}

Result<std::vector<PersonalLink>> parse(const fs::path& path, const std::string& text) {
  const Error damaged =
      wrong(path, "it is damaged; restore it from a backup, or delete it and add everybody again");
  try {
    const Json in = Json::parse(text);
    std::vector<PersonalLink> links;
    for (const Json& from : in.at("links")) {
      const auto listener = ListenerId::parse(from.at("listener").get<std::string>());
      const auto made_at = parse_rfc3339(from.at("made_at").get<std::string>());
      if (!listener || !made_at) return damaged;
      links.push_back({*listener, from.at("name").get<std::string>(),
                       from.at("token_hash").get<std::string>(), *made_at,
                       from.value("agent_ref", std::string())});
    }
    return links;
  } catch (const Json::exception&) {
    return damaged;
  }
}

Result<void> write_links(const fs::path& path, const std::vector<PersonalLink>& links) {
  Json out{{"links", Json::array()}};
  for (const PersonalLink& link : links) {
    out["links"].push_back({{"listener", link.listener.text()},
                            {"name", link.name},
                            {"token_hash", link.token_hash},
                            {"made_at", format_rfc3339(link.made_at)}});
    if (!link.agent_ref.empty()) out["links"].back()["agent_ref"] = link.agent_ref;
  }
  const std::string text = out.dump(2) + "\n";
  const fs::path fresh = path.string() + ".new";
  ::unlink(fresh.c_str());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written = fd >= 0 && ::fchown(fd, owner_of(path.parent_path()), gid_t(-1)) == 0 &&
                       ::write(fd, text.data(), text.size()) == ssize_t(text.size()) &&
                       ::fsync(fd) == 0 && ::rename(fresh.c_str(), path.c_str()) == 0;
  const std::string fault = written ? "" : std::strerror(errno);
  if (fd >= 0) ::close(fd);
  // A removed link that came back after a power cut would let somebody in again.
  const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  if (written) return {};
  return Error{"E_DISK", "write the personal links " + path.string() + ": " + fault};
}

}  // namespace

fs::path links_path(const fs::path& data_dir) { return data_dir / "links.json"; }

Result<std::vector<PersonalLink>> read_links(const fs::path& data_dir) {
  const fs::path path = links_path(data_dir);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0 && errno == ENOENT) return std::vector<PersonalLink>();
  if (fd < 0 && errno == ELOOP) {
    return wrong(path, "it is a symbolic link; put the file itself there, mode 0600");
  }
  if (fd < 0) return wrong(path, std::strerror(errno));
  const auto text = read_private(path, fd);
  ::close(fd);
  if (!text.ok()) return text.error();
  return parse(path, *text);
}

Result<void> change_links(const fs::path& data_dir, const ChangeLinks& change) {
  EARFUL_ASSIGN(const FolderLock lock,
                FolderLock::take(data_dir / "links.lock", "earful-agent listener"));
  EARFUL_ASSIGN(std::vector<PersonalLink> links, read_links(data_dir));
  EARFUL_TRY(change(links));
  return write_links(links_path(data_dir), links);
}

std::string make_link_token() {
  std::array<uint8_t, 32> bytes;
  fill_random(bytes);
  return to_hex(bytes);
}

std::string link_token_hash(std::string_view token) {
  return to_hex(generichash(token, "earful personal link"));
}

void LinkBook::refresh() {
  struct stat info {};
  std::optional<Stamp> now;
  if (::lstat(links_path(data_dir_).c_str(), &info) == 0) {
    now = {info.st_ino, info.st_ctim.tv_sec, info.st_ctim.tv_nsec, info.st_size};
  }
  if (now == seen_) return;
  seen_ = now;
  auto links = read_links(data_dir_);
  if (!links.ok()) log_error("let nobody in by link", {{"error", links.error().message}});
  links_ = links.ok() ? std::move(*links) : std::vector<PersonalLink>();
}

const PersonalLink* LinkBook::of_token(std::string_view token) {
  refresh();
  const std::string hash = link_token_hash(token);
  const PersonalLink* found = nullptr;
  for (const PersonalLink& link : links_) {
    if (equal_in_constant_time(link.token_hash, hash)) found = &link;
  }
  return found;
}

const PersonalLink* LinkBook::of_listener(const ListenerId& listener) {
  refresh();
  for (const PersonalLink& link : links_) {
    if (link.listener == listener) return &link;
  }
  return nullptr;
}

}  // namespace earful::agent
