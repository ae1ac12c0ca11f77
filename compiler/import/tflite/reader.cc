// SPDX-License-Identifier: Apache-2.0
// See reader.h.
#include "compiler/import/tflite/reader.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "graph/text.h"
#include "graph/text_words.h"

namespace mote::tflite {
namespace {

constexpr size_t kMostDimensions = 8;
constexpr size_t kMostNameBytes = 4096;
constexpr size_t kMostErrors = 20;  // a damaged file has them by the thousand

std::string number(int64_t n) { return std::to_string(n); }

// How many bits an element takes in a file.
int32_t bits_of(format::TensorType type) {
  using T = format::TensorType;
  switch (type) {
    case T::INT2:
      return 2;
    case T::INT4:
    case T::UINT4:
      return 4;
    case T::FLOAT16:
    case T::BFLOAT16:
    case T::INT16:
    case T::UINT16:
      return 16;
    case T::FLOAT32:
    case T::INT32:
    case T::UINT32:
      return 32;
    case T::INT64:
    case T::UINT64:
    case T::FLOAT64:
    case T::COMPLEX64:
      return 64;
    case T::COMPLEX128:
      return 128;
    case T::STRING:
    case T::RESOURCE:
    case T::VARIANT:
      return 0;  // not numbers
    default:
      return 8;
  }
}

struct ZeroPoints {
  int64_t min;
  int64_t max;
};
ZeroPoints zero_points_of(format::TensorType type) {
  using T = format::TensorType;
  switch (type) {
    case T::INT8:
      return {-128, 127};
    case T::UINT8:
      return {0, 255};
    case T::INT16:
      return {-32768, 32767};
    case T::UINT16:
      return {0, 65535};
    case T::INT4:
      return {-8, 7};
    default:
      return {0, 0};
  }
}

class Reader {
 public:
  Reader(std::span<const uint8_t> bytes, const std::string& place, Diagnostics& diagnostics)
      : bytes_(bytes),
        place_(place),
        diagnostics_(diagnostics),
        // Offsets may point many times at the same bytes; a file that says more than it holds is
        // hostile.
        budget_(2 * int64_t(bytes.size()) + (1 << 16)) {}

  Model read() {
    check_container();
    const format::Model& file = *format::GetModel(bytes_.data());
    file_ = &file;
    if (file.version() != 3)
      stop("wrong-version", "the model is of schema version " + number(file.version()),
           "mote reads version 3");
    if (!file.subgraphs() || file.subgraphs()->size() == 0)
      stop("no-subgraph", "the model has no subgraph", "convert it again");
    Model model;
    model.subgraphs.resize(file.subgraphs()->size());
    for (size_t i = 0; i < model.subgraphs.size(); ++i) {
      Subgraph& subgraph = model.subgraphs[i];
      subgraph.index = int32_t(i);
      read_subgraph(*file.subgraphs()->Get(uint32_t(i)), subgraph);
    }
    diagnostics_.stop_if_any();
    return model;
  }

 private:
  [[noreturn]] void stop(const char* code, const std::string& message, const std::string& remedy) {
    diagnostics_.error(code, place_, message, remedy);
    diagnostics_.stop_if_any();
    internal_error(__FILE__, __LINE__, "an error that did not stop");
  }
  void error(const char* code, const std::string& where, const std::string& message,
             const std::string& remedy = "") {
    diagnostics_.error(code, place_ + ": " + where, message, remedy);
    if (diagnostics_.errors().size() >= kMostErrors) diagnostics_.stop_if_any();
  }

  void spend(int64_t n) {
    budget_ -= n;
    if (budget_ < 0)
      stop("damaged-file", "the file refers to more bytes than it holds",
           "convert the model again");
  }

  void check_container() {
    if (bytes_.size() < 8)
      stop("damaged-file", "the file ends after " + number(int64_t(bytes_.size())) + " bytes",
           "it must hold at least the 8 bytes of the header; copy or convert it again");
    if (!flatbuffers::BufferHasIdentifier(bytes_.data(), format::ModelIdentifier()))
      stop("no-tflite", "byte 4: this is no .tflite file, the identifier TFL3 is missing",
           "name a .tflite, .onnx, .pt2, .pt, .ptl or .pte file");
    // The format's own structure: every offset, table, vector and string lies inside the file.
    flatbuffers::Verifier verifier(bytes_.data(), bytes_.size(), /*max_depth=*/32,
                                   /*max_tables=*/200000);
    if (!format::VerifyModelBuffer(verifier))
      stop("damaged-file",
           "an offset, a table or a vector points outside of the file's " +
               number(int64_t(bytes_.size())) + " bytes",
           "the file is cut short or damaged; copy or convert it again");
  }

  // ---- subgraphs

  void read_subgraph(const format::SubGraph& from, Subgraph& subgraph) {
    const size_t before = diagnostics_.errors().size();
    subgraph.name = text(from.name());
    const size_t n_tensors = from.tensors() ? from.tensors()->size() : 0;
    spend(int64_t(n_tensors) * 4);
    subgraph.tensors.resize(n_tensors);
    for (size_t i = 0; i < n_tensors; ++i)
      read_tensor(*from.tensors()->Get(uint32_t(i)), int32_t(i), subgraph);
    subgraph.inputs = tensor_list(from.inputs(), subgraph, "subgraph inputs", false);
    subgraph.outputs = tensor_list(from.outputs(), subgraph, "subgraph outputs", false);
    const size_t n_operators = from.operators() ? from.operators()->size() : 0;
    spend(int64_t(n_operators) * 4);
    for (size_t i = 0; i < n_operators; ++i)
      read_operator(*from.operators()->Get(uint32_t(i)), int32_t(i), subgraph);
    if (diagnostics_.errors().size() == before) check_order(subgraph);
  }

  std::string text(const flatbuffers::String* string) {
    if (!string) return "";
    const size_t length = std::min<size_t>(string->size(), kMostNameBytes);
    spend(int64_t(length));
    return std::string(string->c_str(), length);
  }

  template <class T>
  std::vector<T> numbers(const flatbuffers::Vector<T>* vector) {
    if (!vector) return {};
    spend(int64_t(vector->size()) * int64_t(sizeof(T)));
    return {vector->begin(), vector->end()};
  }

  std::vector<int32_t> tensor_list(const flatbuffers::Vector<int32_t>* vector,
                                   const Subgraph& subgraph, const std::string& where,
                                   bool optional) {
    std::vector<int32_t> list = numbers(vector);
    for (int32_t index : list)
      if (index >= int64_t(subgraph.tensors.size()) || index < (optional ? -1 : 0))
        error("wrong-tensor", where,
              "tensor " + number(index) + " does not exist; there are " +
                  number(int64_t(subgraph.tensors.size())),
              "the file is damaged; convert the model again");
    return list;
  }

  // ---- tensors

  void read_tensor(const format::Tensor& from, int32_t index, Subgraph& subgraph) {
    Tensor& tensor = subgraph.tensors[size_t(index)];
    tensor.index = index;
    tensor.name = text(from.name());
    tensor.type = from.type();
    tensor.is_variable = from.is_variable();
    tensor.sparsity = from.sparsity();
    const std::string where = "tensor " + number(index) + " \"" + tensor.name + "\"";
    if (*format::EnumNameTensorType(tensor.type) == 0)
      return error("unknown-type", where,
                   "element type " + number(int64_t(tensor.type)) + " is unknown");
    if (!read_shape(from, where, tensor)) return;
    read_data(from, where, tensor);
    read_quantization(from, where, tensor);
  }

  bool read_shape(const format::Tensor& from, const std::string& where, Tensor& tensor) {
    const auto* shape = from.shape();
    const size_t rank = shape ? shape->size() : 0;
    if (rank > kMostDimensions) {
      error("wrong-shape", where, "it has " + number(int64_t(rank)) + " dimensions",
            "mote takes at most " + number(kMostDimensions));
      return false;
    }
    tensor.shape = numbers(shape);
    // A handle's shape says nothing, and is not looked at.
    if (bits_of(tensor.type) == 0) return tensor.shape.clear(), true;
    for (size_t d = 0; d < rank; ++d)
      if (tensor.shape[d] < 0) {
        error("wrong-shape", where,
              "dimension " + number(int64_t(d)) + " is " + number(tensor.shape[d]),
              "give every dimension a fixed size when the model is converted");
        return false;
      }
    if (std::count(tensor.shape.begin(), tensor.shape.end(), 0) > 0) tensor.shape = {0};
    const bool empty = tensor.shape == Shape{0};
    if (!empty && checked_bytes(ElementType::s64, tensor.shape) < 0) {
      error("wrong-shape", where, "its elements are more than 2 GB");
      return false;
    }
    return true;
  }

  void read_data(const format::Tensor& from, const std::string& where, Tensor& tensor) {
    const auto* buffers = file_->buffers();
    const uint32_t n_buffers = buffers ? buffers->size() : 0;
    if (from.buffer() == 0 && n_buffers == 0) return;
    if (from.buffer() >= n_buffers)
      return error(
          "wrong-buffer", where,
          "buffer " + number(from.buffer()) + " does not exist; there are " + number(n_buffers),
          "the file is damaged; convert the model again");
    const format::Buffer& buffer = *buffers->Get(from.buffer());
    if (buffer.data() && buffer.data()->size() > 0)
      tensor.data = {buffer.data()->data(), buffer.data()->size()};
    if (buffer.offset() > 1) take_outer_data(buffer, where, tensor);
    if (!tensor.data.empty() && !tensor.sparsity) check_data_size(where, tensor);
  }

  // Large models keep their buffers behind the flatbuffer.
  void take_outer_data(const format::Buffer& buffer, const std::string& where, Tensor& tensor) {
    const uint64_t size = bytes_.size();
    if (buffer.offset() > size || buffer.size() > size - buffer.offset())
      return error("wrong-buffer", where,
                   "its data are said to lie at bytes " + std::to_string(buffer.offset()) + " to " +
                       std::to_string(buffer.offset() + buffer.size()) + " of " +
                       number(int64_t(size)),
                   "the file is cut short; copy or convert it again");
    tensor.data = bytes_.subspan(size_t(buffer.offset()), size_t(buffer.size()));
  }

  void check_data_size(const std::string& where, const Tensor& tensor) {
    const int32_t bits = bits_of(tensor.type);
    if (bits == 0) return;
    const int64_t expected = (element_count(tensor.shape) * bits + 7) / 8;
    if (expected != int64_t(tensor.data.size()))
      error("wrong-data-size", where,
            "its data are " + number(int64_t(tensor.data.size())) + " bytes; " +
                format::EnumNameTensorType(tensor.type) + " of this shape takes " +
                number(expected),
            "the file is damaged; convert the model again");
  }

  void read_quantization(const format::Tensor& from, const std::string& where, Tensor& tensor) {
    const format::QuantizationParameters* q = from.quantization();
    if (!q || !q->scale() || q->scale()->size() == 0) return;
    using T = format::TensorType;
    const bool integer = tensor.type == T::INT8 || tensor.type == T::UINT8 ||
                         tensor.type == T::INT16 || tensor.type == T::UINT16 ||
                         tensor.type == T::INT4 || tensor.type == T::INT32 ||
                         tensor.type == T::INT64;
    if (!integer) return;  // a float tensor may carry the scale that it once had
    if (q->details_type() != format::QuantizationDetails::NONE)
      return error("wrong-quantization", where, "custom or blockwise quantisation is not taken",
                   "quantise per tensor or per channel");
    const size_t n = q->scale()->size();
    const size_t n_zero_points = q->zero_point() ? q->zero_point()->size() : 0;
    // Older converters write the weights' axis at the bias, which has one dimension.
    const int32_t axis = tensor.shape.size() == 1 ? 0 : q->quantized_dimension();
    const bool per_channel = n > 1;
    if (n_zero_points > 1 && n_zero_points != n)
      return error(
          "wrong-quantization", where,
          number(int64_t(n)) + " scales with " + number(int64_t(n_zero_points)) + " zero points");
    if (per_channel && (axis < 0 || size_t(axis) >= tensor.shape.size() ||
                        tensor.shape[size_t(axis)] != int64_t(n)))
      return error(
          "wrong-quantization", where,
          number(int64_t(n)) + " scales along dimension " + number(axis) + " do not fit its shape");
    Quantization& to = tensor.quantization;
    to.scales = numbers(q->scale());
    to.axis = per_channel ? axis : 0;
    to.zero_points.assign(n, 0);
    for (size_t i = 0; i < n; ++i)
      if (!check_scale(q, i, where, tensor)) return;
  }

  bool check_scale(const format::QuantizationParameters* q, size_t i, const std::string& where,
                   Tensor& tensor) {
    const float scale = tensor.quantization.scales[i];
    if (!std::isnormal(scale) || scale < 0) {
      error("wrong-quantization", where, "scale " + print_real(scale) + " is not a positive number",
            "quantise the model again");
      return false;
    }
    const size_t n_zero_points = q->zero_point() ? q->zero_point()->size() : 0;
    if (n_zero_points == 0) return true;
    // The verifier aligns a vector by its length field alone, which is half as wide.
    int64_t zero_point;
    std::memcpy(&zero_point, q->zero_point()->Data() + (n_zero_points == 1 ? 0 : i) * 8,
                sizeof zero_point);
    const ZeroPoints range = zero_points_of(tensor.type);
    if (zero_point < range.min || zero_point > range.max) {
      error("wrong-quantization", where,
            "zero point " + number(zero_point) + " does not fit " +
                format::EnumNameTensorType(tensor.type),
            "quantise the model again");
      return false;
    }
    tensor.quantization.zero_points[i] = int32_t(zero_point);
    return true;
  }

  // ---- operators

  void read_operator(const format::Operator& from, int32_t index, Subgraph& subgraph) {
    Operator op;
    op.index = index;
    op.table = &from;
    const std::string where = "operator " + number(index);
    const auto* codes = file_->operator_codes();
    const uint32_t n_codes = codes ? codes->size() : 0;
    if (from.opcode_index() >= n_codes)
      return error("wrong-operator", where,
                   "operator code " + number(from.opcode_index()) + " does not exist; there are " +
                       number(n_codes),
                   "the file is damaged; convert the model again");
    const format::OperatorCode& code = *codes->Get(from.opcode_index());
    // Readers take the larger of the old field of 7 bits and the new one.
    op.code =
        std::max(code.builtin_code(), format::BuiltinOperator(code.deprecated_builtin_code()));
    op.version = code.version();
    op.custom_code = text(code.custom_code());
    op.inputs = tensor_list(from.inputs(), subgraph, where + " " + op.name(), true);
    op.outputs = tensor_list(from.outputs(), subgraph, where + " " + op.name(), false);
    subgraph.operators.push_back(std::move(op));
  }

  // Operators stand in the order of execution: nothing is used before it was computed, and nothing
  // is computed twice, over a constant or over an input.
  void check_order(const Subgraph& subgraph) {
    std::vector<bool> defined(subgraph.tensors.size());
    for (const Tensor& tensor : subgraph.tensors)
      defined[size_t(tensor.index)] = tensor.is_constant() || tensor.is_variable;
    for (int32_t input : subgraph.inputs) defined[size_t(input)] = true;
    for (const Operator& op : subgraph.operators) {
      for (int32_t input : op.inputs)
        if (input >= 0 && !defined[size_t(input)])
          return error("wrong-order", place_of(subgraph, op),
                       "tensor " + number(input) + " is used before it is computed",
                       "operators must stand in their order of execution");
      for (int32_t output : op.outputs) {
        if (defined[size_t(output)] && !subgraph.tensors[size_t(output)].is_variable)
          return error("wrong-output", place_of(subgraph, op),
                       "tensor " + number(output) +
                           " is a constant, an input or another operator's output already");
        defined[size_t(output)] = true;
      }
    }
    for (int32_t output : subgraph.outputs)
      if (!defined[size_t(output)])
        error("wrong-output", "subgraph outputs",
              "tensor " + number(output) + " is never computed");
  }

  std::span<const uint8_t> bytes_;
  const std::string& place_;
  Diagnostics& diagnostics_;
  int64_t budget_;
  const format::Model* file_ = nullptr;
};

}  // namespace

std::string Operator::name() const {
  if (code == format::BuiltinOperator::CUSTOM) return custom_code.empty() ? "CUSTOM" : custom_code;
  const std::string name = format::EnumNameBuiltinOperator(code);
  return name.empty() ? "operator code " + std::to_string(int64_t(code)) : name;
}

std::string place_of(const Subgraph& subgraph, const Operator& op) {
  std::string place = subgraph.index == 0 ? "" : "subgraph " + number(subgraph.index) + " ";
  place += "operator " + number(op.index) + " " + op.name();
  if (!op.outputs.empty()) place += " \"" + subgraph.tensors[size_t(op.outputs[0])].name + "\"";
  return place;
}

Model read_model(std::span<const uint8_t> bytes, const std::string& place,
                 Diagnostics& diagnostics) {
  return Reader(bytes, place, diagnostics).read();
}

}  // namespace mote::tflite
