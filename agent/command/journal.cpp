#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "agent/agent.h"
#include "agent/command/command.h"
#include "agent/journal/journal_reader.h"
#include "proto/event.h"

namespace earful::agent {
namespace {

constexpr size_t kRowsAtOnce = 512;

struct JournalOptions {
  std::filesystem::path data;
  bool verify = false;
};

int print_rows(const std::filesystem::path& data) {
  auto reader = JournalReader::open(data);
  if (!reader.ok()) return fail(reader.error());
  auto journals = reader->journals();
  if (!journals.ok()) return fail(journals.error());
  for (const int64_t journal : *journals) {
    for (uint64_t next = 1;;) {
      const auto rows = reader->rows(journal, next, kRowsAtOnce, size_t(1) << 20);
      if (!rows.ok()) return fail(rows.error());
      if (rows->empty()) break;
      for (const JournalRow& row : *rows) {
        const auto event = decode_event(row.raw);
        std::printf("{\"journal\":%lld,\"seq\":%llu,\"event\":%s}\n",
                    static_cast<long long>(journal), static_cast<unsigned long long>(row.seq),
                    event.ok() ? event_json(*event).c_str() : "null");
      }
      next = rows->back().seq + 1;
    }
  }
  return kExitOk;
}

int verify(const std::filesystem::path& data) {
  auto reader = JournalReader::open(data);
  if (!reader.ok()) return fail(reader.error());
  const auto whole = reader->verify();
  if (!whole.ok()) return fail(whole.error());
  std::printf("The journal is whole.\n");
  return kExitOk;
}

}  // namespace

void add_journal(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("journal", "Print every event of this station, a line each");
  auto options = std::make_shared<JournalOptions>();
  add_data_option(*command, options->data);
  command->add_flag("--verify", options->verify, "Check every row instead");
  command->callback([options, &exit] {
    exit = options->verify ? verify(options->data) : print_rows(options->data);
  });
}

}  // namespace earful::agent
