// Begins a call of a capture: opens its sources, puts together what is known about the call, starts
// it. Shared by the server and the command `record`. Waits for the device and the disk; any thread.
// Errors: E_FACTS, E_SOURCE, E_DEVICE, and those of LiveCall::start.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "agent/live/capture_profile.h"
#include "base/result.h"
#include "recorder/capture/live_call.h"

namespace earful::agent {

// facts: JSON as in a recording's sidecar, "" for none; what they do not say is the profile's.
Result<std::unique_ptr<recorder::LiveCall>> start_live_call(
    const CaptureProfile& profile, std::string_view facts, const std::filesystem::path& library_dir,
    recorder::LiveSink& sink);

}  // namespace earful::agent
