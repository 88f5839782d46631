#include "collector/command/record_line.h"

#include <cstdio>

#include "base/text.h"

namespace earful::collector {
namespace {

// What a person wants to know of an event beside its type.
std::string detail_of(const Event& event, const TagbookFold& book) {
  if (const auto* tagged = std::get_if<Tagged>(&event.payload)) {
    char at[32];
    const double seconds = position_ms(tagged->pressed) / 1000;
    std::snprintf(at, sizeof at, " at %d:%04.1f", int(seconds) / 60,
                  seconds - int(seconds) / 60 * 60);
    const std::string& root = book.root(tagged->kind);
    return " " + tagged->kind + (root == tagged->kind ? "" : " (now " + root + ")") + at;
  }
  if (const auto* revised = std::get_if<TagRevised>(&event.payload)) {
    return " tag " + revised->tag.text() + (revised->kind ? " to " + *revised->kind : "");
  }
  if (const auto* retracted = std::get_if<TagRetracted>(&event.payload)) {
    return " tag " + retracted->tag.text();
  }
  if (const auto* defined = std::get_if<TagKindDefined>(&event.payload)) {
    return " " + defined->kind.id + " \"" + label_of(defined->kind) + "\"";
  }
  if (const auto* merged = std::get_if<TagKindMerged>(&event.payload)) {
    return " " + merged->from + " into " + merged->into;
  }
  if (const auto* retired = std::get_if<TagKindRetired>(&event.payload)) {
    return " " + retired->kind;
  }
  if (const auto* merged = std::get_if<ListenerMerged>(&event.payload)) {
    return " " + merged->from.text() + " into " + merged->into.text();
  }
  if (const auto* gap = std::get_if<JournalGap>(&event.payload)) {
    return " rows " + std::to_string(gap->from_seq) + " to " + std::to_string(gap->to_seq);
  }
  return "";
}

}  // namespace

std::string record_line(const Record& record, const TagbookFold& book) {
  std::string line = position_text(record.position) + "  ";
  const auto event = decode_event(record.raw);
  if (!record.quarantine.empty()) {
    line += format_rfc3339(record.received_at) + "  quarantine " + record.quarantine + " station " +
            record.station_id.text() + " row " + std::to_string(record.seq);
  } else if (event.ok()) {
    const size_t dot = event->type.rfind('.');
    line += format_rfc3339(event->time) + "  " +
            event->type.substr(dot == std::string::npos ? 0 : dot + 1) + detail_of(*event, book);
    if (event->subject) line += "  call " + event->subject->text();
    if (event->call && event->call->sample) line += "  (sample)";
    if (event->erased) line += "  (erased)";
  }
  // Kinds and types are text from outside; a terminal must not obey them.
  return without_controls(line);
}

}  // namespace earful::collector
