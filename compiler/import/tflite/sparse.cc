// SPDX-License-Identifier: Apache-2.0
// See sparse.h.
#include "compiler/import/tflite/sparse.h"

#include <cstring>

#include "compiler/import/tflite/constants.h"

namespace mote::tflite {
namespace {

// One level of the traversal.
struct Level {
  int32_t dimension = 0;  // of the shape, or the shape's rank + the number of a block dimension
  bool dense = true;
  int64_t size = 0;
  std::vector<int64_t> segments, indices;  // of compressed rows
};

class Densifier {
 public:
  Densifier(const Tensor& tensor, const std::string& place, int64_t element_bytes)
      : tensor_(tensor), place_(place), element_bytes_(element_bytes) {}

  Bytes run() {
    const auto elements = element_count(tensor_.shape);
    out_.resize(size_t(elements * element_bytes_));
    n_values_ = int64_t(tensor_.data.size()) / element_bytes_;
    steps_left_ = 16 * (elements + n_values_ + 64);
    read_levels();
    index_.resize(levels_.size());
    visit(0, 0);
    if (next_ != n_values_) refuse("it holds more numbers than its description places");
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    fail("wrong-sparsity", place_, "sparse constant \"" + tensor_.name + "\": " + why,
         "the file is damaged; convert the model again");
  }

  template <class Vector>
  static std::vector<int64_t> list(const Vector* vector) {
    std::vector<int64_t> out;
    if (vector && vector->values())
      for (auto v : *vector->values()) out.push_back(int64_t(v));
    return out;
  }
  static std::vector<int64_t> segments_of(const format::DimensionMetadata& d) {
    using V = format::SparseIndexVector;
    switch (d.array_segments_type()) {
      case V::Int32Vector:
        return list(d.array_segments_as_Int32Vector());
      case V::Uint16Vector:
        return list(d.array_segments_as_Uint16Vector());
      case V::Uint8Vector:
        return list(d.array_segments_as_Uint8Vector());
      default:
        return {};
    }
  }
  static std::vector<int64_t> indices_of(const format::DimensionMetadata& d) {
    using V = format::SparseIndexVector;
    switch (d.array_indices_type()) {
      case V::Int32Vector:
        return list(d.array_indices_as_Int32Vector());
      case V::Uint16Vector:
        return list(d.array_indices_as_Uint16Vector());
      case V::Uint8Vector:
        return list(d.array_indices_as_Uint8Vector());
      default:
        return {};
    }
  }

  void read_levels() {
    const auto* order = tensor_.sparsity->traversal_order();
    const auto* metadata = tensor_.sparsity->dim_metadata();
    const auto* block_map = tensor_.sparsity->block_map();
    const size_t rank = tensor_.shape.size();
    const size_t blocks = block_map ? block_map->size() : 0;
    if (!order || !metadata || order->size() != rank + blocks || metadata->size() != order->size())
      refuse("its traversal does not fit its " + std::to_string(rank) + " dimensions");
    std::vector<bool> seen(rank + blocks);
    for (uint32_t i = 0; i < order->size(); ++i) {
      Level level;
      level.dimension = order->Get(i);
      if (level.dimension < 0 || size_t(level.dimension) >= seen.size() ||
          seen[size_t(level.dimension)])
        refuse("its traversal is no permutation");
      seen[size_t(level.dimension)] = true;
      const format::DimensionMetadata& d = *metadata->Get(i);
      level.dense = d.format() == format::DimensionType::DENSE;
      level.size = d.dense_size();
      if (!level.dense) level.segments = segments_of(d), level.indices = indices_of(d);
      levels_.push_back(std::move(level));
    }
    check_sizes(rank, blocks);
  }

  // Block k divides dimension block_map[k]; a dense level runs over all of its dimension.
  void check_sizes(size_t rank, size_t blocks) {
    sizes_.assign(tensor_.shape.begin(), tensor_.shape.end());
    sizes_.resize(rank + blocks);
    for (size_t k = 0; k < blocks; ++k) {
      const int32_t divided = tensor_.sparsity->block_map()->Get(uint32_t(k));
      if (divided < 0 || size_t(divided) >= rank) refuse("a block divides no dimension");
      int64_t size = 0;
      for (const Level& level : levels_)
        if (size_t(level.dimension) == rank + k && level.dense) size = level.size;
      if (size < 1 || sizes_[size_t(divided)] % size != 0)
        refuse("a block does not divide its dimension");
      sizes_[rank + k] = size;
      sizes_[size_t(divided)] /= size;
      divided_.push_back(divided);
    }
    for (const Level& level : levels_)
      if (level.dense && level.size != sizes_[size_t(level.dimension)])
        refuse("a dense dimension has another size than the shape");
  }

  // At most 16 levels deep: a shape has at most 8 dimensions, and the file says all levels.
  void visit(size_t depth, int64_t position) {
    if (--steps_left_ < 0) refuse("it visits more places than it has");
    if (depth == levels_.size()) return place_value();
    const Level& level = levels_[depth];
    int64_t& at = index_[depth];
    if (level.dense) {
      for (at = 0; at < level.size; ++at) visit(depth + 1, position * level.size + at);
      return;
    }
    if (position + 1 >= int64_t(level.segments.size())) refuse("a row has no segment");
    const int64_t begin = level.segments[size_t(position)];
    const int64_t end = level.segments[size_t(position) + 1];
    if (begin < 0 || end > int64_t(level.indices.size()))
      refuse("a segment lies outside its indices");
    for (int64_t i = begin; i < end; ++i) {
      at = level.indices[size_t(i)];
      if (at < 0 || at >= sizes_[size_t(level.dimension)])
        refuse("an index lies outside the shape");
      visit(depth + 1, i);
    }
  }

  void place_value() {
    const size_t rank = tensor_.shape.size();
    std::vector<int64_t> coordinate(sizes_.size());
    for (size_t i = 0; i < levels_.size(); ++i)
      coordinate[size_t(levels_[i].dimension)] = index_[i];
    for (size_t k = 0; k < divided_.size(); ++k) {
      int64_t& whole = coordinate[size_t(divided_[k])];
      whole = whole * sizes_[rank + k] + coordinate[rank + k];
    }
    int64_t offset = 0;
    for (size_t d = 0; d < rank; ++d) offset = offset * tensor_.shape[d] + coordinate[d];
    if (next_ >= n_values_) refuse("it holds fewer numbers than its description places");
    std::memcpy(out_.data() + offset * element_bytes_,
                tensor_.data.data() + next_++ * element_bytes_, size_t(element_bytes_));
  }

  const Tensor& tensor_;
  const std::string& place_;
  const int64_t element_bytes_;
  Bytes out_;
  std::vector<Level> levels_;
  std::vector<int64_t> sizes_;  // of the shape's dimensions in blocks, then of the blocks
  std::vector<int32_t> divided_;
  std::vector<int64_t> index_;
  int64_t n_values_ = 0;
  int64_t next_ = 0;
  int64_t steps_left_ = 0;
};

}  // namespace

ValueId import_sparse(Assembly& assembly, const Tensor& tensor, const std::string& place) {
  using T = format::TensorType;
  const bool half = tensor.type == T::FLOAT16;
  ElementType type = ElementType::f32;
  if (!half && !element_type(tensor.type, type))
    fail("wrong-type", place,
         std::string("sparse constants of type ") + format::EnumNameTensorType(tensor.type) +
             " are not taken",
         "mote takes float32, float16 and integers of 8 to 64 bits");
  // The zeros that are not written are the number zero: weights are symmetric where they are
  // sparse.
  if (tensor.quantization.zero_point() != 0)
    fail("wrong-sparsity", place, "sparse constant \"" + tensor.name + "\" has a zero point");
  constexpr int64_t kMostBytes = int64_t(64) << 20;
  const int64_t bytes = half ? 2 : element_bytes(type);
  if (element_count(tensor.shape) * bytes > kMostBytes)
    fail("too-large", place, "sparse constant \"" + tensor.name + "\" is larger than 64 MB");
  if (tensor.sparsity->traversal_order() && tensor.sparsity->traversal_order()->size() > 16)
    fail("wrong-sparsity", place, "sparse constant \"" + tensor.name + "\" has too many levels");
  Tensor dense = tensor;
  const Bytes data = Densifier(tensor, place, bytes).run();
  dense.data = data;
  dense.sparsity = nullptr;
  return import_constant(assembly, dense, place);
}

}  // namespace mote::tflite
