// How the codes of our errors become answers. Any thread.
#pragma once

#include "base/http_message.h"
#include "base/result.h"

namespace earful::agent {

HttpResponse refusal(const Error& error);

}  // namespace earful::agent
