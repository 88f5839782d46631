#include "proto/tagbook.h"

#include "base/check.h"

// As base/config.cpp says it: the two modes of this library share class names, so one program must
// keep to one of them.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "proto/tagbook_text.h"

namespace earful {
namespace {

std::map<std::string, std::string> by_language(const toml::table& from, const char* field) {
  std::map<std::string, std::string> texts;
  if (const auto* table = from[field].as_table()) {
    for (const auto& [language, text] : *table) {
      texts[std::string(language.str())] = text.value_or(std::string());
    }
  }
  return texts;
}

DefaultTagbook read() {
  DefaultTagbook book;
  const toml::parse_result parsed = toml::parse(kTagbookText);
  EARFUL_CHECK(parsed.succeeded());
  const toml::table& root = parsed.table();
  for (const toml::node& node : *root["family"].as_array()) {
    const toml::table& from = *node.as_table();
    book.families.push_back({from["id"].value_or(std::string()), by_language(from, "labels")});
  }
  for (const toml::node& node : *root["kind"].as_array()) {
    const toml::table& from = *node.as_table();
    TagKind kind;
    kind.id = from["id"].value_or(std::string());
    kind.family = from["family"].value_or(std::string());
    kind.labels = by_language(from, "labels");
    kind.hint = from["hint"].value_or(std::string());
    kind.hints = by_language(from, "hints");
    kind.hints.emplace("en", kind.hint);
    kind.key = from["key"].value_or(std::string());
    kind.shape =
        from["shape"].value_or(std::string()) == "range" ? TagShape::kRange : TagShape::kPoint;
    kind.lead_ms = from["lead_ms"].value_or(0u);
    kind.lag_ms = from["lag_ms"].value_or(0u);
    kind.severity = from["severity"].value_or(0u);
    kind.opens = from["opens"].value_or(std::string());
    kind.order = uint32_t(book.kinds.size() + 1);
    kind.revision = 1;
    EARFUL_CHECK(!kind.id.empty());
    for (const toml::node& set : *from["sets"].as_array()) {
      kind.sets.push_back(set.value_or(std::string()));
    }
    book.kinds.push_back(std::move(kind));
  }
  return book;
}

}  // namespace

const DefaultTagbook& default_tagbook() {
  static const DefaultTagbook book = read();
  return book;
}

}  // namespace earful
