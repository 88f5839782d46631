#include "recorder/frame/frame.h"

namespace earful::recorder {

int coded_rate_hz(int rate_hz) {
  for (const int coded : kCodedRatesHz) {
    if (rate_hz <= coded) return coded;
  }
  return kCodedRatesHz.back();
}

}  // namespace earful::recorder
