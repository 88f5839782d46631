// The default tag book: 18 kinds in 8 families, there without any event (proto/tagbook.toml,
// compiled in). Any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "proto/event.h"

namespace earful {

struct TagFamily {
  std::string id;
  std::map<std::string, std::string> labels;  // by language
};

struct DefaultTagbook {
  std::vector<TagFamily> families;
  std::vector<TagKind> kinds;  // order 1, 2, 3, ...; revision 1
};

const DefaultTagbook& default_tagbook();

}  // namespace earful
