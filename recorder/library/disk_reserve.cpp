#include "recorder/library/disk_reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace earful::recorder {
namespace {

Error failed(std::string_view doing, const std::filesystem::path& path, int fault) {
  return {"E_DISK", std::string(doing) + " " + path.string() + ": " + std::strerror(fault) +
                        "; look at the disk"};
}

int64_t disk_bytes(const std::filesystem::path& folder) {
  struct statvfs disk {};
  // Who cannot be asked is taken for large: looking at it will tell what is wrong.
  if (statvfs(folder.c_str(), &disk) != 0) return INT64_MAX;
  return int64_t(disk.f_blocks) * int64_t(disk.f_frsize);
}

}  // namespace

DiskLimits limits_of_disk(int64_t disk_bytes) {
  DiskLimits limits;
  limits.import_bytes = std::min(limits.import_bytes, disk_bytes / 6);
  limits.record_bytes = std::min(limits.record_bytes, disk_bytes / 8);
  limits.reserve_bytes = std::min(limits.reserve_bytes, disk_bytes / 16);
  limits.commit_bytes = std::min(limits.commit_bytes, disk_bytes / 32);
  return limits;
}

DiskReserve::DiskReserve(std::filesystem::path data_dir)
    : DiskReserve(data_dir, limits_of_disk(disk_bytes(data_dir))) {}
DiskReserve::DiskReserve(std::filesystem::path data_dir, DiskLimits limits)
    : folder_(std::move(data_dir)), file_(folder_ / "reserve"), limits_(limits) {}

bool DiskReserve::held() const {
  struct stat info {};
  if (stat(file_.c_str(), &info) != 0) return false;
  // Blocks, not length: only what is allocated can be given up.
  return int64_t(info.st_blocks) * 512 >= limits_.reserve_bytes;
}

Result<int64_t> DiskReserve::free_bytes() const {
  struct statvfs disk {};
  if (statvfs(folder_.c_str(), &disk) != 0) {
    return failed("asking for the free space of", folder_, errno);
  }
  return int64_t(disk.f_bavail) * int64_t(disk.f_frsize);
}

Result<DiskReserve::Room> DiskReserve::look() {
  EARFUL_ASSIGN(const int64_t free, free_bytes());
  if (free < limits_.commit_bytes && give_up()) {
    log_warn("gave up reserve", {{"free_bytes", free}});
  } else if (free >= limits_.record_bytes + limits_.reserve_bytes && !held()) {
    EARFUL_TRY(make());
  }
  // Without a reserve there is no recording: nothing would stand between it and the tags.
  return free >= limits_.record_bytes && held() ? Room::kEnough : Room::kLow;
}

Result<void> DiskReserve::require_room() {
  EARFUL_ASSIGN(const Room room, look());
  if (room == Room::kEnough) return {};
  EARFUL_ASSIGN(const int64_t free, free_bytes());
  return too_little("recording", free, limits_.record_bytes + (held() ? 0 : limits_.reserve_bytes),
                    "and start again, tags are still saved");
}

Result<void> DiskReserve::require_room_to_import() const {
  EARFUL_ASSIGN(const int64_t free, free_bytes());
  // What the station will hold back when there is room for it is not for imports either.
  const int64_t want = limits_.import_bytes + (held() ? 0 : limits_.reserve_bytes);
  if (free >= want) return {};
  return too_little("importing", free, want, "and import again; an inbox goes on by itself");
}

Error DiskReserve::too_little(const std::string& doing, int64_t free, int64_t want,
                              const std::string& then) const {
  // Rounded so that what is asked for is enough.
  const int64_t free_mib = free >> 20, want_mib = (want >> 20) + 1;
  return {"E_DISK_FULL", doing + " to " + folder_.string() + ": its disk has " +
                             std::to_string(free_mib) + " MB left and " + doing + " needs " +
                             std::to_string(want_mib) + "; delete " +
                             std::to_string(std::max<int64_t>(want_mib - free_mib, 1)) +
                             " MB from that disk " + then};
}

bool DiskReserve::give_up() { return unlink(file_.c_str()) == 0; }

Result<void> DiskReserve::make() {
  const int fd = open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return failed("making", file_, errno);
  // Writes zeros where the file system has no better way.
  const int fault = posix_fallocate(fd, 0, limits_.reserve_bytes);
  close(fd);
  if (fault == 0) return {};
  give_up();
  return failed("making", file_, fault);
}

}  // namespace earful::recorder
