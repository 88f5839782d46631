// Result<T>: a value, or why there is none. For failures of the world (disk, peer, input), not for
// our own bugs (check.h).
//
// Error::code is a short constant a caller can act on (E_SHORT, E_DISK); Error::message is one
// line, "what we did: what came back", ending where possible in what to do now.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace earful {

struct Error {
  std::string code;
  std::string message;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    EARFUL_CHECK(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    EARFUL_CHECK(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    EARFUL_CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    EARFUL_CHECK(!ok());
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    EARFUL_CHECK(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace earful

#define EARFUL_CONCAT_(a, b) a##b
#define EARFUL_CONCAT(a, b) EARFUL_CONCAT_(a, b)

// EARFUL_TRY(expression): returns its error from this function.
#define EARFUL_TRY(expression)                              \
  do {                                                      \
    if (auto try_result_ = (expression); !try_result_.ok()) \
      return ::earful::Error(try_result_.error());          \
  } while (false)

// EARFUL_ASSIGN(declaration, expression): `declaration = value`, or returns the error.
#define EARFUL_ASSIGN(declaration, expression) \
  EARFUL_ASSIGN_(EARFUL_CONCAT(assign_, __LINE__), declaration, expression)
#define EARFUL_ASSIGN_(temporary, declaration, expression)                   \
  auto temporary = (expression);                                             \
  if (!temporary.ok()) return ::earful::Error(std::move(temporary).error()); \
  declaration = std::move(temporary).value()
