// SPDX-License-Identifier: Apache-2.0
// What foreign files of operators that move numbers are made of: tensors of one type and scale, and
// the constant integers that say where they go. In: a seeded generator. Out: a ForeignCase.
#pragma once
#include "tests/conformance/foreign.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {

namespace format = tflite::format;
using Op = format::BuiltinOperator;

inline Shape dims_of_rank(Random& random, int32_t rank, int32_t most = 5) {
  Shape shape;
  for (int32_t d = 0; d < rank; ++d) shape.push_back(random.integer(1, most));
  return shape;
}

// A file of one operator whose tensors share a type and a scale.
class MovedCase {
 public:
  MovedCase(Random& random, ElementType type)
      : type_(type), quantization_(random_quantization(random, type)) {}

  SingleOperator& parts() { return one_; }
  flatbuffers::FlatBufferBuilder& flat() { return one_.flat(); }
  const Quantization& quantization() const { return quantization_; }

  void input(const Shape& shape) {
    note(shape);
    one_.input(type_, shape, quantization_);
  }
  void output(const Shape& shape) { output(type_, shape, quantization_); }
  void output(ElementType type, const Shape& shape, const Quantization& quantization = {}) {
    note(shape);
    one_.output(type, shape, quantization);
  }
  void integers(const std::vector<int32_t>& list) { integers(list, {int32_t(list.size())}); }
  void integers(const std::vector<int32_t>& list, const Shape& shape) {
    note(list);
    one_.constant(ElementType::s32, shape, list);
  }
  void scalar(int32_t number) { integers({number}, {}); }
  // One number of the tensors' type and scale.
  void number(Random& random) {
    with_element_type(type_, [&](auto element) {
      using T = decltype(element);
      one_.constant(type_, {1}, std::vector<T>{T(random.integer(-100, 100))}, quantization_);
    });
  }

  ForeignCase finish(Op code, const std::string& name, int32_t version,
                     tflite::OptionsTable options = {}) {
    return {one_.finish(code, version, options), name + description_, {}};
  }

 private:
  void note(const std::vector<int32_t>& list) {
    description_ += " [";
    for (int32_t n : list) description_ += std::to_string(n) + " ";
    description_ += "]";
  }

  ElementType type_;
  Quantization quantization_;
  SingleOperator one_;
  std::string description_;
};

}  // namespace mote::conformance
