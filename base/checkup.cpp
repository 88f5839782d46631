#include "base/checkup.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/sqlite.h"

namespace earful {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kRoomForDays = int64_t(1) << 30;  // below a gigabyte somebody should know

constexpr std::string_view health_text(Health health) {
  return health == Health::kFine ? "ok" : health == Health::kNote ? "note" : "FAULT";
}

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", unsigned(mode & 07777));
  return text;
}

std::string megabytes(int64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

// The processes that hold a file of the folder open and run a file that is no longer there.
std::string outdated_process(const fs::path& data_dir) {
  std::error_code fault;
  const auto own = fs::read_symlink("/proc/self/exe", fault).filename();
  for (const auto& process : fs::directory_iterator("/proc", fault)) {
    const auto program = fs::read_symlink(process.path() / "exe", fault).string();
    if (!program.ends_with(" (deleted)") || program.find(own.string()) == std::string::npos)
      continue;
    for (const auto& open : fs::directory_iterator(process.path() / "fd", fault)) {
      if (fs::read_symlink(open.path(), fault).parent_path() == data_dir) {
        return process.path().filename();
      }
    }
  }
  return "";
}

}  // namespace

void Checkup::fine(std::string_view check, std::string what) {
  findings_.push_back({std::string(check), Health::kFine, std::move(what), ""});
}
void Checkup::note(std::string_view check, std::string what, std::string todo) {
  findings_.push_back({std::string(check), Health::kNote, std::move(what), std::move(todo)});
}
void Checkup::fault(std::string_view check, std::string what, std::string todo) {
  findings_.push_back({std::string(check), Health::kFault, std::move(what), std::move(todo)});
}

bool Checkup::healthy() const {
  return std::ranges::none_of(findings_,
                              [](const Finding& one) { return one.health == Health::kFault; });
}

std::string Checkup::text() const {
  std::string text;
  size_t faults = 0;
  for (const Finding& one : findings_) {
    char head[32];
    std::snprintf(head, sizeof head, "%-5s  %-10s ", std::string(health_text(one.health)).c_str(),
                  one.check.c_str());
    text += head + one.what + (one.todo.empty() ? "" : "; " + one.todo) + "\n";
    if (one.health == Health::kFault) ++faults;
  }
  return text + (faults == 0   ? "healthy\n"
                 : faults == 1 ? "1 fault\n"
                               : std::to_string(faults) + " faults\n");
}

std::string Checkup::json() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& one : findings_) {
    list.push_back({{"check", one.check},
                    {"health", health_text(one.health)},
                    {"what", one.what},
                    {"todo", one.todo}});
  }
  const nlohmann::ordered_json all{{"healthy", healthy()}, {"findings", list}};
  // A path may be in no encoding at all.
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void check_clock(Checkup& checkup) {
  struct stat program {};
  const bool known = stat("/proc/self/exe", &program) == 0;
  const auto now = wall_now();
  const WallTime made{std::chrono::seconds(known ? program.st_mtime : 0)};
  if (now + std::chrono::days(1) < made) {
    checkup.fault("clock",
                  "it says " + format_rfc3339(now) + ", and this program was made later, on " +
                      format_rfc3339(made),
                  "set it: timedatectl set-ntp true");
    return;
  }
  timex asked{};
  if (adjtimex(&asked) == TIME_ERROR) {
    checkup.note("clock", format_rfc3339(now) + ", and nothing keeps it right",
                 "timedatectl set-ntp true; times of tags are compared between machines");
    return;
  }
  checkup.fine("clock", format_rfc3339(now) + ", kept right from outside");
}

void check_program(Checkup& checkup, std::string_view version, const fs::path& data_dir) {
  const std::string old = outdated_process(data_dir);
  if (old.empty()) return checkup.fine("program", "version " + std::string(version));
  checkup.fault("program",
                "version " + std::string(version) + " is installed, but process " + old +
                    " still runs an earlier one",
                "restart it");
}

bool check_folder(Checkup& checkup, const fs::path& data_dir, std::string_view start) {
  struct stat info {};
  if (stat(data_dir.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    checkup.fault(
        "folder", "there is no data in " + data_dir.string(),
        "name the folder with --data, or start it for the first time: " + std::string(start));
    return false;
  }
  if (info.st_uid != geteuid()) {
    checkup.fault("folder", data_dir.string() + " belongs to another user",
                  "run this as that user, or as root");
    return false;
  }
  if ((info.st_mode & 077) != 0) {
    checkup.fault(
        "folder",
        "others may look into " + data_dir.string() + " (mode " + octal(info.st_mode) + ")",
        "chmod 700 " + data_dir.string());
    return true;
  }
  checkup.fine("folder", data_dir.string());
  return true;
}

void check_disk(Checkup& checkup, const fs::path& data_dir, int64_t want, std::string_view then) {
  struct statvfs disk {};
  if (statvfs(data_dir.c_str(), &disk) != 0) return;
  const int64_t free = int64_t(disk.f_bavail) * int64_t(disk.f_frsize);
  const std::string left = megabytes(free) + " free";
  if (free < want) {
    checkup.fault("disk", left + "; below " + megabytes(want) + " " + std::string(then),
                  "delete " + megabytes(want - free + (int64_t(1) << 20)) + " from that disk");
  } else if (free < kRoomForDays) {
    checkup.note("disk", left, "make room before it is needed");
  } else {
    checkup.fine("disk", left);
  }
}

void check_database(Checkup& checkup, std::string_view name, const fs::path& file,
                    std::string_view advice) {
  const auto first_complaint = [&]() -> Result<std::string> {
    EARFUL_ASSIGN(Database db, Database::open(file, {.read_only = true}));
    EARFUL_ASSIGN(Statement check, db.prepare("PRAGMA quick_check(1)"));
    EARFUL_ASSIGN(const bool row, check.step());
    return row ? check.text(0) : "it cannot be checked";
  }();
  if (!first_complaint.ok()) {
    checkup.fault(name, first_complaint.error().message, std::string(advice));
  } else if (*first_complaint != "ok") {
    checkup.fault(name, file.string() + " is damaged: " + *first_complaint, std::string(advice));
  } else {
    checkup.fine(name, file.string() + " is whole");
  }
}

}  // namespace earful
