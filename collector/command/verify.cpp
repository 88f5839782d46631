#include "collector/store/verify.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "collector/command/command.h"

namespace earful::collector {
namespace {

struct VerifyOptions {
  std::filesystem::path data;
  bool digest = false;
};

unsigned long long count(uint64_t number) { return number; }

void print_listings(const Verification& found) {
  for (const GapReport& gap : found.gaps) {
    std::printf("gap: station %s journal %s rows %llu to %llu\n", gap.station.text().c_str(),
                gap.journal.text().c_str(), count(gap.from_seq), count(gap.to_seq));
  }
  for (const auto& [reason, number] : found.quarantine_counts) {
    std::printf("quarantine: %llu of %s\n", count(number), reason.c_str());
  }
  for (const QuarantineReport& row : found.quarantine) {
    std::printf("quarantine: %s station %s row %llu at %s\n", row.reason.c_str(),
                row.station.text().c_str(), count(row.seq), position_text(row.position).c_str());
  }
}

int verify(const VerifyOptions& options) {
  const auto folder = DataFolder::existing(options.data);
  if (!folder.ok()) return fail(folder.error());
  if (options.digest) {
    const auto digest = store_digest(folder->store());
    if (!digest.ok()) return fail(digest.error());
    std::puts(digest->c_str());
    return kExitOk;
  }
  const auto found = verify_store(folder->store());
  if (!found.ok()) return fail(found.error());
  std::printf("store %s at %s: %llu records, %zu journals\n", found->store_id.text().c_str(),
              position_text(found->head).c_str(), count(found->records), found->journals.size());
  for (const JournalReport& journal : found->journals) {
    std::printf("journal: station %s journal %s rows %llu records %llu repeats %llu %s\n",
                journal.station.text().c_str(), journal.journal.text().c_str(),
                count(journal.have_seq), count(journal.records), count(journal.repeats),
                !journal.whole       ? "DAMAGED"
                : journal.chain_kept ? "whole"
                                     : "mirrored");
  }
  print_listings(*found);
  for (const std::string& damage : found->damage) std::printf("damage: %s\n", damage.c_str());
  uint64_t quarantined = 0;
  for (const auto& [reason, number] : found->quarantine_counts) quarantined += number;
  std::printf("%s: %llu gaps, %llu in quarantine, %zu faults\n",
              found->damage.empty() ? "clean" : "DAMAGED", count(found->gap_count),
              count(quarantined), found->damage.size());
  return found->damage.empty() ? kExitOk : kExitFailed;
}

}  // namespace

void add_verify(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("verify", "Check that the store is whole; 1 when it is not");
  auto options = std::make_shared<VerifyOptions>();
  add_data_option(*command, options->data);
  command->add_flag("--digest", options->digest,
                    "One hash over all records, equal for a store and its mirror");
  command->callback([options, &exit] { exit = verify(*options); });
}

}  // namespace earful::collector
