// SPDX-License-Identifier: Apache-2.0
// A kernel with everything it needs, as a value: header, function, parameters, arguments. The
// evaluator invokes it; compiler/emit prints it. A kernel is a free function
//   void|bool kernel(const Params&, A* a, B* b, ...)
// whose pointers are, in order, the arguments below. A kernel that returns bool is a gate: false
// means "no output this time" (a framer between hops, a decimator), and nothing that depends on it
// runs. Params is a plain struct with a `for_each_field(const Params&, Visitor&)` that names its
// fields in order.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/element_type.h"
#include "graph/access_order.h"
#include "graph/diagnostics.h"

namespace mote {

// A field of a Params struct: its name and its value as a C++ literal ("-128", "0x1.8p+0f", "{1,
// 2}").
struct KernelField {
  std::string name;
  std::string literal;
};

// A table that lowering made (multipliers, twiddle factors): constant data in flash.
struct KernelConstant {
  std::string name;  // "multipliers": what it is, for the label in the emitted code
  ElementType type = ElementType::s32;
  std::vector<uint8_t> data;
};

struct KernelArgument {
  enum class Kind : uint8_t { input, output, state, constant, scratch, null };
  Kind kind;
  int32_t index = 0;      // of the node's inputs / outputs / states, or of `constants`
  bool as_bytes = false;  // of an input: the kernel reads bytes, whatever the elements are
};

using KernelInvoke = bool (*)(const void* params, void* const* arguments);

struct Kernel {
  const char* function;  // without the namespace
  KernelInvoke invoke;
  int32_t arity;  // pointer arguments after Params
  bool gates;     // returns bool
};

struct KernelCall {
  std::string header;  // "ops/nn/conv_2d/conv_2d.h"
  Kernel kernel{};
  std::optional<Kernel> smaller;  // does the same in more instructions and fewer bytes of code
  std::string params_type;
  std::shared_ptr<const void> params;
  std::vector<KernelField> fields;
  std::vector<KernelArgument> arguments;
  std::vector<KernelConstant> constants;
  int64_t scratch_bytes = 0;  // 8-byte aligned work space, undefined before and after
  // Of inputs that output 0 may overlap; it lies apart from all others.
  std::vector<AccessOrder> orders;
  // Of inputs that the scratch may overlap: what a step writes lies in the scratch.
  std::vector<AccessOrder> scratch_orders;

  KernelCall& input(int32_t i) { return add(KernelArgument::Kind::input, i); }
  // The same for a kernel that takes `const uint8_t*` and moves elements of any type.
  KernelCall& input_bytes(int32_t i) {
    input(i);
    arguments.back().as_bytes = true;
    return *this;
  }
  KernelCall& output(int32_t i = 0) { return add(KernelArgument::Kind::output, i); }
  KernelCall& state(int32_t i = 0) { return add(KernelArgument::Kind::state, i); }
  KernelCall& null() { return add(KernelArgument::Kind::null, 0); }
  KernelCall& scratch(int64_t bytes) {
    scratch_bytes = bytes;
    return add(KernelArgument::Kind::scratch, 0);
  }
  KernelCall& order(AccessOrder of_input) {
    orders.push_back(std::move(of_input));
    return *this;
  }
  KernelCall& scratch_order(AccessOrder of_input) {
    scratch_orders.push_back(std::move(of_input));
    return *this;
  }
  template <class T>
  KernelCall& constant(std::string name, ElementType type, const std::vector<T>& data) {
    std::vector<uint8_t> bytes(data.size() * sizeof(T));
    if (!bytes.empty()) std::memcpy(bytes.data(), data.data(), bytes.size());
    constants.push_back({std::move(name), type, std::move(bytes)});
    return add(KernelArgument::Kind::constant, int32_t(constants.size()) - 1);
  }

 private:
  KernelCall& add(KernelArgument::Kind kind, int32_t index) {
    arguments.push_back({kind, index, false});
    return *this;
  }
};

namespace kernel_detail {

template <class F>
struct Traits;
template <class R, class P, class... A>
struct Traits<R (*)(const P&, A*...)> {
  using Result = R;
  using Params = P;
  static constexpr int32_t arity = sizeof...(A);
  template <auto F, size_t... I>
  static bool call(const void* params, void* const* a, std::index_sequence<I...>) {
    if constexpr (std::is_void_v<R>) {
      F(*static_cast<const P*>(params), static_cast<A*>(a[I])...);
      return true;
    } else {
      return F(*static_cast<const P*>(params), static_cast<A*>(a[I])...);
    }
  }
};

template <auto F>
bool invoke(const void* params, void* const* arguments) {
  using T = Traits<decltype(F)>;
  return T::template call<F>(params, arguments, std::make_index_sequence<T::arity>());
}

std::string literal(bool value);
std::string literal(int64_t value);
std::string literal(float value);
template <class T>
std::string any_literal(const T& value) {
  if constexpr (std::is_array_v<T>) {
    std::string text = "{";
    for (const auto& element : value) text += (text.size() > 1 ? ", " : "") + any_literal(element);
    return text + "}";
  } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, float>) {
    return literal(value);
  } else {
    static_assert(std::is_integral_v<T>);
    return literal(int64_t(value));
  }
}

// Collects the fields and holds their order to the struct's: emitted aggregates have no designators
// (C++17).
struct FieldCollector {
  std::vector<KernelField>& fields;
  const char* last = nullptr;
  template <class T>
  void operator()(const char* name, const T& value) {
    const char* address = reinterpret_cast<const char*>(&value);
    MOTE_ASSERT(last == nullptr || address > last);
    last = address;
    fields.push_back({name, any_literal(value)});
  }
};

}  // namespace kernel_detail

// KernelCall for `kernel` (written MOTE_KERNEL(fully_connected_s8)) with `params`; arguments follow
// by .input(0)...
template <class Params>
KernelCall make_kernel_call(std::string header, Kernel kernel, std::string params_type,
                            const Params& params) {
  static_assert(std::is_trivially_copyable_v<Params>);
  KernelCall call;
  call.header = std::move(header);
  call.kernel = kernel;
  call.params_type = std::move(params_type);
  call.params = std::make_shared<const Params>(params);
  kernel_detail::FieldCollector collector{call.fields};
  for_each_field(*static_cast<const Params*>(call.params.get()), collector);
  return call;
}

}  // namespace mote

// Variadic for templates of several types: MOTE_KERNEL(cast_each<float, int8_t>).
#define MOTE_KERNEL(...)                                                                \
  ::mote::Kernel {                                                                       \
    #__VA_ARGS__, &::mote::kernel_detail::invoke < &__VA_ARGS__ >,                       \
        ::mote::kernel_detail::Traits < decltype(&__VA_ARGS__) > ::arity,                \
        !std::is_void_v < ::mote::kernel_detail::Traits < decltype(&__VA_ARGS__) > ::Result > \
  }
