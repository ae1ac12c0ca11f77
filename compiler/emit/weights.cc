// SPDX-License-Identifier: Apache-2.0
// Tables of numbers as C++ text. See weights.h.
#include "compiler/emit/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "compiler/emit/cpp.h"
#include "compiler/emit/names.h"
#include "compiler/plan/accesses.h"
#include "core/crc32.h"

namespace mote {
namespace {

template <class T>
T element(const uint8_t* data, int64_t i) {
  T value;
  std::memcpy(&value, data + size_t(i) * sizeof(T), sizeof(T));
  return value;
}

std::string number(ElementType type, const uint8_t* data, int64_t i) {
  using kernel_detail::literal;
  if (type == ElementType::f32) {
    const auto value = element<float>(data, i);
    if (std::isinf(value)) return value > 0 ? "__builtin_inff()" : "-__builtin_inff()";
    if (std::isnan(value)) return "__builtin_nanf(\"\")";
    return literal(value);
  }
  return with_element_type(
      type, [&](auto one) { return literal(int64_t(element<decltype(one)>(data, i))); });
}

class Tables {
 public:
  Tables(std::string prefix) : prefix_(std::move(prefix)) {
    files_.header =
        "// " + prefix_ + ": the constants of the model.\n#pragma once\n#include <stdint.h>\n\n";
    files_.source = "// " + prefix_ + ": the constants of the model.\n#include \"weights.h\"\n\n";
  }

  // The name of the table with these bytes, written on first sight. A table's name says who brought
  // it first.
  std::string add(const std::string& label, const std::string& comment, ElementType type,
                  const Bytes& data, int64_t reads) {
    const auto key = std::make_pair(type, data);
    const auto found = known_.find(key);
    if (found != known_.end()) {
      table(found->second).reads += reads * int64_t(data.size());
      return found->second;
    }
    const std::string name = fmt::format("{}_{}", prefix_, identifier(label));
    known_[key] = name;
    const auto count = int64_t(data.size()) / element_bytes(type);
    files_.header +=
        fmt::format("extern const {} {}[{}];\n", c_type(type), name, std::max<int64_t>(count, 1));
    // Whole words at least; clang refuses less than a type's own alignment.
    files_.source += fmt::format("// {}, {} bytes, crc {:08x}\nalignas({}) const {} {}[{}] = {{",
                                 comment, data.size(), crc32(0, data.data(), data.size()),
                                 std::max<int64_t>(4, element_bytes(type)), c_type(type), name,
                                 std::max<int64_t>(count, 1));
    std::string line = "\n   ";
    for (int64_t i = 0; i < count; ++i) {
      const std::string text = " " + number(type, data.data(), i) + (i + 1 < count ? "," : "");
      if (line.size() + text.size() > 100) files_.source += line, line = "\n   ";
      line += text;
    }
    files_.source += line + "};\n\n";
    files_.tables.push_back({name, int64_t(data.size()), reads * int64_t(data.size())});
    return name;
  }

  WeightFiles take() { return std::move(files_); }

 private:
  WeightTable& table(const std::string& name) {
    return *std::find_if(files_.tables.begin(), files_.tables.end(),
                         [&](const WeightTable& t) { return t.name == name; });
  }

  std::string prefix_;
  WeightFiles files_;
  std::map<std::pair<ElementType, Bytes>, std::string> known_;
};

std::string describe(const Value& value) {
  std::string text = fmt::format("{} {}[{}]", commented(value.name), to_string(value.type),
                                 fmt::join(value.shape, ", "));
  if (value.quantization.scales.size() == 1)
    text += fmt::format(", scale {}", value.quantization.scale());
  if (value.quantization.scales.size() > 1) text += ", one scale a channel";
  return text;
}

}  // namespace

WeightFiles emit_weights(const Plan& plan, const std::string& prefix) {
  Tables tables(prefix);
  WeightNames names;
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    const Layer& layer = plan.layers[i];
    const Node& node = plan.graph.nodes[size_t(layer.node)];
    const int64_t reads = reads_of_tables(plan.graph, layer);
    for (const KernelArgument& argument : layer.call.arguments) {
      if (argument.kind == KernelArgument::Kind::constant) {
        const KernelConstant& c = layer.call.constants.at(size_t(argument.index));
        names.constants[{int32_t(i), argument.index}] =
            tables.add(fmt::format("layer_{:02}_{}", i, c.name),
                       fmt::format("layer {} {}", i, c.name), c.type, c.data, reads);
      }
      if (argument.kind != KernelArgument::Kind::input) continue;
      const ValueId id = node.inputs.at(size_t(argument.index));
      const Value& value = plan.graph.value(id);
      if (value.kind == ValueKind::constant)
        names.values[id] = tables.add(value.name, describe(value), value.type, *value.data, reads);
    }
  }
  for (ValueId id : plan.resident) {
    const Value& value = plan.graph.value(id);
    if (value.data)
      names.values[id] =
          tables.add(value.name + "_initial", describe(value), value.type, *value.data, 0);
  }
  WeightFiles files = tables.take();
  files.names = std::move(names);
  return files;
}

}  // namespace mote
