#include "recorder/source/play_clock.h"

#include <time.h>

#include <algorithm>
#include <thread>

#include "base/check.h"

namespace earful::recorder {
namespace {

using std::chrono::nanoseconds;

nanoseconds boot_time() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

nanoseconds scaled(nanoseconds time, double by) {
  return nanoseconds(int64_t(double(time.count()) * by));
}

class ScaledClock : public PlayClock {
 public:
  ScaledClock(nanoseconds origin, double speed) : origin_(origin), speed_(speed) {}

  CaptureTime now() const override { return origin_ + scaled(boot_time() - origin_, speed_); }

  bool wait_until(CaptureTime when, std::chrono::milliseconds wait) override {
    const nanoseconds missing = when - now();
    if (missing <= nanoseconds(0)) return true;
    const nanoseconds real = scaled(missing, 1 / speed_) + nanoseconds(1);
    const bool comes = real <= wait;
    std::this_thread::sleep_for(std::min<nanoseconds>(real, wait));
    return comes;
  }

 private:
  nanoseconds origin_;
  double speed_;
};

}  // namespace

std::shared_ptr<PlayClock> play_clock(double speed) {
  EARFUL_CHECK(speed > 0 && speed <= kMaxPlaySpeed);
  // One origin for the process, so that the same speed is the same clock.
  static const nanoseconds origin = boot_time();
  return std::make_shared<ScaledClock>(origin, speed);
}

}  // namespace earful::recorder
