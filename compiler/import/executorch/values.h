// SPDX-License-Identifier: Apache-2.0
// What a program's tensors hold while its calls go by. A tensor of the file is a place in a planned
// memory, which others may have before and after it, whole or in part; a view may be left out, and
// is then a tensor that nothing writes, at the place of one that something wrote. Here each value
// that is written has a name of its own. In: reads and writes in the order of the calls. Out:
// names, constants, and the calls that reorder a value's dimensions, in a pytorch::Program. Private
// to this folder.
#pragma once
#include <map>
#include <set>

#include "compiler/import/executorch/orders.h"
#include "compiler/import/pytorch/program.h"

namespace mote::executorch {

class Values {
 public:
  // `constant_bytes`: what the constants that are read may take together.
  Values(const Method& method, pytorch::Program& program, int64_t constant_bytes)
      : method_(method),
        program_(program),
        bytes_left_(constant_bytes),
        was_written_(method.arguments.size(), false) {}

  // The tensor's value, its dimensions in this order. Fails where nothing wrote it, or something
  // else is written over it; `place` is who reads.
  std::string read(int32_t tensor, const Order& order, const std::string& place);
  // A new value, its dimensions in this order. The name may get a number. "" for a tensor without
  // elements, which nothing can read.
  std::string write(int32_t tensor, const std::string& name, const Order& order,
                    const std::string& place);
  // Other bytes lie there from now on.
  void spoil(int32_t tensor);
  // Constants that were read and lie channels last.
  const std::vector<std::string>& channels_last_constants() const { return channels_last_; }

 private:
  struct Value {
    int32_t tensor;                      // whose sizes and type it has
    std::map<Order, std::string> names;  // by the order of the dimensions
    std::map<int32_t, size_t> views;     // as other tensors that were left out
  };
  struct Place {  // bytes of a memory
    int64_t memory;
    int64_t begin;
    bool operator<(const Place& other) const {
      return memory != other.memory ? memory < other.memory : begin < other.begin;
    }
  };
  struct Written {
    int64_t end;
    size_t value;
  };

  const Tensor& tensor_of(int32_t index) const { return method_.arguments[size_t(index)].tensor; }
  std::string describe(int32_t tensor) const;
  Place place_of(int32_t tensor) const;
  ElementType type_of(int32_t tensor, const std::string& place) const;
  std::string unique(const std::string& wanted);

  size_t constant(int32_t tensor, const std::string& place);
  size_t written(int32_t tensor, const std::string& place) const;
  size_t view(size_t value, int32_t tensor, const std::string& place);
  std::string ordered(size_t value, const Order& order, const std::string& place);
  void add_call(const char* target, const std::string& from, const std::vector<int64_t>& list,
                const std::string& to, const std::string& place);

  const Method& method_;
  pytorch::Program& program_;
  int64_t bytes_left_;
  std::vector<Value> values_;
  std::map<Place, Written> memory_;
  std::map<int32_t, size_t> constants_;
  std::vector<bool> was_written_;
  std::set<std::string> names_;
  std::vector<std::string> channels_last_;
};

}  // namespace mote::executorch
