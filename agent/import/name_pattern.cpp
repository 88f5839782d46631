#include "agent/import/name_pattern.h"

#include <time.h>

#include <optional>

namespace earful::agent {
namespace {

Error bad_pattern(std::string_view pattern, const std::string& why) {
  return {"E_PATTERN", "reading the name pattern " + std::string(pattern) + ": " + why};
}

// Where the time ends in text, and the time.
struct ReadTime {
  size_t end;
  WallTime time;
};

std::optional<ReadTime> read_time(const std::string& text, size_t at, const std::string& format) {
  std::tm fields{};
  fields.tm_mday = 1;
  fields.tm_isdst = -1;
  const char* end = strptime(text.c_str() + at, format.c_str(), &fields);
  if (end == nullptr) return std::nullopt;
  const bool zoned = format.find("%z") != std::string::npos;
  const long east = fields.tm_gmtoff;
  const time_t seconds = zoned ? timegm(&fields) - east : mktime(&fields);
  return ReadTime{size_t(end - text.c_str()), WallTime(std::chrono::seconds(seconds))};
}

}  // namespace

Result<NamePattern> NamePattern::parse(std::string_view pattern) {
  NamePattern made;
  made.pattern_ = pattern;
  std::string* text = &made.before_;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{') {
      text->push_back(pattern[i]);
      continue;
    }
    const size_t close = pattern.find('}', i);
    if (close == std::string_view::npos) return bad_pattern(pattern, "a { is never closed");
    if (!made.pieces_.empty() && text->empty()) {
      return bad_pattern(pattern, "two fields touch; put a character between them");
    }
    const std::string_view inside = pattern.substr(i + 1, close - i - 1);
    const size_t colon = std::min(inside.find(':'), inside.size());
    Piece piece;
    piece.field = inside.substr(0, colon);
    piece.format = colon < inside.size() ? std::string(inside.substr(colon + 1)) : "";
    if (!piece.field.empty()) {
      const std::string why = unknown_field(piece.field);
      if (!why.empty()) return bad_pattern(pattern, why);
    }
    if ((piece.field == "started_at") == piece.format.empty()) {
      return bad_pattern(pattern,
                         "started_at, and only it, has a format: {started_at:%Y%m%d-%H%M%S}");
    }
    made.pieces_.push_back(std::move(piece));
    text = &made.pieces_.back().after;
    i = close;
  }
  if (made.pieces_.empty()) return bad_pattern(pattern, "it names no field, like {queue}");
  return made;
}

Result<void> NamePattern::apply(const std::string& stem, Facts& facts) const {
  const auto no_match = [&](const std::string& where) {
    return Error{"E_FACTS", "reading the name \"" + stem.substr(0, 80) + "\": it does not fit " +
                                pattern_ + " at " + where};
  };
  if (!stem.starts_with(before_)) return no_match("its beginning");
  size_t at = before_.size();
  for (const Piece& piece : pieces_) {
    const std::string name = "{" + piece.field + "}";
    if (!piece.format.empty()) {
      const auto time = read_time(stem, at, piece.format);
      if (!time) return no_match(name);
      facts.call.started_at = time->time;
      at = time->end;
    } else {
      const size_t end = piece.after.empty() ? stem.size() : stem.find(piece.after, at);
      if (end == std::string::npos) return no_match(name);
      if (!piece.field.empty()) {
        EARFUL_TRY(set_fact(piece.field, std::string_view(stem).substr(at, end - at), facts));
      }
      at = end;
    }
    if (stem.compare(at, piece.after.size(), piece.after) != 0)
      return no_match("the end of " + name);
    at += piece.after.size();
  }
  if (at != stem.size()) return no_match("its end");
  return {};
}

}  // namespace earful::agent
