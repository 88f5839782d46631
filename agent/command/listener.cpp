#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "agent/agent.h"
#include "agent/command/command.h"
#include "agent/command/settings.h"
#include "agent/http/listener_name.h"
#include "agent/http/personal_links.h"
#include "agent/state/state.h"
#include "base/config_value.h"

namespace earful::agent {
namespace {

struct ListenerOptions {
  std::filesystem::path data;
  std::filesystem::path config;
  std::string public_origin;
  std::string name;
  bool for_agent = false;
  std::string agent_ref;
};

Result<HttpOrigin> origin_of(const ListenerOptions& options) {
  std::string origin = options.public_origin;
  if (origin.empty()) {
    EARFUL_ASSIGN(const Settings settings, read_settings(options.config));
    origin = settings.entrance.public_origin;
  }
  if (origin.empty()) {
    return Error{"E_ORIGIN",
                 "a link needs the address people open: give --config FILE with "
                 "public_origin, or --public-origin https://HOST:PORT"};
  }
  return parse_public_origin(origin);
}

// Whoever was known here by this name goes on under the same id.
ListenerId id_for(const std::filesystem::path& data, const std::string& name) {
  const ListenerId fresh{make_uuid_v4()};
  std::error_code fault;
  if (!std::filesystem::exists(data / "state.db", fault)) return fresh;
  auto state = State::open(data / "state.db", true);
  if (!state.ok()) return fresh;
  const auto listeners = state->listeners();
  if (!listeners.ok()) return fresh;
  std::vector<ListenerId> same;
  for (const ListenerView& listener : *listeners) {
    if (listener.name == name) same.push_back(listener.id);
  }
  return same.size() == 1 ? same.front() : fresh;
}

Result<void> add(const ListenerOptions& options) {
  EARFUL_ASSIGN(const HttpOrigin origin, origin_of(options));
  EARFUL_ASSIGN(const std::string name, checked_name(options.name));
  // An empty reference would make a link that shows everything.
  if (options.for_agent) EARFUL_TRY(checked_name(options.agent_ref));
  EARFUL_TRY(make_data_dir(options.data));
  // An agent is nobody who listens.
  const ListenerId id = options.for_agent ? ListenerId{make_uuid_v4()} : id_for(options.data, name);
  const std::string token = make_link_token();
  EARFUL_TRY(change_links(options.data, [&](std::vector<PersonalLink>& links) -> Result<void> {
    for (const PersonalLink& link : links) {
      if (link.name != name) continue;
      return Error{"E_EXISTS", name +
                                   " has a link already; \"earful-agent listener remove\" ends "
                                   "it, then add them again"};
    }
    if (links.size() == kMaxPersonalLinks) {
      return Error{"E_FULL",
                   "there are 1000 personal links, the most there may be; so many people "
                   "are better known by a proxy"};
    }
    links.push_back({id, name, link_token_hash(token), wall_now(), options.agent_ref});
    return {};
  }));
  std::printf("%s/#token=%s\n", origin.text().c_str(), token.c_str());
  std::fflush(stdout);
  std::fprintf(stderr,
               "This link is shown once, and whoever opens it is %s: send it to them alone.\n",
               name.c_str());
  return {};
}

Result<void> list(const ListenerOptions& options) {
  EARFUL_ASSIGN(const std::vector<PersonalLink> links, read_links(options.data));
  for (const PersonalLink& link : links) {
    std::printf("%s  %s", format_rfc3339(link.made_at).substr(0, 10).c_str(), link.name.c_str());
    std::printf(link.agent_ref.empty() ? "\n" : "  (agent %s)\n", link.agent_ref.c_str());
  }
  if (links.empty()) std::printf("Nobody has a personal link.\n");
  return {};
}

Result<void> remove(const ListenerOptions& options) {
  EARFUL_TRY(change_links(options.data, [&](std::vector<PersonalLink>& links) -> Result<void> {
    std::vector<std::string> names;
    for (const PersonalLink& link : links) names.push_back(link.name);
    if (std::erase_if(links, [&](const auto& link) { return link.name == options.name; }) > 0) {
      return {};
    }
    const std::string near = nearest_name(options.name, names);
    return Error{"E_NO_LINK", "nobody called " + options.name + " has a personal link; " +
                                  (near.empty() ? "\"earful-agent listener list\" shows who has"
                                                : "is it " + near + "?")};
  }));
  std::printf("The link of %s opens nothing any more, and what it had opened is over.\n",
              options.name.c_str());
  return {};
}

}  // namespace

void add_listener(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("listener", "Personal links, for listeners elsewhere");
  command->require_subcommand(1);
  auto options = std::make_shared<ListenerOptions>();
  const auto teach = [&](const char* name, const char* help, bool named, auto act) {
    auto* sub = command->add_subcommand(name, help);
    add_data_option(*sub, options->data);
    if (named) sub->add_option("NAME", options->name, "What the listener is called")->required();
    sub->callback([options, &exit, act] {
      const auto done = act(*options);
      exit = done.ok() ? kExitOk : fail(done.error());
    });
    return sub;
  };
  auto* adding = teach("add", "Make a link and print it, once", true, &add);
  adding->add_option("--config", options->config, "Settings with public_origin");
  adding->add_option("--public-origin", options->public_origin,
                     "The address people open, where the settings do not say it");
  adding->add_option_function<std::string>(
      "--agent",
      [options](const std::string& ref) {
        options->for_agent = true;
        options->agent_ref = ref;
      },
      "The link is for an agent, by the reference of the telephone system: it shows which of their "
      "calls were heard, and every thank-you");
  teach("list", "Who has a link, and since when", false, &list);
  teach("remove", "End a link and what it has opened", true, &remove);
}

}  // namespace earful::agent
