// SPDX-License-Identifier: Apache-2.0
// Decision trees on their way from a file's lists to tree_ensemble. In: branches and leaves in any
// order. Out: a node whose tables have children behind their parents and each different leaf once;
// cycles, unknown features and targets are refused. Private to this folder.
#pragma once
#include "compiler/import/onnx/operator_view.h"

namespace mote::onnx {

using Leaf = std::map<int64_t, float>;  // weight by target

// child[0] for false, child[1] for true: at or above 0 a branch, below 0 leaf ~child.
struct Branch {
  int64_t feature = 0;
  float threshold = 0;
  uint8_t flags = 0;
  int64_t child[2]{};
  std::string name;  // for messages
};

struct Forest {
  std::vector<Branch> branches;
  std::vector<Leaf> leaves;
  std::vector<int64_t> roots;
  bool whole = false;  // each branch belongs to a tree: one that no root leads to is a fault
  int64_t targets = 1;
  std::string aggregate = "sum";
  std::vector<double> base;
};

// Of the rows of features in input 0.
ValueId add_forest(OperatorView& op, const Forest& forest);

}  // namespace mote::onnx
