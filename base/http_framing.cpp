#include "base/http_framing.h"

#include <microhttpd.h>

#include <cstring>
#include <string>

#include "base/check.h"

namespace earful {
namespace {

constexpr ptrdiff_t kLineEnd = 2;  // CR LF

struct Reading {
  HttpFields* fields;
  HttpFraming framing;
};

bool ends_line(const char* end) { return end[0] == '\0' && end[1] == '\0'; }

MHD_Result read_field(void* closure, MHD_ValueKind, const char* name, size_t name_size,
                      const char* value, size_t value_size) {
  Reading& reading = *static_cast<Reading*>(closure);
  HttpFraming& framing = reading.framing;
  if (!value) {
    value = "";
    value_size = 0;
    framing.adjoining = false;
  }
  if (!framing.first) framing.first = name;
  // ": " may be without its blank, or with more of them, but nothing else may stand there.
  framing.adjoining = framing.adjoining && (!framing.end || framing.end == name) &&
                      value > name + name_size && ends_line(value + value_size);
  framing.end = value + value_size + kLineEnd;

  std::string lower(name, name_size);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = char(c + 32);
  }
  std::string text(value, value_size);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
  reading.fields->emplace_back(std::move(lower), std::move(text));
  return MHD_YES;
}

}  // namespace

HttpFraming read_fields(MHD_Connection* connection, HttpFields& fields) {
  Reading reading{&fields, {}};
  MHD_get_connection_values_n(connection, MHD_HEADER_KIND, &read_field, &reading);
  const MHD_ConnectionInfo* info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  EARFUL_CHECK(info != nullptr);
  reading.framing.header_bytes = info->header_size;
  return reading.framing;
}

bool is_clean_framing(const HttpFraming& framing, const char* method, const char* target,
                      size_t target_size, const char* version) {
  const char* const fields = version + std::strlen(version) + kLineEnd;
  if (target != method + std::strlen(method) + 1 || version != target + target_size + 1)
    return false;
  if (!ends_line(fields - kLineEnd)) return false;
  if (framing.first && (framing.first != fields || !framing.adjoining)) return false;
  const char* const last = framing.end ? framing.end : fields;
  return last + kLineEnd == method + framing.header_bytes;
}

}  // namespace earful
