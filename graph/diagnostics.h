// SPDX-License-Identifier: Apache-2.0
// What goes wrong, told to the person who can mend it. A room collects every problem it finds in a
// Diagnostics and calls stop_if_any() at its door; the exception is caught only in the command
// line, the Python binding and the web request. A bug of ours is InternalError, never a user's
// fault.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mote {

// One problem. `place` is where ("mote.toml:12", "walk_3.csv:120", "layer 12 conv_2d
// \"features/3\"", "byte 1204"); `message` says what, in one sentence; `remedy` says what to do,
// and may be empty.
struct Diagnostic {
  std::string code;  // stable, kebab-case: "unknown-key", "truncated-wav"
  std::string place;
  std::string message;
  std::string remedy;
};

// "place: message; remedy [code]"
std::string to_string(const Diagnostic& diagnostic);

// Thrown at the door of a room: the user's input cannot be taken. what() holds one line a problem.
class UserError : public std::runtime_error {
 public:
  explicit UserError(std::vector<Diagnostic> diagnostics);
  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

// Our own bug. No input may raise it; a test fails if one does.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

class Diagnostics {
 public:
  void error(std::string code, std::string place, std::string message, std::string remedy = "");
  void warn(std::string code, std::string place, std::string message, std::string remedy = "");

  const std::vector<Diagnostic>& errors() const { return errors_; }
  const std::vector<Diagnostic>& warnings() const { return warnings_; }

  // Throws UserError with all errors collected so far, if there are any.
  void stop_if_any() const;

 private:
  std::vector<Diagnostic> errors_;
  std::vector<Diagnostic> warnings_;
};

// Throws UserError with this one problem: for faults after which a room cannot go on.
[[noreturn]] void fail(std::string code, std::string place, std::string message,
                       std::string remedy = "");

// The nearest of `known` to `word` by edit distance, or "" when nothing is near (more than a third
// of it differs).
std::string nearest(std::string_view word, const std::vector<std::string>& known);

[[noreturn]] void internal_error(const char* file, int line, const char* condition);

}  // namespace mote

#define MOTE_ASSERT(condition) \
  ((condition) ? void(0) : ::mote::internal_error(__FILE__, __LINE__, #condition))
