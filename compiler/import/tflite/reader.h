// SPDX-License-Identifier: Apache-2.0
// The bytes of a .tflite file as plain structures, checked before anything is used: offsets by the
// flatbuffer verifier, then every index, shape, buffer, scale and the order of operators. In:
// bytes. Out: a Model whose indices are all in range. Private to this folder: it speaks the
// format's types.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "compiler/formats/tflite/model_builder.h"
#include "graph/graph.h"

namespace mote::tflite {

struct Tensor {
  int32_t index = 0;
  std::string name;
  format::TensorType type = format::TensorType::FLOAT32;
  Shape shape;
  Quantization quantization;
  std::span<const uint8_t> data;  // of a constant; empty: computed
  bool is_variable = false;
  const format::SparsityParameters* sparsity = nullptr;

  // A list without elements (the shape of a scalar) is a constant, too.
  bool is_constant() const { return !data.empty() || element_count(shape) == 0; }
};

struct Operator {
  int32_t index = 0;
  format::BuiltinOperator code = format::BuiltinOperator::CUSTOM;
  std::string custom_code;
  int32_t version = 1;
  std::vector<int32_t> inputs;  // tensors; -1: not given
  std::vector<int32_t> outputs;
  const format::Operator* table = nullptr;

  // "CONV_2D", or the name of a custom operator.
  std::string name() const;
};

struct Subgraph {
  int32_t index = 0;
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<int32_t> inputs;
  std::vector<int32_t> outputs;
  std::vector<Operator> operators;
};

struct Model {
  std::vector<Subgraph> subgraphs;  // at least one, the model's own
};

// Fails with every fault at once; `place` names the file. The bytes must outlive the model.
Model read_model(std::span<const uint8_t> bytes, const std::string& place,
                 Diagnostics& diagnostics);

// "operator 12 CONV_2D \"features/conv\"", with its subgraph where it is not the first.
std::string place_of(const Subgraph& subgraph, const Operator& op);

}  // namespace mote::tflite
