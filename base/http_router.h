// Which handler a path and a method mean. "/api/v1/calls/{id}/audio": a {name} stands for one
// segment of letters, digits, '-', '_', '.', '~' that is not "." or "..". Nothing is decoded or
// normalised, so
// "//", "%2e%2e" and backslashes match nothing. HEAD goes to the GET handler.
//
// Filled before the server starts, read by the HTTP thread afterwards.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/http_message.h"

namespace earful {

class HttpRouter {
 public:
  void add(std::string_view method, std::string_view pattern, HttpHandler handler);

  struct Match {
    const HttpHandler* handler = nullptr;
    HttpFields params;
    std::string allow;  // the methods this path knows, when it is not this one; "" for no such path
  };
  Match match(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    HttpHandler handler;
  };
  std::vector<Route> routes_;
};

}  // namespace earful
