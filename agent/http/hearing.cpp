#include "agent/http/hearing.h"

#include <cmath>

#include "agent/http/heard_share.h"

namespace earful::agent {

ListenerId asking(ApiContext& context, const Caller& caller) {
  if (caller.listener) return root_of(context, {*caller.listener, ""}).id;
  return caller.bearer ? context.api_listener : ListenerId{};
}

Position length_of(const ApiContext& context, const recorder::Call& call) {
  const auto live = call.live && context.captures ? context.captures->live(call.id) : nullptr;
  return live ? live->edge() : call.duration;
}

double share_of(const ApiContext& context, const recorder::Call& call, const HeardView& heard) {
  const double share =
      heard_share(heard.stretches, call.measures, length_of(context, call), call.live);
  return std::round(share * 1000) / 1000;
}

}  // namespace earful::agent
