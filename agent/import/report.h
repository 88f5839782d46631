// What `import` prints: a line per recording, a bar with the time that is left on a terminal, and a
// summary. Results go to stdout, the bar to stderr. No thread of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "agent/import/importer.h"
#include "agent/import/recordings.h"
#include "base/clock.h"

namespace earful::agent {

class ImportReport {
 public:
  // bar: stderr is a terminal. found outlives the report.
  ImportReport(const FoundRecordings& found, bool json, bool bar);

  void took(size_t number, const Outcome& outcome);
  void summary();
  bool refused_any() const { return !refused_.empty(); }

 private:
  void print_line(const std::string& file, const Outcome& outcome);
  void print_json(const std::string& file, const Outcome& outcome);
  void draw_bar();
  void clear_bar();

  const FoundRecordings& found_;
  bool json_;
  bool bar_;
  SteadyTime began_;
  int64_t bytes_ = 0, bytes_done_ = 0;
  size_t done_ = 0, taken_ = 0, here_ = 0, warned_ = 0;
  Position audio_ = 0;
  std::map<std::string, size_t> refused_;  // by code
};

}  // namespace earful::agent
