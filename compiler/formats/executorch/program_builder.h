// SPDX-License-Identifier: Apache-2.0
// A .pte file, put together value by value and call by call, in the format's own terms: tests that
// need any operator stand on it. In: tensors, numbers, calls. Out: the bytes of the file. It
// numbers and writes; it checks nothing.
#pragma once
#include <string>
#include <vector>

#include "compiler/formats/executorch/executorch_generated.h"
#include "graph/graph.h"

namespace mote::executorch {

namespace format = ::mote::executorch_format;

struct TensorSpec {
  format::ScalarType type = format::ScalarType::CHAR;
  Shape sizes;
  std::vector<uint8_t> dim_order;  // empty: as the sizes stand
};

class ProgramBuilder {
 public:
  // All return the number of the new value.
  int32_t add_computed(const TensorSpec& spec);  // at a place in memory of its own
  int32_t add_constant(const TensorSpec& spec, const Bytes& data);
  template <class T>
  int32_t add_constant(const TensorSpec& spec, const std::vector<T>& data) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(data.data());
    return add_constant(spec, Bytes(bytes, bytes + data.size() * sizeof(T)));
  }
  int32_t add_integer(int64_t number);
  int32_t add_real(double number);
  int32_t add_bool(bool flag);
  int32_t add_null();
  int32_t add_integers(const std::vector<int64_t>& numbers);
  int32_t add_tensors(const std::vector<int32_t>& tensors);

  // "cortex_m::quantized_add", "out"; `args` end with the output, which the format names twice.
  void call(const std::string& name, const std::string& overload, std::vector<int32_t> args);
  Bytes finish(const std::vector<int32_t>& inputs, const std::vector<int32_t>& outputs);

 private:
  int32_t add(format::KernelTypes type, flatbuffers::Offset<void> value);
  int32_t add_tensor(const TensorSpec& spec, uint32_t buffer,
                     flatbuffers::Offset<format::AllocationDetails> place);

  flatbuffers::FlatBufferBuilder flat_;
  std::vector<flatbuffers::Offset<format::EValue>> values_;
  std::vector<flatbuffers::Offset<format::Operator>> operators_;
  std::vector<flatbuffers::Offset<format::Instruction>> instructions_;
  std::vector<flatbuffers::Offset<format::Buffer>> buffers_;
  uint32_t memory_ = 0;
};

}  // namespace mote::executorch
