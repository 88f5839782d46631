#include "collector/store/housekeeper.h"

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "collector/setup/secret_file.h"
#include "collector/store/backup.h"

namespace earful::collector {
namespace {

constexpr int kTicksPerWitness = 5;    // a second
constexpr int kTicksPerBackups = 150;  // half a minute: a deleted backup is noticed soon enough

}  // namespace

bool store_regressed(const DataFolder& folder, const Store& store) {
  const auto text = read_secret_file(folder.witness());
  if (!text.ok()) return false;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || json.value("store_id", "") != store.id().text()) return false;
  if (json.value("store_epoch", uint64_t(0)) != store.epoch()) return false;
  return json.value("feed_seq", uint64_t(0)) > store.head();
}

Result<Housekeeper> Housekeeper::open(const DataFolder& folder, Tells tells,
                                      std::shared_ptr<const std::atomic<int64_t>> log_bytes) {
  EARFUL_ASSIGN(Database db, Database::open(folder.store(), {.auto_checkpoint = false}));
  EARFUL_ASSIGN(StoreReader reader, StoreReader::open(folder.store()));
  return Housekeeper(folder, std::move(tells), std::move(log_bytes), std::move(db),
                     std::move(reader));
}

void Housekeeper::run(const std::atomic<bool>& stop, const Wake& wake) {
  for (int tick = 0; !stop; ++tick) {
    checkpoint();
    if (tick % kTicksPerWitness == 0) write_witness();
    if (tick % kTicksPerBackups == 0) read_backups();
    poll({}, &wake, kHousekeeping);
    wake.drain();
  }
  write_witness();
}

void Housekeeper::checkpoint() {
  const int64_t bytes = *log_bytes_;
  if (bytes < kCheckpointBytes) return;
  const auto head = reader_.head();
  if (!head.ok() || head->feed_seq == written_back_) return;
  if (!write_back()) return;
  written_back_ = head->feed_seq;
  if (bytes < kMaxLogBytes) return;
  // What came during the first pass is much; what comes during this one is little.
  if (write_back()) tells_.checkpoint_rest();
}

bool Housekeeper::write_back() {
  const auto done = db_.checkpoint();
  if (!done.ok()) log_warn("checkpoint failed", {{"error", done.error().message}});
  return done.ok();
}

void Housekeeper::write_witness() {
  const auto head = reader_.head();
  if (!head.ok() || head->feed_seq == witnessed_) return;
  const nlohmann::ordered_json json{{"store_id", reader_.id().text()},
                                    {"store_epoch", head->store_epoch},
                                    {"feed_seq", head->feed_seq}};
  const auto written = write_secret_file(folder_.witness(), json.dump() + "\n", true);
  if (written.ok()) witnessed_ = head->feed_seq;
}

void Housekeeper::read_backups() { tells_.safe_seqs(safe_seqs_of_backups(folder_)); }

}  // namespace earful::collector
