// SPDX-License-Identifier: Apache-2.0
// What moves numbers in other people's formats, as chains of our few operators. Shared by the
// importers. In: values of the graph being assembled. Out: a value; the one that came in where
// nothing would move, a view where nothing has to be copied.
#pragma once
#include "compiler/import/assembly.h"

namespace mote {

class Movement {
 public:
  using List = std::vector<int64_t>;

  // Nodes are named after `name`.
  Movement(Assembly& assembly, std::string name) : assembly_(assembly), name_(std::move(name)) {}

  ValueId reshape(ValueId x, const List& shape);
  ValueId transpose(ValueId x, const List& perm);
  ValueId slice(ValueId x, const List& begin, const List& size, const List& step);
  ValueId slice_axis(ValueId x, size_t axis, int64_t begin, int64_t size);
  ValueId reverse(ValueId x, const std::vector<size_t>& axes);
  ValueId pad(ValueId x, const List& before, const List& after, const std::string& mode,
              double value);
  ValueId broadcast_to(ValueId x, const List& shape);
  // Any number of inputs.
  ValueId concatenate(std::vector<ValueId> inputs, int64_t axis);
  // Along a new dimension.
  ValueId stack(const std::vector<ValueId>& inputs, size_t axis);
  // `x` cut along `axis` into parts of these sizes.
  std::vector<ValueId> split(ValueId x, size_t axis, const List& sizes);
  // As s32: constants at once, computed ones by a cast.
  ValueId indices(ValueId x);

  // Images [n, h, w, c]. Blocks of b x b numbers become channels, row by row, and back.
  ValueId space_to_depth(ValueId x, int64_t block);
  ValueId depth_to_space(ValueId x, int64_t block);
  // The same of images [n, c, h, w]; depth_to_space with the block's number as the slower part of
  // the channel (ONNX: DCR) or, channels_first, as the faster one (CRD).
  ValueId space_to_depth_nchw(ValueId x, int64_t block);
  ValueId depth_to_space_nchw(ValueId x, int64_t block, bool channels_first);
  // [n, spatial..., rest...]: `block` numbers of each spatial dimension become batches, and back;
  // before and after are padded with the real 0, or cut.
  ValueId space_to_batch(ValueId x, const List& block, const List& before, const List& after);
  ValueId batch_to_space(ValueId x, const List& block, const List& before, const List& after);

 private:
  const Shape& shape(ValueId x) const { return assembly_.graph().value(x).shape; }
  List dims(ValueId x) const { return {shape(x).begin(), shape(x).end()}; }
  ValueId add(const OpDef& op, const std::vector<ValueId>& inputs, const Attributes& attributes) {
    return assembly_.add(op, name_, inputs, attributes);
  }
  // Refuses sizes that no tensor has before anything is computed with them.
  [[noreturn]] void refuse(const std::string& message) const;
  void expect_image(ValueId x, int64_t block) const;
  void expect_blocks(ValueId x, const List& block, const List& before, const List& after) const;

  Assembly& assembly_;
  std::string name_;
};

}  // namespace mote
