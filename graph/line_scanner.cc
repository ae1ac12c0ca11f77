// SPDX-License-Identifier: Apache-2.0
// Tokens of one line. See line_scanner.h.
#include "graph/line_scanner.h"

#include <charconv>

namespace mote {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_number(char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '+'; }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

template <class T>
std::optional<T> read(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace

std::optional<int64_t> to_integer(std::string_view text) { return read<int64_t>(text); }
std::optional<double> to_f64(std::string_view text) { return read<double>(text); }
std::optional<float> to_f32(std::string_view text) { return read<float>(text); }

LineScanner::LineScanner(std::string_view line, std::string place, Diagnostics& diagnostics)
    : line_(line), place_(std::move(place)), diagnostics_(diagnostics) {}

void LineScanner::fault(std::string code, std::string message, std::string remedy) {
  if (ok_) diagnostics_.error(std::move(code), place_, std::move(message), std::move(remedy));
  ok_ = false;
  at_ = line_.size();
}

void LineScanner::skip_blanks() {
  while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t' || line_[at_] == '\r'))
    ++at_;
}

bool LineScanner::at_end() {
  const char next = peek();
  return next == 0 || next == '#';
}

void LineScanner::expect_end() {
  if (!at_end())
    fault("syntax", "'" + std::string(rest().substr(0, 20)) + "' is not expected here");
}

char LineScanner::peek() {
  skip_blanks();
  return at_ < line_.size() ? line_[at_] : '\0';
}

bool LineScanner::take(std::string_view symbol) {
  skip_blanks();
  if (line_.substr(at_, symbol.size()) != symbol) return false;
  // A word must end where it ends.
  const size_t end = at_ + symbol.size();
  if (is_word(symbol.back()) && end < line_.size() && is_word(line_[end])) return false;
  at_ = end;
  return true;
}

void LineScanner::expect(std::string_view symbol) {
  if (!take(symbol)) fault("syntax", "'" + std::string(symbol) + "' is expected here");
}

std::string_view LineScanner::word() {
  skip_blanks();
  const size_t start = at_;
  while (at_ < line_.size() && is_word(line_[at_])) ++at_;
  if (at_ == start) fault("syntax", "a word is expected here");
  return ok_ ? line_.substr(start, at_ - start) : std::string_view();
}

std::string_view LineScanner::number() {
  skip_blanks();
  const size_t start = at_;
  while (at_ < line_.size() && is_number(line_[at_])) ++at_;
  if (at_ == start) fault("syntax", "a number is expected here");
  return ok_ ? line_.substr(start, at_ - start) : std::string_view();
}

std::string_view LineScanner::rest() {
  skip_blanks();
  std::string_view text = line_.substr(at_);
  at_ = line_.size();
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string LineScanner::quoted() {
  std::string out;
  expect("\"");
  while (at_ < line_.size() && line_[at_] != '"') {
    char c = line_[at_++];
    if (c == '\\') {
      const std::string_view code = line_.substr(at_, 3);
      if (!code.empty() && (code[0] == '"' || code[0] == '\\')) {
        c = code[0], at_ += 1;
      } else if (code.size() == 3 && code[0] == 'x' && hex_digit(code[1]) >= 0 &&
                 hex_digit(code[2]) >= 0) {
        c = char(hex_digit(code[1]) * 16 + hex_digit(code[2])), at_ += 3;
      } else {
        fault("syntax", "a backslash stands before \\, \" or xHH only");
      }
    }
    out += c;
  }
  expect("\"");
  return ok_ ? out : std::string();
}

int64_t LineScanner::integer(int64_t min, int64_t max) {
  const std::string_view text = number();
  const auto value = to_integer(text);
  if (ok_ && (!value || *value < min || *value > max))
    fault("wrong-number", "'" + std::string(text.substr(0, 40)) + "' is no integer from " +
                              std::to_string(min) + " to " + std::to_string(max));
  return ok_ ? *value : 0;
}

template <class T>
T LineScanner::real(std::optional<T> (*read_real)(std::string_view)) {
  const std::string_view text = number();
  const auto value = read_real(text);
  if (ok_ && !value)
    fault("wrong-number", "'" + std::string(text.substr(0, 40)) + "' is no number that fits");
  return ok_ ? *value : T(0);
}

double LineScanner::real_f64() { return real(to_f64); }
float LineScanner::real_f32() { return real(to_f32); }

}  // namespace mote
