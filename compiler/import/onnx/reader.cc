// SPDX-License-Identifier: Apache-2.0
// See reader.h.
#include "compiler/import/onnx/reader.h"

#include <climits>
#include <cstring>
#include <string_view>

#include "compiler/import/float16.h"

namespace mote::onnx {
namespace {

constexpr int64_t kOldestOpset = 1;  // most operators are taken from opset 7 on: ImportRule
constexpr int64_t kNewestOpset = 27;
constexpr size_t kMostDimensions = 8;
constexpr int32_t kFloat16 = 10;

constexpr const char* kTypeNames[] = {
    "undefined",      "float32",  "uint8",        "int8",           "uint16",
    "int16",          "int32",    "int64",        "string",         "bool",
    "float16",        "float64",  "uint32",       "uint64",         "complex64",
    "complex128",     "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2",
    "float8e5m2fnuz", "uint4",    "int4",         "float4e2m1",     "float8e8m0"};

// Messages of a hostile file cost up to a hundred times their bytes once they are parsed. Counts
// the tagged fields on every level that could be messages, before anything is made of them.
class FieldCount {
 public:
  static constexpr int kDeepest = 64;  // messages in messages
  // In a file of honest fields there are several bytes to each.
  explicit FieldCount(std::span<const uint8_t> bytes)
      : bytes_(bytes), most_(std::max<int64_t>(400000, int64_t(bytes.size()) / 3)) {}

  // False where there are too many.
  bool within() {
    count(0, bytes_.size(), kModel);
    return fields_ <= most_;
  }

 private:
  bool varint(size_t& at, size_t end, uint64_t& value) const {
    value = 0;
    for (int shift = 0; at < end && shift < 64; shift += 7) {
      const uint8_t byte = bytes_[at++];
      value |= uint64_t(byte & 127) << shift;
      if (byte < 128) return true;
    }
    return false;
  }

  enum Level { kModel, kGraph, kNode, kAttribute, kFunction, kFlat, kPayload };

  // Which fields of which message hold messages: path model > graph > node > attribute > graph ...
  // Payloads (raw_data, packed numbers, strings) are skipped.
  static Level next(Level level, uint64_t field) {
    if (level == kModel) {
      if (field == 7) return kGraph;
      return field == 25 ? kFunction : field == 8 ? kFlat : kPayload;
    }
    if (level == kGraph) {
      if (field == 1) return kNode;
      return field == 5 || (field >= 11 && field <= 15) ? kFlat : kPayload;
    }
    if (level == kFunction) {
      if (field == 7) return kNode;
      return field == 11 ? kAttribute : field == 9 ? kFlat : kPayload;
    }
    if (level == kNode) return field == 5 ? kAttribute : kPayload;
    if (level == kAttribute) return field == 6 ? kGraph : field == 5 ? kFlat : kPayload;
    return kPayload;
  }

  void count(size_t at, size_t end, Level level) {
    if (depth_ >= kDeepest) fields_ = most_ + 1;
    ++depth_;
    count_fields(at, end, level);
    --depth_;
  }

  void count_fields(size_t at, size_t end, Level level) {
    while (at < end && fields_ <= most_) {
      uint64_t tag = 0, length = 0;
      if (!varint(at, end, tag)) return;
      ++fields_;
      switch (tag & 7) {
        case 0:
          if (!varint(at, end, length)) return;
          break;
        case 1:
          at += 8;
          break;
        case 2: {
          if (!varint(at, end, length) || length > end - at) return;
          const Level inner = next(level, tag >> 3);
          if (inner != kPayload) count(at, at + size_t(length), inner);
          at += size_t(length);
          break;
        }
        case 5:
          at += 4;
          break;
        default:
          return;
      }
    }
  }

  std::span<const uint8_t> bytes_;
  int64_t most_;
  int64_t fields_ = 0;
  int depth_ = 0;
};

// Collects what is wrong with names, versions and the order of nodes.
class Check {
 public:
  Check(Model& model, const std::string& place, Diagnostics& diagnostics)
      : model_(model), place_(place), diagnostics_(diagnostics) {}

  void run() {
    check_versions();
    diagnostics_.stop_if_any();
    for (const auto& function : model_.proto->functions())
      model_.functions[{function.domain(), function.name()}] = &function;
    add_constants();
    add_inputs();
    for (const auto& info : model_.graph().value_info()) model_.infos[info.name()] = &info;
    for (const auto& info : model_.graph().output()) model_.infos[info.name()] = &info;
    find_producers();
    for (int32_t n = 0; n < model_.graph().node_size(); ++n) check_node(n);
    check_outputs();
    diagnostics_.stop_if_any();
  }

 private:
  void error(const char* code, const std::string& where, const std::string& message,
             const std::string& remedy = "export the model again") {
    if (++errors_ <= 100)
      diagnostics_.error(code, where.empty() ? place_ : place_ + ": " + where, message, remedy);
  }

  void check_versions() {
    const auto& proto = *model_.proto;
    if (proto.ir_version() < 3)
      error("wrong-version", "", "ir_version is " + std::to_string(proto.ir_version()));
    if (!proto.has_graph()) error("no-graph", "", "the file holds no graph");
    for (const auto& set : proto.opset_import())
      if (set.domain().empty() || set.domain() == "ai.onnx") model_.opset = set.version();
    const bool any = proto.opset_import_size() > 0;
    if ((any && model_.opset == 0) ||
        (model_.opset >= kOldestOpset && model_.opset <= kNewestOpset))
      return;
    error("wrong-opset", "",
          "it is of opset " + std::to_string(model_.opset) + ", mote takes " +
              std::to_string(kOldestOpset) + " to " + std::to_string(kNewestOpset),
          "convert it with onnx.version_converter");
  }

  void define(const std::string& name, const std::string& where) {
    if (!defined_.insert(name).second)
      error("duplicate-name", where, "two values are called \"" + name + "\"");
  }

  void add_constants() {
    for (const auto& tensor : model_.graph().initializer()) {
      const std::string where = "initializer \"" + tensor.name() + "\"";
      if (tensor.name().empty()) error("no-name", where, "an initializer has no name");
      define(tensor.name(), where);
      model_.constants[tensor.name()] = &tensor;
    }
    if (model_.graph().sparse_initializer_size() > 0)
      error("sparse-tensor", "", "its initializers are sparse", "export them as dense ones");
  }

  // Older files list initializers as inputs, too.
  void add_inputs() {
    for (const auto& info : model_.graph().input()) {
      model_.infos[info.name()] = &info;
      if (info.name().empty()) error("no-name", "", "an input has no name");
      if (!model_.constants.count(info.name())) define(info.name(), "input");
    }
  }

  void find_producers() {
    for (int32_t n = 0; n < model_.graph().node_size(); ++n)
      for (const auto& name : model_.graph().node(n).output())
        if (!name.empty()) producer_.emplace(name, n);
  }

  void check_node(int32_t n) {
    const auto& node = model_.graph().node(n);
    if (model_.opset == 0 && (node.domain().empty() || node.domain() == "ai.onnx"))
      error("wrong-opset", place_of(model_.graph(), n),
            "the file names no opset for this operator");
    for (const auto& name : node.input()) {
      if (name.empty()) continue;
      model_.used.insert(name);
      if (defined_.count(name)) continue;
      const auto producer = producer_.find(name);
      if (producer == producer_.end())
        error("undefined-name", place_of(model_.graph(), n),
              "nothing makes its input \"" + name + "\"");
      else
        error("wrong-order", place_of(model_.graph(), n),
              "its input \"" + name + "\" is made by itself or a later node, " +
                  place_of(model_.graph(), producer->second));
    }
    for (const auto& name : node.output())
      if (!name.empty()) define(name, place_of(model_.graph(), n));
    add_used_inside(node);
    std::set<std::string> attributes;
    for (const auto& attribute : node.attribute())
      if (!attributes.insert(attribute.name()).second)
        error("duplicate-name", place_of(model_.graph(), n),
              "it has two attributes \"" + attribute.name() + "\"");
  }

  // What the graphs in its attributes read may be values around them.
  void add_used_inside(const format::NodeProto& node) {
    for (const auto& attribute : node.attribute()) {
      for (const auto& inner : attribute.g().node()) {
        model_.used.insert(inner.input().begin(), inner.input().end());
        add_used_inside(inner);
      }
      for (const auto& output : attribute.g().output()) model_.used.insert(output.name());
    }
  }

  void check_outputs() {
    if (model_.graph().output_size() == 0) error("no-output", "", "the model has no output");
    for (const auto& info : model_.graph().output()) {
      model_.used.insert(info.name());
      if (!defined_.count(info.name()))
        error("undefined-name", "", "nothing makes the output \"" + info.name() + "\"");
    }
  }

  Model& model_;
  const std::string& place_;
  Diagnostics& diagnostics_;
  std::set<std::string> defined_;
  std::map<std::string, int32_t> producer_;
  int errors_ = 0;
};

template <class To, class List>
Bytes stored(const List& list) {
  Bytes out(size_t(list.size()) * sizeof(To));
  for (int i = 0; i < list.size(); ++i) {
    const To number = To(list.Get(i));
    std::memcpy(out.data() + size_t(i) * sizeof(To), &number, sizeof number);
  }
  return out;
}

// The numbers of a tensor that does not use raw_data.
Bytes typed_data(const format::TensorProto& tensor, ElementType type) {
  if (tensor.data_type() == kFloat16) return stored<uint16_t>(tensor.int32_data());
  return with_element_type(type, [&](auto element) {
    using T = decltype(element);
    if (type == ElementType::f32) return stored<T>(tensor.float_data());
    if (type == ElementType::s64) return stored<T>(tensor.int64_data());
    if (type == ElementType::u32 || type == ElementType::u64)
      return stored<T>(tensor.uint64_data());
    return stored<T>(tensor.int32_data());
  });
}

}  // namespace

std::string type_name(int32_t type) {
  if (type >= 0 && type < int32_t(std::size(kTypeNames))) return kTypeNames[type];
  return "type " + std::to_string(type);
}

bool element_type(int32_t type, ElementType& out) {
  constexpr std::pair<int32_t, ElementType> kTypes[] = {
      {1, ElementType::f32}, {2, ElementType::u8},      {3, ElementType::s8},
      {4, ElementType::u16}, {5, ElementType::s16},     {6, ElementType::s32},
      {7, ElementType::s64}, {9, ElementType::boolean}, {12, ElementType::u32},
      {13, ElementType::u64}};
  for (const auto& [theirs, ours] : kTypes)
    if (theirs == type) {
      out = ours;
      return true;
    }
  return false;
}

Model read_model(std::span<const uint8_t> bytes, const std::string& place,
                 Diagnostics& diagnostics) {
  if (!FieldCount(bytes).within())
    fail("too-large", place,
         "the file has too many fields for its size, or fields nested more than 64 deep",
         "mote is for microcontrollers; use a smaller model");
  Model model;
  model.proto = std::make_unique<format::ModelProto>();
  if (bytes.size() > INT_MAX || !model.proto->ParseFromArray(bytes.data(), int(bytes.size())))
    fail("damaged-file", place, "this is no .onnx file, or a damaged one",
         "check it with onnx.checker");
  Check(model, place, diagnostics).run();
  return model;
}

Tensor read_tensor(const format::TensorProto& tensor, const std::string& place) {
  const std::string what = "tensor \"" + tensor.name() + "\"";
  if (tensor.data_location() != 0)
    fail("external-data", place, what + " lies in another file",
         "save the model with its data inside: onnx.save_model(save_as_external_data=False)");
  Tensor out;
  const bool half = tensor.data_type() == kFloat16;
  if (!half && !element_type(tensor.data_type(), out.type))
    fail("wrong-type", place, what + " is of type " + type_name(tensor.data_type()),
         "mote takes float32, float16 constants, integers and bool");
  if (size_t(tensor.dims_size()) > kMostDimensions)
    fail("wrong-shape", place, what + " has more than 8 dimensions");
  int64_t count = 1;
  for (int64_t d : tensor.dims()) {
    if (d < 0 || d > INT32_MAX || (count *= d) > INT32_MAX)
      fail("wrong-shape", place, what + " has a dimension of " + std::to_string(d));
    out.shape.push_back(int32_t(d));
  }
  if (tensor.has_raw_data())
    out.data.assign(tensor.raw_data().begin(), tensor.raw_data().end());
  else
    out.data = typed_data(tensor, out.type);
  const int64_t expected = count * (half ? 2 : element_bytes(out.type));
  if (int64_t(out.data.size()) != expected)
    fail("wrong-data", place,
         what + " has " + std::to_string(out.data.size()) + " bytes of data, its shape asks for " +
             std::to_string(expected));
  if (half) out.data = floats_of_float16(out.data);
  if (out.type == ElementType::boolean)
    for (uint8_t& b : out.data) b = b != 0;
  return out;
}

namespace {

// Names may be as long as the file, and messages are many: nothing longer is copied.
std::string shortened(std::string_view name) {
  constexpr size_t kMostBytes = 200;
  const std::string text(name.substr(0, kMostBytes));
  return name.size() <= kMostBytes ? text : text + "...";
}

std::string_view name_of(const format::NodeProto& node) {
  if (!node.name().empty()) return node.name();
  return node.output_size() ? std::string_view(node.output(0)) : std::string_view();
}

}  // namespace

std::string place_of(const format::NodeProto& proto, int32_t node) {
  const std::string domain = proto.domain().empty() ? "" : shortened(proto.domain()) + ".";
  return "node " + std::to_string(node) + " " + domain + shortened(proto.op_type()) + " \"" +
         shortened(name_of(proto)) + "\"";
}

}  // namespace mote::onnx
