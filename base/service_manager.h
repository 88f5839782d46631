// What a program tells the service manager that started it: that it is ready, how it is, that it
// lives. The protocol is sd_notify(3): lines in a datagram to the socket in $NOTIFY_SOCKET. Without
// one every call does nothing. libsystemd would do it too, and bring four compression and cipher
// libraries into a program that talks to the network.
//
// Belongs to the main thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace earful {

class ServiceManager {
 public:
  // Takes the environment's variables away, so that no child speaks in our name. Before threads.
  ServiceManager();

  bool present() const { return !socket_.empty(); }
  void ready();
  void stopping();
  // One line for "systemctl status"; told only when it changed.
  void status(const std::string& line);
  // Somebody looked and found the program at work. Call about once a second; told often enough.
  void alive(SteadyTime now);

 private:
  void tell(std::string_view lines) const;

  std::string socket_;
  std::chrono::microseconds watchdog_{0};  // 0: nobody waits for signs of life
  SteadyTime told_alive_{};
  std::string status_;
};

// A secret that the service manager hands over (systemd's LoadCredential=), where there is one.
std::optional<std::filesystem::path> credential(std::string_view name);

}  // namespace earful
