// The JSON object of a request's body, read field by field. Strict: what is of another type than
// asked for, and what nobody asked for, is refused with its name, so that a misspelt field is never
// ignored. Any thread; the object belongs to one.
//
// Errors: E_JSON (not a UTF-8 JSON object), E_FIELD (a field of another type, unknown or missing).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace earful::agent {

class JsonFields {
 public:
  // An empty body is an empty object.
  static Result<JsonFields> parse(std::string_view body);
  ~JsonFields();
  JsonFields(JsonFields&&) noexcept;
  JsonFields& operator=(JsonFields&&) noexcept;

  // Nothing for a field that is absent or of another type; finish() tells the latter.
  std::optional<std::string> text(std::string_view name);
  std::optional<double> number(std::string_view name);
  std::optional<bool> boolean(std::string_view name);
  // [[from, to], …] as numbers; empty for one that is absent.
  std::vector<std::pair<double, double>> pairs(std::string_view name);
  // As text(), but null is there too: an empty string.
  std::optional<std::string> text_or_null(std::string_view name);
  // An object of texts, and a list of them; empty where the field is absent.
  std::map<std::string, std::string> texts_by_name(std::string_view name);
  std::vector<std::string> texts(std::string_view name);
  std::string required_text(std::string_view name);

  // After everything was asked for: the first thing that was wrong.
  Result<void> finish() const;

 private:
  struct Object;
  explicit JsonFields(std::unique_ptr<Object> object);
  std::unique_ptr<Object> object_;
};

}  // namespace earful::agent
