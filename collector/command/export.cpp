#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "collector/command/command.h"
#include "collector/store/store_reader.h"

namespace earful::collector {
namespace {

struct ExportOptions {
  std::filesystem::path data;
  std::filesystem::path file;
  bool force = false;
};

Error file_error(const std::filesystem::path& file) {
  return {"E_FILE", "writing " + file.string() + ": " + std::strerror(errno)};
}

Result<uint64_t> write_lines(StoreReader& reader, std::FILE* out,
                             const std::filesystem::path& file) {
  uint64_t lines = 0;
  for (FeedPosition at{reader.epoch(), 0};;) {
    EARFUL_ASSIGN(const Page page, reader.read(at, kMaxReplay, {}));
    for (const Record& record : page.records) {
      const std::string line = record_json(record) + "\n";
      if (std::fwrite(line.data(), 1, line.size(), out) != line.size()) return file_error(file);
      ++lines;
    }
    at = page.next;
    if (page.next == page.head) return lines;
  }
}

int export_events(const ExportOptions& options) {
  std::error_code fault;
  if (!options.force && std::filesystem::exists(options.file, fault)) {
    return wrong_use("writing " + options.file.string() +
                     ": it is there already; choose another name or add --force");
  }
  const auto there = std::filesystem::status(options.file, fault).type();
  // A rename would put a file in the place of a pipe or a device.
  if (there != std::filesystem::file_type::not_found &&
      there != std::filesystem::file_type::regular) {
    return wrong_use("writing " + options.file.string() +
                     ": it is not a plain file; choose another name");
  }
  const auto folder = DataFolder::existing(options.data);
  if (!folder.ok()) return fail(folder.error());
  auto reader = StoreReader::open(folder->store());
  if (!reader.ok()) return fail(reader.error());
  // Whole or not at all: written beside, then renamed.
  const std::filesystem::path draft = options.file.string() + ".new";
  std::FILE* out = std::fopen(draft.c_str(), "wbe");
  if (!out) return fail(file_error(options.file));
  auto lines = write_lines(*reader, out, options.file);
  const bool flushed = std::fflush(out) == 0 && ::fsync(::fileno(out)) == 0;
  std::fclose(out);
  if (lines.ok() && (!flushed || std::rename(draft.c_str(), options.file.c_str()) != 0)) {
    lines = file_error(options.file);
  }
  if (!lines.ok()) {
    std::remove(draft.c_str());
    return fail(lines.error());
  }
  std::printf("Wrote %llu events to %s.\n", static_cast<unsigned long long>(*lines),
              options.file.c_str());
  return kExitOk;
}

}  // namespace

void add_export(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("export", "Write every event to a file, one JSON line each");
  auto options = std::make_shared<ExportOptions>();
  add_data_option(*command, options->data);
  command->add_option("file", options->file, "Where to (never overwritten without --force)")
      ->required();
  command->add_flag("--force", options->force, "Overwrite it");
  command->callback([options, &exit] { exit = export_events(*options); });
}

}  // namespace earful::collector
