// SPDX-License-Identifier: Apache-2.0
// Decision trees of .onnx files that are damaged or hostile: refused with the node and the list
// that are wrong; and names of classes.
#include <gtest/gtest.h>

#include <chrono>

#include "compiler/import/import.h"
#include "compiler/import/onnx/reader.h"

namespace mote {
namespace {

namespace format = mote::onnx_format;

void add_value(format::ValueInfoProto& info, const std::string& name, int32_t type,
               const std::vector<int64_t>& shape) {
  info.set_name(name);
  auto* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  for (int64_t d : shape) tensor->mutable_shape()->add_dim()->set_dim_value(d);
}

format::AttributeProto& attribute(format::NodeProto& node, const std::string& name, int32_t type) {
  auto* added = node.add_attribute();
  added->set_name(name);
  added->set_type(type);
  return *added;
}
void add_integers(format::NodeProto& node, const std::string& name,
                  const std::vector<int64_t>& list) {
  auto& added = attribute(node, name, 7);
  for (int64_t v : list) added.add_ints(v);
}
void add_numbers(format::NodeProto& node, const std::string& name, const std::vector<float>& list) {
  auto& added = attribute(node, name, 6);
  for (float v : list) added.add_floats(v);
}
void add_texts(format::NodeProto& node, const std::string& name,
               const std::vector<std::string>& list) {
  auto& added = attribute(node, name, 8);
  for (const std::string& v : list) added.add_strings(v);
}

format::ModelProto model_with(const std::string& op, int32_t label_type) {
  format::ModelProto model;
  model.set_ir_version(8);
  auto* opset = model.add_opset_import();
  opset->set_domain("ai.onnx.ml");
  opset->set_version(3);
  auto* graph = model.mutable_graph();
  add_value(*graph->add_input(), "x", 1, {2, 3});
  add_value(*graph->add_output(), "label", label_type, {2});
  add_value(*graph->add_output(), "scores", 1, {2, 0});
  auto* node = graph->add_node();
  node->set_op_type(op);
  node->set_domain("ai.onnx.ml");
  node->set_name("forest");
  node->add_input("x");
  node->add_output("label");
  node->add_output("scores");
  return model;
}

// One tree: 0 asks, 1 is a leaf, 2 asks, 3 and 4 are leaves.
struct Tree {
  std::vector<int64_t> trees{7, 7, 7, 7, 7}, nodes{0, 1, 2, 3, 4}, features{0, 0, 2, 0, 0},
      yes{1, 0, 3, 0, 0}, no{2, 0, 4, 0, 0}, leaves{1, 3, 4}, classes{0, 1, 0};
  std::vector<std::string> modes{"BRANCH_LEQ", "LEAF", "BRANCH_GT", "LEAF", "LEAF"}, names;

  format::ModelProto model() const {
    format::ModelProto model = model_with("TreeEnsembleClassifier", names.empty() ? 7 : 8);
    auto& node = *model.mutable_graph()->mutable_node(0);
    add_integers(node, "nodes_treeids", trees);
    add_integers(node, "nodes_nodeids", nodes);
    add_integers(node, "nodes_featureids", features);
    add_numbers(node, "nodes_values", std::vector<float>(nodes.size(), 0.5f));
    add_texts(node, "nodes_modes", modes);
    add_integers(node, "nodes_truenodeids", yes);
    add_integers(node, "nodes_falsenodeids", no);
    add_integers(node, "class_treeids", std::vector<int64_t>(leaves.size(), 7));
    add_integers(node, "class_nodeids", leaves);
    add_integers(node, "class_ids", classes);
    add_numbers(node, "class_weights", std::vector<float>(leaves.size(), 1.0f));
    if (names.empty())
      add_integers(node, "classlabels_int64s", {0, 1, 2});
    else
      add_texts(node, "classlabels_strings", names);
    return model;
  }
};

Graph imported(const format::ModelProto& model) {
  const std::string text = model.SerializePartialAsString();
  Diagnostics diagnostics;
  return import_onnx({Bytes(text.begin(), text.end()), "model", "model.onnx"}, {}, diagnostics);
}

// What the refusal says: place, then message.
std::string refusal(const Tree& tree) {
  try {
    imported(tree.model());
    return "taken";
  } catch (const UserError& error) {
    const Diagnostic& first = error.diagnostics().at(0);
    return first.code + ": " + first.place + ": " + first.message;
  }
}

void expect_says(const Tree& tree, const std::string& text) {
  const std::string said = refusal(tree);
  EXPECT_NE(said.find("forest"), std::string::npos) << said;
  EXPECT_NE(said.find(text), std::string::npos) << said;
}

TEST(OnnxTrees, DamagedOnesAreRefusedByNode) {
  ASSERT_EQ(refusal(Tree()), "taken");
  Tree tree;
  tree.yes[2] = 0;
  expect_says(tree, "node 0 of tree 7 lies on a cycle");
  tree = Tree();
  tree.no[2] = 2;  // itself
  tree.leaves = {1, 3};
  tree.classes = {0, 1};
  expect_says(tree, "is a second root");  // node 4
  tree = Tree();
  tree.yes[2] = 99;
  expect_says(tree, "node 2 of tree 7 leads to node 99, which the tree has not (nodes_truenodeids");
  tree = Tree();
  tree.features[2] = 3;
  expect_says(tree, "node 2 of tree 7 asks for feature 3, its input has 3");
  tree = Tree();
  tree.features[0] = -1;
  expect_says(tree, "asks for feature -1");
  tree = Tree();
  tree.nodes[4] = 3;
  expect_says(tree, "node 3 of tree 7 stands twice in nodes_nodeids");
  tree = Tree();
  tree.classes[1] = 3;
  expect_says(tree, "for target 3 of 3");
  tree = Tree();
  tree.leaves[0] = 50;
  expect_says(tree, "class_nodeids names node 50 of tree 7");
  tree = Tree();
  tree.features.pop_back();
  expect_says(tree, "nodes_featureids has 4 numbers");
  tree = Tree();
  tree.modes[0] = "BRANCH_MAYBE";
  expect_says(tree, "nodes_modes holds \"BRANCH_MAYBE\"");
}

// Nodes 0 and 2 lead to each other, leaf 1 alone to nothing: not the tree that the file means.
TEST(OnnxTrees, ACycleBesideTheRootIsRefused) {
  Tree tree;
  tree.yes[0] = 3;
  tree.yes[2] = 0;
  expect_says(tree, "node 0 of tree 7 lies on a cycle");
}

TEST(OnnxTrees, NamesBecomeTheGraphsClasses) {
  Tree tree;
  tree.names = {"idle", "walk", "run"};
  const Graph graph = imported(tree.model());
  EXPECT_EQ(graph.classes, tree.names);
  EXPECT_EQ(graph.value(graph.outputs.at(0)).type, ElementType::s64);
}

// A chain of 30,000 questions is taken: the kernel has a loop, not a recursion; so has the
// importer.
TEST(OnnxTrees, ADeepChainIsTaken) {
  Tree tree;
  tree.trees.clear(), tree.nodes.clear(), tree.features.clear(), tree.yes.clear(), tree.no.clear();
  tree.modes.clear();
  constexpr int64_t kDepth = 30000;
  for (int64_t i = 0; i <= 2 * kDepth; ++i) {
    const bool leaf = i % 2 == 1 || i == 2 * kDepth;
    tree.trees.push_back(7);
    tree.nodes.push_back(i);
    tree.features.push_back(0);
    tree.yes.push_back(leaf ? 0 : i + 1);
    tree.no.push_back(leaf ? 0 : i + 2);
    tree.modes.push_back(leaf ? "LEAF" : "BRANCH_LEQ");
  }
  tree.leaves = {1, 3, 2 * kDepth};
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(refusal(tree), "taken");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

// 4,000 leaves with weights for 30,000 classes each would be 480 MB.
TEST(OnnxTrees, HugeTablesAreRefused) {
  Tree tree;
  std::vector<std::string> names;
  for (int i = 0; i < 30000; ++i) names.push_back(std::to_string(i));
  tree.names = names;
  tree.trees.clear(), tree.nodes.clear(), tree.features.clear(), tree.yes.clear(), tree.no.clear();
  tree.modes.clear(), tree.leaves.clear(), tree.classes.clear();
  for (int64_t i = 0; i < 8001; ++i) {
    const bool leaf = i % 2 == 1 || i == 8000;
    tree.trees.push_back(7);
    tree.nodes.push_back(i);
    tree.features.push_back(0);
    tree.yes.push_back(leaf ? 0 : i + 1);
    tree.no.push_back(leaf ? 0 : i + 2);
    tree.modes.push_back(leaf ? "LEAF" : "BRANCH_LEQ");
    for (int64_t c = 0; leaf && c < 2; ++c) tree.leaves.push_back(i), tree.classes.push_back(c);
  }
  expect_says(tree, "too-large");
}

}  // namespace
}  // namespace mote
