// SPDX-License-Identifier: Apache-2.0
// The parameters of a block as written, checked against its table. In: a BlockSpec and its
// BlockKind. Out: typed values with defaults filled in; unknown keys, wrong types and numbers out
// of range are collected in Diagnostics.
#pragma once
#include "signal/block.h"

namespace mote {

class Parameters {
 public:
  Parameters(const BlockSpec& spec, const BlockKind& kind, Diagnostics& diagnostics);

  double number(const std::string& name) const;
  int64_t integer(const std::string& name) const;
  bool flag(const std::string& name) const { return integer(name) != 0; }
  const std::string& text(const std::string& name) const;
  std::vector<double> numbers(const std::string& name) const;
  bool has(const std::string& name) const { return values_.count(name) != 0; }

  // The place of a parameter, or of its table.
  std::string place(const std::string& name) const;
  void error(const std::string& code, const std::string& name, const std::string& message,
             const std::string& remedy = "") const;

 private:
  void take(const ParameterSpec& known, const Attribute& given);

  const BlockSpec& spec_;
  Diagnostics& diagnostics_;
  Attributes values_;
};

}  // namespace mote
