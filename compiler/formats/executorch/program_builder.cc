// SPDX-License-Identifier: Apache-2.0
// See program_builder.h.
#include "compiler/formats/executorch/program_builder.h"

namespace mote::executorch {

int32_t ProgramBuilder::add(format::KernelTypes type, flatbuffers::Offset<void> value) {
  values_.push_back(format::CreateEValue(flat_, type, value));
  return int32_t(values_.size()) - 1;
}

int32_t ProgramBuilder::add_tensor(const TensorSpec& spec, uint32_t buffer,
                                   flatbuffers::Offset<format::AllocationDetails> place) {
  std::vector<uint8_t> order = spec.dim_order;
  for (size_t d = order.size(); d < spec.sizes.size(); ++d) order.push_back(uint8_t(d));
  const auto tensor =
      format::CreateTensorDirect(flat_, spec.type, 0, &spec.sizes, &order, false, buffer, place, 0);
  return add(format::KernelTypes::Tensor, tensor.Union());
}

int32_t ProgramBuilder::add_computed(const TensorSpec& spec) {
  constexpr uint32_t kWidestNumber = 8;
  const auto place = format::CreateAllocationDetails(flat_, 1, memory_, 0);
  memory_ += uint32_t(element_count(spec.sizes)) * kWidestNumber;
  return add_tensor(spec, 0, place);
}

int32_t ProgramBuilder::add_constant(const TensorSpec& spec, const Bytes& data) {
  if (buffers_.empty()) buffers_.push_back(format::CreateBuffer(flat_));  // 0: no constant
  buffers_.push_back(format::CreateBufferDirect(flat_, &data));
  return add_tensor(spec, uint32_t(buffers_.size()) - 1, 0);
}

int32_t ProgramBuilder::add_integer(int64_t number) {
  return add(format::KernelTypes::Int, format::CreateInt(flat_, number).Union());
}
int32_t ProgramBuilder::add_real(double number) {
  return add(format::KernelTypes::Double, format::CreateDouble(flat_, number).Union());
}
int32_t ProgramBuilder::add_bool(bool flag) {
  return add(format::KernelTypes::Bool, format::CreateBool(flat_, flag).Union());
}
int32_t ProgramBuilder::add_null() {
  return add(format::KernelTypes::Null, format::CreateNull(flat_).Union());
}

int32_t ProgramBuilder::add_integers(const std::vector<int64_t>& numbers) {
  std::vector<int64_t> items;  // the format's list holds numbers of values
  for (int64_t n : numbers) items.push_back(add_integer(n));
  return add(format::KernelTypes::IntList, format::CreateIntListDirect(flat_, &items).Union());
}

int32_t ProgramBuilder::add_tensors(const std::vector<int32_t>& tensors) {
  return add(format::KernelTypes::TensorList,
             format::CreateTensorListDirect(flat_, &tensors).Union());
}

void ProgramBuilder::call(const std::string& name, const std::string& overload,
                          std::vector<int32_t> args) {
  args.push_back(args.back());
  operators_.push_back(format::CreateOperatorDirect(flat_, name.c_str(), overload.c_str()));
  const auto kernel = format::CreateKernelCallDirect(flat_, int32_t(operators_.size()) - 1, &args);
  instructions_.push_back(
      format::CreateInstruction(flat_, format::InstructionArguments::KernelCall, kernel.Union()));
}

Bytes ProgramBuilder::finish(const std::vector<int32_t>& inputs,
                             const std::vector<int32_t>& outputs) {
  std::vector<flatbuffers::Offset<format::Chain>> chains{
      format::CreateChainDirect(flat_, nullptr, nullptr, &instructions_)};
  std::vector<flatbuffers::Offset<format::ExecutionPlan>> plans{format::CreateExecutionPlanDirect(
      flat_, "forward", 0, &values_, &inputs, &outputs, &chains, &operators_)};
  if (buffers_.empty()) buffers_.push_back(format::CreateBuffer(flat_));
  flat_.Finish(format::CreateProgramDirect(flat_, 0, &plans, &buffers_),
               format::ProgramIdentifier());
  return {flat_.GetBufferPointer(), flat_.GetBufferPointer() + flat_.GetSize()};
}

}  // namespace mote::executorch
