#include "collector/store/store_advice.h"

#include <utility>

namespace earful::collector {
namespace {

constexpr std::pair<const char*, const char*> kAdvice[] = {
    {"E_DB_CORRUPT", "put a backup in its place with `earful-collector restore`"},
    {"E_DB_IO",
     "check the disk, start again, and where `earful-collector verify` finds faults put a backup "
     "in "
     "its place with `earful-collector restore`"},
    {"E_DB_LOG", "keep other programs out of this folder and start again"},
    {"E_DB_BUSY", "another program holds it; wait until that is done, or stop it"},
    {"E_DB_FULL", "free some disk space"},
};

}  // namespace

bool is_beyond_use(const Error& error) {
  // After a failed sync nobody knows which of the pages reached the disk, and the next sync may say
  // that all is well.
  return error.code == "E_DB_CORRUPT" || error.code == "E_DB_IO" || error.code == "E_DB_LOG";
}

Error with_advice(Error error) {
  for (const auto& [code, advice] : kAdvice) {
    if (error.code == code) error.message += std::string("; ") + advice;
  }
  return error;
}

}  // namespace earful::collector
