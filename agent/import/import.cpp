#include "agent/import/import.h"

#include <unistd.h>

#include <cstdio>
#include <optional>
#include <thread>

#include "agent/import/importer.h"
#include "agent/import/manifest.h"
#include "agent/import/name_pattern.h"
#include "agent/import/recordings.h"
#include "agent/import/report.h"
#include "agent/import/workers.h"
#include "recorder/library/pending_file.h"

namespace earful::agent {
namespace {

constexpr int kDone = 0;
constexpr int kSomethingRefused = 1;
constexpr int kWrongUse = 2;

int complain(const Error& error, int code) {
  std::fprintf(stderr, "earful-agent import: %s\n", error.message.c_str());
  return code;
}

std::optional<Error> wrong_use(const ImportOptions& options) {
  if (options.paths.empty()) return Error{"E_USE", "nothing to import: name files or folders"};
  if (options.complexity < 0 || options.complexity > 10) {
    return Error{"E_USE",
                 "--complexity " + std::to_string(options.complexity) + ": Opus knows 0 to 10"};
  }
  const bool fits = options.bitrate_bps >= recorder::kMinBitrateBps &&
                    options.bitrate_bps <= recorder::kMaxBitrateBps;
  if (options.bitrate_bps != 0 && !fits) {
    return Error{"E_USE", "--bitrate " + std::to_string(options.bitrate_bps) +
                              ": a leg takes 6000 to 128000 bits a second"};
  }
  if (options.jobs < 0 || options.jobs > kMaxJobs) {
    return Error{"E_USE", "--jobs " + std::to_string(options.jobs) + ": 1 to 256 are possible"};
  }
  return std::nullopt;
}

}  // namespace

int run_import(const ImportOptions& options) {
  if (const auto wrong = wrong_use(options)) return complain(*wrong, kWrongUse);
  std::optional<Manifest> manifest;
  if (!options.manifest.empty()) {
    Result<Manifest> read = Manifest::read(options.manifest);
    if (!read) return complain(read.error(), kWrongUse);
    manifest = std::move(read).value();
  }
  std::optional<NamePattern> pattern;
  if (!options.name_pattern.empty()) {
    Result<NamePattern> read = NamePattern::parse(options.name_pattern);
    if (!read) return complain(read.error(), kWrongUse);
    pattern = std::move(read).value();
  }
  const Result<FoundRecordings> found = find_recordings(options.paths);
  if (!found) return complain(found.error(), kWrongUse);

  const std::filesystem::path folder = options.data_dir / "library";
  {
    // Opened once before the workers, so that a folder that cannot be written is one line, not
    // many.
    const auto library = recorder::Library::open(folder);
    if (!library) return complain(library.error(), kSomethingRefused);
  }
  recorder::sweep_pending_files(folder / "calls");

  ImportRules rules;
  rules.manifest = manifest ? &*manifest : nullptr;
  rules.pattern = pattern ? &*pattern : nullptr;
  rules.encoder = {options.bitrate_bps, options.complexity};
  rules.sample = options.sample;
  const auto make = [&] { return Importer::open(options.data_dir, rules); };
  std::vector<std::filesystem::path> files;
  for (const auto& file : found->files) files.push_back(file.path);
  int jobs = options.jobs;
  if (jobs == 0) jobs = std::clamp(int(std::thread::hardware_concurrency()), 1, kMaxJobs);

  ImportReport report(*found, options.json, isatty(STDERR_FILENO) == 1);
  const auto done = import_side_by_side(
      files, jobs, make,
      [&](size_t number, const Outcome& outcome) { report.took(number, outcome); });
  report.summary();
  if (!done) return complain(done.error(), kSomethingRefused);
  return report.refused_any() ? kSomethingRefused : kDone;
}

}  // namespace earful::agent
