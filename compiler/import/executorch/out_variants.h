// SPDX-License-Identifier: Apache-2.0
// The names of ExecuTorch's calls as PyTorch's rules have them: a call writes into a tensor that it
// is given ("aten::mean.out"); the rule is that of the operator which gives a new one
// ("aten.mean.dim"). Private to this folder.
#pragma once
#include <string>
#include <vector>

namespace mote::executorch {

std::string functional_target(const std::string& name, const std::string& overload);

struct ArgumentNames {
  std::vector<std::string> names;  // of the call's arguments in order, without the outputs
  bool typed_by_output = false;    // the type that the rule's "dtype" asks for is the output's
};
// Of a target that mote takes.
ArgumentNames argument_names(const std::string& target);

// Whether the operator writes into its first argument: "aten::add_", "aten::copy_".
bool is_in_place(const std::string& name);

}  // namespace mote::executorch
