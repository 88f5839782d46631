#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/command/command.h"
#include "recorder/source/device_list.h"

namespace earful::agent {
namespace {

using recorder::Device;

std::string rates_of(const Device& device) {
  std::string rates;
  for (const int rate : device.rates_hz) {
    rates += (rates.empty() ? "" : ",") + std::to_string(rate);
  }
  return rates.empty() ? "-" : rates;
}

void print_json(const Device& device) {
  const nlohmann::json line = {
      {"name", device.name},         {"host_api", device.host_api},
      {"channels", device.channels}, {"default_rate_hz", device.default_rate_hz},
      {"rates_hz", device.rates_hz}, {"default", device.is_default}};
  // A driver may name its device in no encoding at all.
  const auto replace = nlohmann::json::error_handler_t::replace;
  std::printf("%s\n", line.dump(-1, ' ', false, replace).c_str());
}

void print_line(const Device& device) {
  std::printf(
      "%-9s %-32s %-8s %s, %s\n", device.is_default ? "(default)" : "", device.name.c_str(),
      device.host_api.c_str(),
      device.channels == 1 ? "1 channel" : (std::to_string(device.channels) + " channels").c_str(),
      ("rates " + rates_of(device)).c_str());
}

int run_devices(bool json) {
  const auto devices = recorder::list_devices();
  if (!devices) return fail(devices.error());
  for (const Device& device : *devices) {
    if (json) {
      print_json(device);
    } else if (device.channels > 0) {
      print_line(device);
    }
  }
  if (devices->empty() && !json) {
    std::fprintf(stderr,
                 "earful-agent: there is no sound device; see that one is plugged in and the sound "
                 "server runs\n");
  }
  return kExitOk;
}

}  // namespace

void add_devices(CLI::App& app, int& exit) {
  auto* command =
      app.add_subcommand("devices", "List the sound devices calls can be captured from");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "One JSON object a line, also for devices that only play");
  command->callback([json, &exit] { exit = run_devices(*json); });
}

}  // namespace earful::agent
