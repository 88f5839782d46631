#include "base/data_owner.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace earful {

Result<void> act_as_owner_of(const std::filesystem::path& folder) {
  struct stat info {};
  if (geteuid() != 0 || stat(folder.c_str(), &info) != 0 || info.st_uid == 0) return {};
  const passwd* user = getpwuid(info.st_uid);
  // Groups first: who is no longer root may not choose them.
  const bool groups =
      user ? initgroups(user->pw_name, info.st_gid) == 0 : setgroups(1, &info.st_gid) == 0;
  if (groups && setgid(info.st_gid) == 0 && setuid(info.st_uid) == 0) return {};
  return Error{"E_OWNER", "acting as the owner of " + folder.string() + ": " +
                              std::strerror(errno) + "; run this as " +
                              (user ? user->pw_name : std::to_string(info.st_uid))};
}

}  // namespace earful
