// The command `earful-agent import`: files and folders into the call library under DATA/library.
//
// Each recording is read, encoded and put in place by one of several worker processes, so that a
// file that breaks a library breaks one line of the report. A call is in the index only when its
// files are whole and synced. The originals are only ever read.
//
// Facts about a call come, each over the one before, from the file's name (a pattern), the manifest
// and NAME.json beside NAME.wav. Without any: it started when the file was last changed, its queue
// is the name of the folder, the first channel is the agent; that is kept with the call as
// "guessed".
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace earful::agent {

struct ImportOptions {
  std::vector<std::filesystem::path> paths;
  std::filesystem::path data_dir;
  std::filesystem::path manifest;  // "" for none
  std::string name_pattern;        // "" for none
  bool sample = false;             // bundled calls: a badge, and left out of reports
  int jobs = 0;                    // 0: one per processor
  int complexity = 5;              // of Opus, 0 to 10
  int bitrate_bps = 0;             // per leg; 0: by the recording's rate
  bool json = false;               // a JSON object per recording, and one for the summary
};

// 0: nothing was refused. 1: something was, or the library cannot be written. 2: wrong use.
int run_import(const ImportOptions& options);

}  // namespace earful::agent
