// Which file a name stands for: after a delete or a rename the same name may be another one. Any
// thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace earful {

struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;

  bool operator==(const FileIdentity&) const = default;
  // Nothing where there is no such file.
  static std::optional<FileIdentity> of(const std::filesystem::path& path);
};

}  // namespace earful
