// SPDX-License-Identifier: Apache-2.0
// See listing.h.
#include "runner/listing.h"

#include <algorithm>
#include <cstdlib>

namespace mote {

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

std::vector<std::string_view> lines_of(std::string_view listing) {
  std::vector<std::string_view> lines;
  for (size_t at = 0; at < listing.size();) {
    const size_t end = std::min(listing.find('\n', at), listing.size());
    lines.push_back(listing.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

bool parse_line(std::string_view text, char comment, ListingLine& line) {
  const size_t colon = text.find(":\t");
  if (colon == std::string_view::npos) return false;
  line.address = uint32_t(std::strtoul(std::string(text.substr(0, colon)).c_str(), nullptr, 16));
  std::string_view rest = text.substr(colon + 2);
  const size_t at = rest.find(comment);
  line.note = at == std::string_view::npos ? "" : trimmed(rest.substr(at + 1));
  rest = rest.substr(0, at);
  const size_t tab = rest.find('\t');
  line.mnemonic = trimmed(rest.substr(0, tab));
  line.mnemonic = line.mnemonic.substr(0, line.mnemonic.find('.', 1));
  line.operands = tab == std::string_view::npos ? "" : trimmed(rest.substr(tab + 1));
  return true;
}

bool parse_header(std::string_view text, uint32_t& address, std::string& name) {
  const size_t open = text.find(" <");
  if (open == std::string_view::npos || text.substr(text.size() - 2) != ">:" || text[0] == ' ')
    return false;
  address = uint32_t(std::strtoul(std::string(text.substr(0, open)).c_str(), nullptr, 16));
  name = std::string(text.substr(open + 2, text.size() - open - 4));
  return true;
}

bool target_in(const std::string& operands, uint32_t& address) {
  const size_t open = operands.rfind(" <");
  if (open == std::string::npos) return false;
  const size_t before = operands.find_last_of(" ,", open - 1);
  const std::string digits = operands.substr(before == std::string::npos ? 0 : before + 1, open);
  address = uint32_t(std::strtoul(digits.c_str(), nullptr, 16));
  return true;
}

}  // namespace mote
