// Personal links, "https://HOST/#token=TOKEN": each lets one person in as one listener over HTTPS.
// DATA/links.json (0600) keeps a hash of each token, never the token itself:
//
// {"links":[{"listener","name","token_hash","made_at","agent_ref"?}]}
//
// `earful-agent listener` writes it, as a whole (temporary file, sync, rename) and under a lock,
// beside a running station, which looks at the file before it believes anybody.
//
// Errors: E_LINKS_FILE (others can read it, a link, damaged), E_DISK, E_LOCKED.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace earful::agent {

inline constexpr size_t kMaxPersonalLinks = 1000;  // past it a site has a sign-on of its own

struct PersonalLink {
  ListenerId listener;
  std::string name;
  std::string token_hash;  // hex
  WallTime made_at{};
  // Of an agent, who sees what was heard of their own calls; empty for a listener.
  std::string agent_ref;
};

std::filesystem::path links_path(const std::filesystem::path& data_dir);

// No file: no links.
Result<std::vector<PersonalLink>> read_links(const std::filesystem::path& data_dir);

// Reads, changes and writes; nothing is written where change() fails.
using ChangeLinks = std::function<Result<void>(std::vector<PersonalLink>&)>;
Result<void> change_links(const std::filesystem::path& data_dir, const ChangeLinks& change);

std::string make_link_token();
std::string link_token_hash(std::string_view token);

// The links as they stand now. One thread; the file is read again when it changed. Where it cannot
// be read nobody has a link, which is logged once.
class LinkBook {
 public:
  explicit LinkBook(std::filesystem::path data_dir) : data_dir_(std::move(data_dir)) {}

  const PersonalLink* of_token(std::string_view token);
  const PersonalLink* of_listener(const ListenerId& listener);

 private:
  void refresh();

  const std::filesystem::path data_dir_;
  // What of the file was read: inode numbers are used again, and its mode counts.
  struct Stamp {
    ino_t inode = 0;
    int64_t seconds = 0, nanoseconds = 0, bytes = 0;
    bool operator==(const Stamp&) const = default;
  };
  std::optional<Stamp> seen_;
  std::vector<PersonalLink> links_;
};

}  // namespace earful::agent
