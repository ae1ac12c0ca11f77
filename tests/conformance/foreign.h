// SPDX-License-Identifier: Apache-2.0
// Random .tflite files of one foreign operator each, over its parameter space, as other people's
// converters write them: made with ModelBuilder, imported by mote, compared with TensorFlow Lite
// Micro in every output byte. In: a seeded generator. Out: the file. One row a family in the file
// of its kind (foreign_layers.cc, ...).
#pragma once
#include "compiler/formats/tflite/model_builder.h"
#include "tests/conformance/single_op.h"

namespace mote::conformance {

// Numbers that an input is filled with, where not every number of its type will do.
struct NumberRange {
  double low = 0;
  double high = 0;
};

// How the answers are compared.
enum class Against : uint8_t {
  micro,                  // TFLM, every byte; LiteRT must take the file, too
  micro_alone,            // TFLM, every byte; LiteRT has no such operator
  micro_settled,          // TFLM, every byte but of the first answer, where it defines none
  micro_tolerance,        // TFLM, float32 within 1e-5 of the largest number + 1e-6
  micro_tolerance_alone,  // the same; LiteRT has no such operator
  litert_tolerance,  // LiteRT's reference kernels, the same tolerance: TFLM has no such operator
  litert_hybrid  // LiteRT quantises activations on the run where mote stays in float32: our largest
                 // output is one of its largest, within 0.1
};

struct ForeignCase {
  Bytes model;
  std::string description;
  std::vector<NumberRange> ranges;  // of each input; those behind the last: any number
  Against against = Against::micro;
  bool every_layer = false;  // compared, too, by the tensors' names, after the last invocation
};

struct ForeignFamily {
  std::string_view name;  // of the test: the operator and its type: "sub_s16"
  ForeignCase (*make)(Random& random);
};

// One function a file of families, which are listed in foreign.cc.
std::span<const ForeignFamily> foreign_constants();
std::span<const ForeignFamily> foreign_control();
std::span<const ForeignFamily> foreign_elementwise();
std::span<const ForeignFamily> foreign_indices();
std::span<const ForeignFamily> foreign_layers();
std::span<const ForeignFamily> foreign_movement();
std::span<const ForeignFamily> foreign_pools();
std::span<const ForeignFamily> foreign_reductions();
std::span<const ForeignFamily> foreign_recurrent();
std::span<const ForeignFamily> foreign_signal();
std::span<const ForeignFamily> foreign_unary();
std::vector<ForeignFamily> foreign_families();  // all of them

// The model's only operator: tensors of one subgraph, inputs first. A builder for the common case.
class SingleOperator {
 public:
  // An input, a constant or an output of the operator, in the operator's order. Returns its number.
  int32_t input(ElementType type, const Shape& shape, const Quantization& quantization = {});
  template <class T>
  int32_t constant(ElementType type, const Shape& shape, const std::vector<T>& data,
                   const Quantization& quantization = {}) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(data.data());
    return constant_bytes(tflite::tensor_type(type), shape,
                          Bytes(bytes, bytes + data.size() * sizeof(T)), quantization);
  }
  int32_t constant_bytes(tflite::format::TensorType type, const Shape& shape, const Bytes& data,
                         const Quantization& quantization = {});
  void no_input() { op_.inputs.push_back(-1); }
  // A state of the operator (an SVDF's, an LSTM's).
  int32_t variable(ElementType type, const Shape& shape, const Quantization& quantization = {});
  int32_t output(ElementType type, const Shape& shape, const Quantization& quantization = {});
  // An output that keeps its numbers from run to run (a circular buffer's).
  int32_t variable_output(ElementType type, const Shape& shape, const Quantization& quantization);

  tflite::ModelBuilder& builder() { return builder_; }
  flatbuffers::FlatBufferBuilder& flat() { return builder_.flat(); }
  tflite::OperatorSpec& op() { return op_; }

  Bytes finish(tflite::format::BuiltinOperator code, int32_t version = 1,
               tflite::OptionsTable options = {});
  Bytes finish_custom(const std::string& name, const Bytes& options = {});

 private:
  Bytes close();

  tflite::ModelBuilder builder_;
  tflite::OperatorSpec op_;
  std::vector<int32_t> inputs_, outputs_;
};

// A random quantisation of the type: symmetric for s16.
Quantization random_quantization(Random& random, ElementType type);

}  // namespace mote::conformance
