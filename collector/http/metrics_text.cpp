#include "collector/http/metrics_text.h"

#include <string_view>

namespace earful::collector {

std::string metrics_text(const Counters& counters) {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view kind, std::string_view help,
                       const Counter& counter) {
    const std::string full = "earful_collector_" + std::string(name);
    text += "# HELP " + full + " " + std::string(help) + "\n# TYPE " + full + " " +
            std::string(kind) + "\n" + full + " " + std::to_string(counter) + "\n";
  };
  add("events_stored_total", "counter", "New records.", counters.events_stored);
  add("events_repeated_total", "counter", "Events the store had already.",
      counters.events_repeated);
  add("events_quarantined_total", "counter", "Records the collector could not use.",
      counters.events_quarantined);
  add("journal_gaps_total", "counter", "Stretches that can no longer come.", counters.gaps);
  add("forks_total", "counter", "Journals that were not the one known.", counters.forks);
  add("superseded_total", "counter", "Conversations ended by a later one.", counters.superseded);
  add("alarms_total", "counter", "Error lines somebody must read.", counters.alarms);
  add("messages_ignored_total", "counter", "Of another attempt or session, or impossible.",
      counters.messages_ignored);
  add("messages_malformed_total", "counter", "Not a message.", counters.messages_malformed);
  add("hellos_limited_total", "counter", "Hellos beyond the limit.", counters.hellos_limited);
  add("strangers_total", "counter", "Messages of keys that may not speak.", counters.strangers);
  add("commits_total", "counter", "Transactions.", counters.commits);
  add("commits_failed_total", "counter", "Transactions the disk refused.", counters.commits_failed);
  add("holding", "gauge", "1 while the disk refuses and nothing is acknowledged.",
      counters.holding);
  add("handshakes_refused_total", "counter", "Connections of unknown keys.",
      counters.handshakes_refused);
  add("records_published_total", "counter", "Records sent to the feed.",
      counters.records_published);
  add("subscriptions", "gauge", "Topics subscribed now.", counters.subscriptions);
  add("subscriptions_refused_total", "counter", "Beyond the limits.",
      counters.subscriptions_refused);
  add("customers_unread", "gauge", "1 while new records cannot be read for customers.",
      counters.customers_unread);
  add("desk_requests_total", "counter", "Requests at the desk.", counters.desk_requests);
  add("desk_refused_total", "counter", "Requests refused.", counters.desk_refused);
  return text;
}

}  // namespace earful::collector
