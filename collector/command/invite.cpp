#include "proto/invite.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "collector/collector.h"
#include "collector/command/command.h"
#include "collector/keys/keystore.h"
#include "collector/setup/address.h"
#include "collector/setup/secret_file.h"

namespace earful::collector {
namespace {

struct InviteOptions {
  std::filesystem::path data;
  std::string name;
  bool reader = false;
  std::string address;
  std::filesystem::path out;
  bool force = false;
  int count = 1;
};

constexpr int kMaxInvites = 1000;  // a site has fewer machines; a slip of the finger more

// The host to print, or why none can be.
Result<std::string> host_for(const InviteOptions& options, const Endpoints& endpoints) {
  if (!options.address.empty()) {
    if (options.address.find(',') != std::string::npos ||
        options.address.find("://") != std::string::npos) {
      return Error{"E_ADDRESS",
                   "inviting: --address is a host name or address alone; leave out "
                   "scheme, port and commas"};
    }
    const bool bare_ipv6 =
        options.address.find(':') != std::string::npos && options.address.front() != '[';
    return bare_ipv6 ? "[" + options.address + "]" : options.address;
  }
  const std::string host = host_of(endpoints.desk);
  if (is_loopback(host) || host == "*" || host == "0.0.0.0" || host == "[::]") {
    return Error{"E_ADDRESS",
                 "inviting: this collector listens on " + host +
                     ", which another machine cannot call; name an address it can reach with "
                     "--address HOST (--address 127.0.0.1 for a station on this machine)"};
  }
  return host;
}

int invite(const InviteOptions& options) {
  const auto folder = DataFolder::open(options.data);
  if (!folder.ok()) return fail(folder.error());
  const CollectorOptions defaults;
  const Endpoints endpoints = read_endpoints(*folder).value_or(
      Endpoints{defaults.intake, defaults.feed, defaults.desk, defaults.http_port});
  const auto host = host_for(options, endpoints);
  if (!host.ok()) return wrong_use(host.error().message);
  if (!is_loopback(*host) && is_loopback(host_of(endpoints.desk))) {
    std::fprintf(stderr,
                 "earful-collector: this collector listens on %s only; before the newcomer comes, "
                 "serve on an address %s leads to (--intake, --feed, --desk)\n",
                 host_of(endpoints.desk).c_str(), host->c_str());
  }
  std::error_code fault;
  if (!options.out.empty() && !options.force && std::filesystem::exists(options.out, fault)) {
    return wrong_use("writing " + options.out.string() +
                     ": it is there already; choose another name or add --force");
  }
  auto keys = Keystore::open(folder->keys());
  if (!keys.ok()) return fail(keys.error());

  std::string lines;
  for (int i = 1; i <= options.count; ++i) {
    const std::string name =
        options.count == 1 ? options.name : options.name + "-" + std::to_string(i);
    const auto pair =
        keys->invite(name, options.reader ? Role::kReader : Role::kStation, wall_now());
    if (!pair.ok()) return fail(pair.error());
    lines +=
        invite_text({*host, port_of(endpoints.intake), port_of(endpoints.feed),
                     port_of(endpoints.desk), keys->server_keys().public_key, pair->secret_key}) +
        "\n";
  }
  if (options.out.empty()) {
    std::fputs(lines.c_str(), stdout);
    if (isatty(STDOUT_FILENO)) {
      std::fputs(
          "Valid for one newcomer and a week. Send it like a password; there: "
          "earful-agent join -\n",
          stderr);
    }
    return kExitOk;
  }
  const auto written = write_secret_file(options.out, lines, options.force);
  return written.ok() ? kExitOk : fail(written.error());
}

}  // namespace

void add_invite(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("invite", "Print a one-use line that lets a newcomer in");
  auto options = std::make_shared<InviteOptions>();
  add_data_option(*command, options->data);
  command->add_option("name", options->name, "What the newcomer is called here")->required();
  command->add_flag("--reader", options->reader, "It may read, and never deliver events");
  command->add_option("--address", options->address,
                      "Host name or address under which the newcomer reaches this machine");
  command->add_option("--out", options->out, "Write to a file (mode 0600) instead");
  command->add_flag("--force", options->force, "Overwrite that file");
  command->add_option("--count", options->count, "That many lines: NAME-1, NAME-2, ...")
      ->check(CLI::Range(1, kMaxInvites));
  command->callback([options, &exit] { exit = invite(*options); });
}

}  // namespace earful::collector
