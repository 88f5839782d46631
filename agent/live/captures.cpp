#include "agent/live/captures.h"

namespace earful::agent {

Captures::Captures(Options options)
    : options_(std::move(options)),
      captures_(make_captures()),
      followed_({.library_dir = options_.library_dir,
                 .notify = options_.notify,
                 .own = [this](const CallId& call) { return own(call) != nullptr; }}) {}

std::vector<std::unique_ptr<Capture>> Captures::make_captures() {
  std::vector<std::unique_ptr<Capture>> captures;
  for (const CaptureProfile& profile : options_.profiles) {
    captures.push_back(std::make_unique<Capture>(profile, options_.library_dir, options_.notify,
                                                 *options_.room, counters_));
  }
  return captures;
}

Captures::~Captures() {
  // All are told first: a dozen calls end in the time of one.
  for (const auto& capture : captures_) capture->end();
}

void Captures::end_for_want_of_room() const {
  for (const auto& capture : captures_) capture->end_for_want_of_room();
}

Result<Capture*> Captures::find(const std::string& name) const {
  for (const auto& capture : captures_) {
    if (capture->name() == name) return capture.get();
  }
  return Error{"E_NO_CAPTURE", unknown_capture(name, options_.profiles)};
}

std::vector<CaptureView> Captures::views() const {
  std::vector<CaptureView> views;
  for (const auto& capture : captures_) views.push_back(capture->view());
  return views;
}

std::shared_ptr<LiveFeed> Captures::live(const CallId& call) const {
  auto feed = own(call);
  return feed ? feed : followed_.live(call);
}

std::shared_ptr<LiveFeed> Captures::own(const CallId& call) const {
  for (const auto& capture : captures_) {
    if (auto feed = capture->feed(); feed && feed->about().call == call) return feed;
  }
  return nullptr;
}

}  // namespace earful::agent
