// SPDX-License-Identifier: Apache-2.0
// For tests: instructions as objdump names them. In: a command line of objdump -d; which mnemonics
// have which class. Out: the instructions, without data; a table by mnemonic.
#pragma once
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "runner/plugin/thumb.h"
#include "runner/tool_output.h"

namespace mote::test {

// A line "   0:	1141                	c.addi	sp,-16" in its columns, and as a whole.
struct ListedInstruction {
  std::string code, mnemonic, operands, text;
};

inline std::vector<ListedInstruction> listed_by(const std::vector<std::string>& objdump) {
  std::stringstream listing(tool_output(objdump));
  std::vector<ListedInstruction> all;
  for (std::string text; std::getline(listing, text);) {
    std::stringstream columns(text);
    std::string address;
    ListedInstruction one;
    if (!std::getline(columns, address, '\t') || !std::getline(columns, one.code, '\t') ||
        !std::getline(columns, one.mnemonic, '\t') || one.mnemonic.empty() ||
        one.mnemonic[0] == '.')
      continue;
    std::getline(columns, one.operands, '\t');
    one.text = text;
    all.push_back(one);
  }
  return all;
}

// Of rows "class: mnemonics".
inline std::map<std::string, mote_count::Class> classes_by_mnemonic(
    const std::vector<std::pair<mote_count::Class, std::string>>& rows) {
  std::map<std::string, mote_count::Class> table;
  for (const auto& [kind, names] : rows) {
    std::stringstream words(names);
    for (std::string word; words >> word;) table[word] = kind;
  }
  return table;
}

}  // namespace mote::test
