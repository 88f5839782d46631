#include "agent/uplink/identity.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "agent/agent.h"
#include "agent/command/command.h"

namespace earful::agent {
namespace {

int identity(const std::filesystem::path& data) {
  if (const auto made = make_data_dir(data); !made.ok()) return fail(made.error());
  const auto loaded = load_identity(data);
  if (!loaded.ok()) return fail(loaded.error());
  std::printf("station     %s\n", loaded->station_id.text().c_str());
  std::printf("public key  %s\n", loaded->keys.public_key.c_str());
  if (!loaded->collector) {
    std::printf("collector   none; join one with: earful-agent join INVITE\n");
    return kExitOk;
  }
  const CollectorAddress& to = *loaded->collector;
  std::printf("collector   %s (intake %u, feed %u, desk %u)\n", to.host.c_str(), to.intake_port,
              to.feed_port, to.desk_port);
  std::printf("its key     %s\n", to.server_public_key.c_str());
  return kExitOk;
}

}  // namespace

void add_identity(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("identity", "Show who this station is (no secret)");
  auto data = std::make_shared<std::filesystem::path>();
  add_data_option(*command, *data);
  command->callback([data, &exit] { exit = identity(*data); });
}

}  // namespace earful::agent
