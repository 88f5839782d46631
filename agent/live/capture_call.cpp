#include "agent/live/capture_call.h"

#include "base/clock.h"
#include "recorder/source/source_spec.h"

namespace earful::agent {
namespace {

using recorder::LiveTrack;

constexpr int kAgentLeg = 0, kCustomerLeg = 1;

Result<LiveTrack> open_track(const std::string& text, int rate_hz, int channels) {
  EARFUL_ASSIGN(recorder::SourceSpec spec, recorder::parse_source(text));
  spec.rate_hz = rate_hz;
  spec.channels = channels;
  LiveTrack track;
  EARFUL_ASSIGN(track.source, recorder::make_source(spec));
  return track;
}

Result<std::vector<LiveTrack>> open_tracks(const CaptureProfile& profile, const Facts& facts) {
  std::vector<LiveTrack> tracks;
  if (profile.source.empty()) {
    for (const int leg : {kAgentLeg, kCustomerLeg}) {
      const std::string& source = leg == kAgentLeg ? profile.agent : profile.customer;
      EARFUL_ASSIGN(LiveTrack track, open_track(source, profile.rate_hz, 1));
      track.leg = leg;
      tracks.push_back(std::move(track));
    }
  } else {
    const int channels = facts.legs.empty() ? 2 : int(facts.legs.size());
    EARFUL_ASSIGN(LiveTrack track, open_track(profile.source, profile.rate_hz, channels));
    track.swapped = channels == 2 && !facts.legs.empty() && facts.legs[0] == Leg::kCustomer;
    tracks.push_back(std::move(track));
  }
  return tracks;
}

}  // namespace

Result<std::unique_ptr<recorder::LiveCall>> start_live_call(
    const CaptureProfile& profile, std::string_view facts, const std::filesystem::path& library_dir,
    recorder::LiveSink& sink) {
  Facts known = profile.defaults;
  if (!facts.empty()) EARFUL_TRY(set_facts_from_json(facts, known));
  recorder::LiveCall::Options options;
  options.library_dir = library_dir;
  EARFUL_ASSIGN(options.tracks, open_tracks(profile, known));
  recorder::Call& call = options.call;
  // Nothing of its sound is known yet that could name it.
  call.id = CallId{make_uuid_v7(wall_now())};
  call.snapshot = known.call;
  if (!call.snapshot.started_at) call.snapshot.started_at = wall_now();
  call.agent_name = known.agent_name;
  call.customer_id = known.customer_id;
  call.capture = profile.name;
  call.added_at = wall_now();
  return recorder::LiveCall::start(std::move(options), sink);
}

}  // namespace earful::agent
