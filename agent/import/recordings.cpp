#include "agent/import/recordings.h"

#include <algorithm>
#include <set>

#include "recorder/source/file_type.h"

namespace earful::agent {
namespace {

namespace fs = std::filesystem;

class Search {
 public:
  Result<void> add(const fs::path& path) {
    std::error_code fault;
    const fs::file_status status = fs::status(path, fault);
    if (fault || !fs::exists(status)) {
      return Error{"E_PATH", "opening " + path.string() + ": there is no such file or folder"};
    }
    if (fs::is_directory(status)) return add_folder(path);
    return add_file(path);
  }

  FoundRecordings finish() { return std::move(found_); }

 private:
  Result<void> add_file(const fs::path& path) {
    std::error_code fault;
    const fs::path whole = fs::weakly_canonical(path, fault);
    if (!seen_.insert(fault ? path.string() : whole.string()).second) return {};
    if (found_.files.size() == kMaxRecordings) {
      return Error{"E_PATH", "searching: more than a million recordings; import them in parts"};
    }
    const auto bytes = fs::file_size(path, fault);
    found_.files.push_back({path, fault ? 0 : int64_t(bytes)});
    return {};
  }

  Result<void> add_folder(const fs::path& folder) {
    std::error_code fault;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator at(folder, fault), end; !fault && at != end; at.increment(fault)) {
      entries.push_back(*at);
    }
    if (fault) {
      return Error{"E_PATH", "opening the folder " + folder.string() + ": " + fault.message()};
    }
    std::sort(entries.begin(), entries.end());
    std::set<std::string> stems;
    for (const auto& entry : entries) {
      if (recorder::promises_audio(entry.path().filename().string())) {
        stems.insert(entry.path().stem().string());
      }
    }
    for (const auto& entry : entries) EARFUL_TRY(add_entry(entry, stems));
    return {};
  }

  Result<void> add_entry(const fs::directory_entry& entry, const std::set<std::string>& stems) {
    const std::string name = entry.path().filename().string();
    std::error_code fault;
    if (name.starts_with('.')) return {};
    if (entry.is_directory(fault)) {
      return entry.is_symlink(fault) ? Result<void>() : add_folder(entry.path());
    }
    if (recorder::promises_audio(name)) return add_file(entry.path());
    if (entry.path().extension() == ".json" && stems.contains(entry.path().stem().string())) {
      ++found_.sidecars;
    } else {
      found_.skipped.push_back(entry.path());
    }
    return {};
  }

  FoundRecordings found_;
  std::set<std::string> seen_;
};

}  // namespace

Result<FoundRecordings> find_recordings(std::span<const fs::path> paths) {
  Search search;
  for (const fs::path& path : paths) EARFUL_TRY(search.add(path));
  return search.finish();
}

}  // namespace earful::agent
