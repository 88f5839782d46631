#include "agent/http/json_fields.h"

#include <nlohmann/json.hpp>
#include <set>

namespace earful::agent {

using Json = nlohmann::json;

struct JsonFields::Object {
  Json json = Json::object();
  std::set<std::string, std::less<>> asked;
  std::string fault;

  const Json* find(std::string_view name) {
    asked.emplace(name);
    const auto found = json.find(std::string(name));
    return found == json.end() ? nullptr : &*found;
  }
  void blame(std::string_view name, std::string_view what) {
    if (fault.empty()) fault = std::string(name) + " " + std::string(what);
  }
};

JsonFields::JsonFields(std::unique_ptr<Object> object) : object_(std::move(object)) {}
JsonFields::~JsonFields() = default;
JsonFields::JsonFields(JsonFields&&) noexcept = default;
JsonFields& JsonFields::operator=(JsonFields&&) noexcept = default;

Result<JsonFields> JsonFields::parse(std::string_view body) {
  auto object = std::make_unique<Object>();
  if (!body.empty()) {
    object->json = Json::parse(body, nullptr, false);
    if (!object->json.is_object()) {
      return Error{"E_JSON", "The body is not a JSON object in UTF-8; look at docs/api.md."};
    }
  }
  return JsonFields(std::move(object));
}

std::optional<std::string> JsonFields::text(std::string_view name) {
  const Json* value = object_->find(name);
  if (!value) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  object_->blame(name, "must be a text");
  return std::nullopt;
}

std::optional<double> JsonFields::number(std::string_view name) {
  const Json* value = object_->find(name);
  if (!value) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  object_->blame(name, "must be a number");
  return std::nullopt;
}

std::optional<bool> JsonFields::boolean(std::string_view name) {
  const Json* value = object_->find(name);
  if (!value) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  object_->blame(name, "must be true or false");
  return std::nullopt;
}

std::vector<std::pair<double, double>> JsonFields::pairs(std::string_view name) {
  const Json* value = object_->find(name);
  std::vector<std::pair<double, double>> out;
  if (!value) return out;
  bool good = value->is_array();
  for (size_t i = 0; good && i < value->size(); ++i) {
    const Json& pair = (*value)[i];
    good = pair.is_array() && pair.size() == 2 && pair[0].is_number() && pair[1].is_number();
    if (good) out.emplace_back(pair[0].get<double>(), pair[1].get<double>());
  }
  if (!good) object_->blame(name, "must be a list of [from, to] in milliseconds");
  return out;
}

std::optional<std::string> JsonFields::text_or_null(std::string_view name) {
  const Json* value = object_->find(name);
  if (value && value->is_null()) return "";
  return text(name);
}

std::map<std::string, std::string> JsonFields::texts_by_name(std::string_view name) {
  std::map<std::string, std::string> texts;
  const Json* value = object_->find(name);
  if (!value) return texts;
  if (!value->is_object()) object_->blame(name, "must be an object of texts");
  for (const auto& [key, text] : value->items()) {
    if (value->is_object() && text.is_string()) {
      texts[key] = text.get<std::string>();
    } else {
      object_->blame(name, "must be an object of texts");
    }
  }
  return texts;
}

std::vector<std::string> JsonFields::texts(std::string_view name) {
  std::vector<std::string> texts;
  const Json* value = object_->find(name);
  if (!value) return texts;
  if (!value->is_array()) object_->blame(name, "must be a list of texts");
  for (const auto& [key, text] : value->items()) {
    if (value->is_array() && text.is_string()) {
      texts.push_back(text.get<std::string>());
    } else {
      object_->blame(name, "must be a list of texts");
    }
  }
  return texts;
}

std::string JsonFields::required_text(std::string_view name) {
  if (!object_->find(name)) object_->blame(name, "is missing");
  return text(name).value_or("");
}

Result<void> JsonFields::finish() const {
  if (!object_->fault.empty()) return Error{"E_FIELD", "The field " + object_->fault + "."};
  for (const auto& [name, value] : object_->json.items()) {
    if (!object_->asked.contains(name)) {
      // The name came from outside; only a short and plain one is worth repeating.
      return Error{"E_FIELD", "There is no field " + name.substr(0, 40) + " here; " +
                                  "docs/api.md lists those there are."};
    }
  }
  return {};
}

}  // namespace earful::agent
