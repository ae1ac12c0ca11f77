// SPDX-License-Identifier: Apache-2.0
// Reads one line of a text form, token by token. The first fault goes to the Diagnostics with the
// line's place; from then on everything reads as empty and zero, so a caller checks ok() once, at
// the end of the line.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "graph/diagnostics.h"

namespace mote {

// The whole of `text` as a number, or nothing.
std::optional<int64_t> to_integer(std::string_view text);
std::optional<double> to_f64(std::string_view text);
std::optional<float> to_f32(std::string_view text);

class LineScanner {
 public:
  LineScanner(std::string_view line, std::string place, Diagnostics& diagnostics);

  bool ok() const { return ok_; }
  const std::string& place() const { return place_; }
  void fault(std::string code, std::string message, std::string remedy = "");

  // Only blanks or a # comment are left (or a fault was met).
  bool at_end();
  void expect_end();

  // The next character that is no blank; 0 at the end.
  char peek();
  // Consumes `symbol` if it comes next.
  bool take(std::string_view symbol);
  void expect(std::string_view symbol);

  std::string_view word();    // letters, digits and _; "" at a fault
  std::string_view number();  // what a number may be made of, not yet read
  std::string_view rest();    // up to the end of the line, without blanks around it
  std::string quoted();       // "text" with \" \\ \xHH
  int64_t integer(int64_t min, int64_t max);
  double real_f64();
  float real_f32();

 private:
  void skip_blanks();
  template <class T>
  T real(std::optional<T> (*read)(std::string_view));

  std::string_view line_;
  size_t at_ = 0;
  std::string place_;
  Diagnostics& diagnostics_;
  bool ok_ = true;
};

}  // namespace mote
