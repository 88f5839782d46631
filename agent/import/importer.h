// One recording into the library. Lives in a worker process with one thread (it forks decoders).
// Nothing is thrown away: what a file got is in its outcome.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/import/facts.h"
#include "agent/import/manifest.h"
#include "agent/import/name_pattern.h"
#include "base/ids.h"
#include "recorder/codec/leg_encoder.h"
#include "recorder/library/disk_reserve.h"
#include "recorder/library/library.h"

namespace earful::agent {

struct Outcome {
  enum class Kind { kTaken, kHere, kRefused };
  Kind kind = Kind::kRefused;
  CallId id;                          // unless refused
  Position duration = 0;              // of what was taken
  int legs = 0;                       //
  std::string code, message;          // why it was refused
  std::vector<std::string> warnings;  // what was salvaged or guessed
};

struct ImportRules {
  const Manifest* manifest = nullptr;
  const NamePattern* pattern = nullptr;
  recorder::EncoderSettings encoder;
  bool sample = false;
};

class Importer {
 public:
  // Into the library of a data folder, while its disk has room for more than tags and live calls.
  static Result<Importer> open(const std::filesystem::path& data_dir, ImportRules rules);

  Outcome import(const std::filesystem::path& path);

 private:
  Importer(recorder::Library library, recorder::DiskReserve reserve, ImportRules rules)
      : library_(std::move(library)), reserve_(std::move(reserve)), rules_(rules) {}
  struct Opened;
  Result<Outcome> take(const std::filesystem::path& path);
  Result<Facts> facts_of(const std::filesystem::path& path,
                         std::vector<std::string>& warnings) const;
  Result<void> encode(const Opened& opened, const std::string& name, const Facts& facts,
                      recorder::Call& call, std::vector<std::string>& warnings);

  recorder::Library library_;
  recorder::DiskReserve reserve_;
  ImportRules rules_;
};

}  // namespace earful::agent
