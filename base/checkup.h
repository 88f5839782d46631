// What `doctor` finds: one line a check, with what to do where something is wrong. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace earful {

enum class Health {
  kFine,
  kNote,   // works, and somebody may want to know
  kFault,  // does not work, or will not for long
};

struct Finding {
  std::string check;  // one word: "config", "keys"
  Health health = Health::kFine;
  std::string what;
  std::string todo;  // "" where nothing is to be done
};

class Checkup {
 public:
  void fine(std::string_view check, std::string what);
  void note(std::string_view check, std::string what, std::string todo);
  void fault(std::string_view check, std::string what, std::string todo);
  // An error's message says what to do already.
  void fault(std::string_view check, const Error& error) { fault(check, error.message, ""); }

  bool healthy() const;  // no fault
  // "FAULT  keys       what: what to do", a line each; the faults are counted in the last.
  std::string text() const;
  // {"healthy", "findings": [{"check", "health", "what", "todo"}]}
  std::string json() const;

 private:
  std::vector<Finding> findings_;
};

// ---- What both programs look at.

// The clock against the program's own file, and whether anything keeps it right.
void check_clock(Checkup& checkup);
// Is this the program that runs, or was it replaced under it? version: ours.
void check_program(Checkup& checkup, std::string_view version,
                   const std::filesystem::path& data_dir);
// False: there is no such folder, and nothing in it to look at.
bool check_folder(Checkup& checkup, const std::filesystem::path& data_dir, std::string_view start);
// want: below this much the program stops doing something, which `then` names.
void check_disk(Checkup& checkup, const std::filesystem::path& data_dir, int64_t want,
                std::string_view then);
// Every page of a database, as SQLite checks it. advice: what to do where it is damaged.
void check_database(Checkup& checkup, std::string_view name, const std::filesystem::path& file,
                    std::string_view advice);

}  // namespace earful
