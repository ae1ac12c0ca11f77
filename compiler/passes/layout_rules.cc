// SPDX-License-Identifier: Apache-2.0
// See layout_rules.h.
#include "compiler/passes/layout_rules.h"

#include <algorithm>
#include <numeric>

#include "ops/registry.h"

namespace mote {
namespace {

using enum LayoutKind;

// In the order of ops.def.
const LayoutRow kRows[] = {
    {&auto_scale_op},
    {&delay_op},
    {&energy_op},
    {&filter_bank_op},
    {&filter_bank_log_op},
    {&filter_bank_sqrt_op},
    {&irfft_op},
    {&overlap_add_op},
    {&overlap_frames_op},
    {&pcan_op},
    {&rfft_op},
    {&spectral_subtraction_op},
    {&stacker_op},
    {&window_op},
    {&cmvn_op},
    {&dct_op},
    {&decimate_op},
    {&flatten_op},
    {&framer_op},
    {&iir_op},
    {&log_filterbank_op},
    {&rectify_op},
    {&relative_level_op},
    {&resample_op},
    {&scale_op},
    {&select_op},
    {&sliding_window_op},
    {&spectral_op},
    {&to_float_op},
    {&activation_op, each},
    {&add_op, each},
    {&add_n_op, each},
    {&arg_extreme_op, reduction, {"axis"}},
    {&atan2_op, each},
    {&average_pool_2d_op},
    {&batch_matmul_op, product},
    {&bitwise_and_op, each},
    {&bitwise_not_op, each},
    {&bitwise_or_op, each},
    {&bitwise_xor_op, each},
    {&broadcast_to_op, lists, {"shape"}},
    {&cast_op, each},
    {&circular_buffer_op},
    {&concatenate_op, joined, {"axis"}},
    {&conv_2d_op},
    {&cumsum_op, along, {"axis"}},
    {&depthwise_conv_2d_op},
    {&dequantize_op, each},
    {&detection_postprocess_op},
    {&div_op, each},
    {&dynamic_slice_op},
    {&dynamic_update_slice_op},
    {&equal_op, each},
    {&floor_div_op, each},
    {&floor_mod_op, each},
    {&fully_connected_op, weights},
    {&gather_op},
    {&gather_elements_op, joined, {"axis"}},
    {&gather_nd_op},
    {&greater_op, each},
    {&greater_equal_op, each},
    {&gru_op},
    {&l2_normalization_op, along, {"axis"}},
    {&l2_pool_2d_op},
    {&less_op, each},
    {&less_equal_op, each},
    {&local_response_normalization_op, along, {"axis"}},
    {&log_softmax_op, last},
    {&logical_and_op, each},
    {&logical_not_op, each},
    {&logical_or_op, each},
    {&logical_xor_op, each},
    {&logistic_op, each},
    {&lookup_op, one},
    {&lstm_op},
    {&max_pool_2d_op},
    {&maximum_op, each},
    {&mean_op, reduction, {"axes"}},
    {&minimum_op, each},
    {&mul_op, each},
    {&normalize_op, together, {"axes"}},
    {&not_equal_op, each},
    {&one_hot_op},
    {&pad_op, lists, {"before", "after"}},
    {&pairwise_coupling_op},
    {&pow_op, each},
    {&prelu_op, each},
    {&quantize_op, each},
    {&read_variable_op},
    {&reduce_op, reduction, {"axes"}},
    {&remainder_op, each},
    {&reshape_op, relabel},
    {&resize_cubic_op, lists, {"size", "scales"}},
    {&resize_linear_op, lists, {"size", "scales"}},
    {&resize_nearest_op, lists, {"size", "scales"}},
    {&reverse_sequence_op, along, {"sequence_axis", "batch_axis"}},
    {&rnn_op},
    {&scatter_elements_op, joined, {"axis"}},
    {&scatter_nd_op},
    {&shift_left_op, each},
    {&shift_right_op, each},
    {&slice_op, lists, {"begin", "size", "step"}},
    {&softmax_op, last},
    {&squared_difference_op, each},
    {&squared_distance_op},
    {&standardize_op},
    {&sub_op, each},
    {&svdf_op},
    {&tanh_op, each},
    {&tile_op, lists, {"repeats"}},
    {&top_k_op, last},
    {&transpose_op, relabel},
    {&transpose_conv_op},
    {&tree_ensemble_op},
    {&trilu_op},
    {&unary_op, each},
    {&where_op, each},
    {&write_variable_op},
    {&decide_op},
    {&outlier_op},
    {&smooth_op},
};

Dimensions identity(size_t rank) {
  Dimensions perm(rank);
  std::iota(perm.begin(), perm.end(), 0);
  return perm;
}

Shape rearranged(const Shape& shape, const Dimensions& perm) {
  Shape result;
  for (int64_t d : perm) result.push_back(shape[size_t(d)]);
  return result;
}

int64_t place_in(const Dimensions& perm, int64_t dimension) {
  return std::find(perm.begin(), perm.end(), dimension) - perm.begin();
}

Attribute rearranged(const Attribute& attribute, const Dimensions& perm) {
  return std::visit(
      [&](const auto& list) -> Attribute {
        using List = std::decay_t<decltype(list)>;
        if constexpr (std::is_same_v<List, std::vector<int64_t>> ||
                      std::is_same_v<List, std::vector<double>>) {
          if (list.empty()) return list;
          List result;
          for (int64_t d : perm) result.push_back(list[size_t(d)]);
          return result;
        } else {
          return list;
        }
      },
      attribute);
}

}  // namespace

const LayoutRow* layout_row(const OpDef& op) {
  const auto row = std::find_if(std::begin(kRows), std::end(kRows),
                                [&](const LayoutRow& r) { return r.op == &op; });
  return row == std::end(kRows) ? nullptr : &*row;
}

LayoutRule::LayoutRule(const Graph& graph, const Node& node)
    : graph_(graph), node_(node), row_(layout_row(*node.op)) {
  kind_ = kind_of_node();
  flat_ = (kind_ == each || kind_ == one) && is_each_flat();
}

LayoutKind LayoutRule::kind_of_node() const {
  if (!row_) return fixed;
  // Scales of an axis would have to follow it.
  for (const auto* list : {&node_.inputs, &node_.outputs})
    for (ValueId id : *list)
      if (id >= 0 && graph_.value(id).kind != ValueKind::constant &&
          graph_.value(id).quantization.scales.size() > 1)
        return fixed;
  if (node_.inputs.empty() || node_.inputs[0] < 0) return fixed;
  if (row_->kind == weights && input(1).kind != ValueKind::constant) return fixed;
  if (row_->kind == each || row_->kind == one || row_->kind == joined)
    for (ValueId id : node_.inputs)
      if (id < 0 || graph_.value(id).quantization.scales.size() > 1) return fixed;
  if (row_->kind == product && (input(0).shape.size() < 2 || input(1).shape.size() < 2))
    return fixed;
  return row_->kind;
}

bool LayoutRule::is_each_flat() const {
  const int64_t elements = graph_.value(node_.outputs[0]).elements();
  for (size_t i = 0; i < node_.inputs.size(); ++i)
    if (follows(i) && input(i).elements() != elements && input(i).elements() != 1) return false;
  return true;
}

size_t LayoutRule::rank() const {
  const bool of_input = kind_ == reduction || kind_ == along || kind_ == together || kind_ == last;
  return (of_input ? input(0) : graph_.value(node_.outputs[0])).shape.size();
}

Shape LayoutRule::framed(const Value& value) const {
  Shape shape(rank() - std::min(rank(), value.shape.size()), 1);
  shape.insert(shape.end(), value.shape.begin(), value.shape.end());
  return shape;
}

// The lengths of reverse_sequence and tables lie as they are.
bool LayoutRule::follows(size_t i) const {
  return i == 0 || kind_ == each || kind_ == joined || kind_ == product;
}

Order LayoutRule::of_input(const Frame& frame, size_t i) const {
  const Value& x = input(i);
  const Order given = row_major(x.elements());
  if (frame.natural() || !follows(i)) return given;
  if (kind_ == product) {
    if (frame.perm[i] == 0) return given;
    Dimensions perm = identity(x.shape.size());
    std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
    return permuted(x.shape, perm);
  }
  if (kind_ == weights) {
    const int64_t row = input(1).shape[1];
    const Shape rows{int32_t(x.elements() / row), int32_t(row)};
    Order order = permuted(rows, {0});
    order.insert(order.end(), frame.order.begin(), frame.order.end());
    return *composed(row_major(x.elements()), order);  // with joined neighbours
  }
  if (flat_) return x.elements() == 1 ? given : frame.order;
  return permuted(framed(x), frame.perm);
}

Order LayoutRule::of_output(const Frame& frame, size_t i) const {
  const Value& y = graph_.value(node_.outputs[i]);
  if (frame.natural() || kind_ == product || kind_ == weights) return row_major(y.elements());
  if (flat_) return frame.order;
  return permuted(kind_ == reduction ? y.shape : framed(y), output_perm(frame.perm));
}

Dimensions LayoutRule::output_perm(const Dimensions& perm) const {
  if (kind_ != reduction || graph_.value(node_.outputs[0]).shape.size() == rank()) return perm;
  const std::vector<bool> goes = named();
  Dimensions left;
  for (int64_t d : perm)
    if (!goes[size_t(d)]) left.push_back(d - std::count(goes.begin(), goes.begin() + d, true));
  return left;
}

// Of each dimension of the frame, whether an attribute names it.
std::vector<bool> LayoutRule::named() const {
  const auto count = int64_t(rank());
  std::vector<bool> found(rank(), false);
  for (const char* name : row_->attributes) {
    const Attribute& attribute = node_.attributes.at(name);
    if (const auto* one = std::get_if<int64_t>(&attribute))
      found[size_t(*one < 0 ? *one + count : *one)] = true;
    if (const auto* list = std::get_if<Dimensions>(&attribute)) {
      for (int64_t d : *list) found[size_t(d < 0 ? d + count : d)] = true;
      if (list->empty()) found.assign(rank(), true);
    }
  }
  return found;
}

std::optional<Frame> LayoutRule::from_input(const Order& order, size_t i, const Frame& now) const {
  if (!movable() || !follows(i)) return std::nullopt;
  const Value& x = input(i);
  const bool given = order == row_major(x.elements());
  if (kind_ == product) {
    Frame frame = now;
    if (frame.perm.empty()) frame.perm = {0, 0};
    if (input(1 - i).kind == ValueKind::constant) frame.perm[1 - i] = 0;
    frame.perm[i] = given ? 0 : 1;
    if (of_input(frame, i) != order) return std::nullopt;
    return frame.perm == Dimensions{0, 0} ? Frame{} : frame;
  }
  if (kind_ == weights) {
    const int64_t row = input(1).shape[1];
    if (given || x.shape.back() != row) return given ? std::optional(Frame{}) : std::nullopt;
    const Shape rows{int32_t(x.elements() / row), int32_t(row)};
    if (rows[0] > 1 && x.type == ElementType::f32) return std::nullopt;
    Frame frame{order, {}};
    if (rows[0] > 1) {
      // What lies within a row, if the rows follow each other.
      frame.order.clear();
      int64_t inner = 1;
      for (size_t d = order.size(); d-- > 0 && inner < row; inner *= order[d].size) {
        const int64_t size = std::min(order[d].size, row / inner);
        if (order[d].stride * size > row) return std::nullopt;
        frame.order.insert(frame.order.begin(), {size, order[d].stride});
      }
    }
    if (of_input(frame, 0) != order) return std::nullopt;
    return frame;
  }
  if (flat_) {
    if (x.elements() == 1) return std::nullopt;
    return given ? Frame{} : Frame{order, {}};
  }
  const auto frame = checked(permutation_in(order, framed(x)));
  if (frame && of_input(*frame, i) != order) return std::nullopt;
  return frame;
}

std::optional<Frame> LayoutRule::from_output(const Order& order, size_t i) const {
  if (!movable() || kind_ == product || kind_ == weights) return std::nullopt;
  const Value& y = graph_.value(node_.outputs[i]);
  if (flat_) return order == row_major(y.elements()) ? Frame{} : Frame{order, {}};
  if (kind_ == reduction) return std::nullopt;  // where the others lie is its input's to say
  const auto frame = checked(permutation_in(order, framed(y)));
  if (frame && of_output(*frame, i) != order) return std::nullopt;
  return frame;
}

std::optional<Frame> LayoutRule::checked(const std::optional<Dimensions>& perm) const {
  if (!perm) return std::nullopt;
  Frame frame{{}, *perm};
  if (kind_ == last) {  // dimensions of 1 behind it go in front
    const int64_t depth = int64_t(rank()) - 1;
    while (frame.perm.back() != depth && framed(input(0))[size_t(frame.perm.back())] == 1)
      std::rotate(frame.perm.begin(), frame.perm.end() - 1, frame.perm.end());
    if (frame.perm.back() != depth) return std::nullopt;
  }
  if (frame.perm == identity(rank())) return Frame{};
  if (!keeps_order(frame.perm) || !is_taken(frame)) return std::nullopt;
  return frame;
}

// Sums over several dimensions, and blends along two, are made in their order.
bool LayoutRule::keeps_order(const Dimensions& perm) const {
  const std::vector<bool> watched = ordered();
  int64_t before = -1;
  for (int64_t d : perm) {
    if (!watched[size_t(d)]) continue;
    if (d < before) return false;
    before = d;
  }
  return true;
}

// The dimensions whose order counts.
std::vector<bool> LayoutRule::ordered() const {
  const Shape x = framed(input(0));
  std::vector<bool> watched(rank(), false);
  if (kind_ == reduction || kind_ == together) {
    watched = named();
    for (size_t d = 0; d < rank(); ++d) watched[d] = watched[d] && x[d] != 1;
  }
  if (node_.op == &resize_linear_op || node_.op == &resize_cubic_op) {
    const auto& scales = std::get<std::vector<double>>(node_.attributes.at("scales"));
    const Shape& y = graph_.value(node_.outputs[0]).shape;
    for (size_t d = 0; d < rank(); ++d)
      watched[d] = x[d] != y[d] || (d < scales.size() && scales[d] != 1);
  }
  return watched;
}

// The operator alone, asked.
bool LayoutRule::is_taken(const Frame& frame) const {
  Graph alone;
  Node node = node_;
  node.outputs.clear();
  node.states.clear();
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] < 0) continue;
    Value value = input(i);
    if (follows(i)) value.shape = stored_input(frame, i);
    alone.values.push_back(std::move(value));
    node.inputs[i] = ValueId(alone.values.size()) - 1;
  }
  node.attributes = attributes(frame);
  try {
    for (ValueType& type : node.op->infer(NodeView(alone, node)).outputs) {
      Value value;
      value.name = "output";
      value.type = type.type;
      value.shape = type.shape;
      value.quantization = type.quantization;
      value.clock = type.clock;
      alone.values.push_back(std::move(value));
      node.outputs.push_back(ValueId(alone.values.size()) - 1);
    }
    node.op->lower(NodeView(alone, node));
  } catch (const UserError&) {
    return false;
  }
  return true;
}

std::vector<Frame> LayoutRule::permutations() const {
  std::vector<Frame> frames;
  if (!movable() || flat_ || kind_ == product || kind_ == weights || rank() > 4) return frames;
  Dimensions perm = identity(rank());
  while (std::next_permutation(perm.begin(), perm.end()))
    if (const auto frame = checked(perm)) frames.push_back(*frame);
  return frames;
}

Shape LayoutRule::stored_input(const Frame& frame, size_t i) const {
  if (frame.perm.empty() || kind_ == product) {
    Shape shape = input(i).shape;
    if (!frame.natural() && kind_ == product && frame.perm[i] == 1)
      std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
    return shape;
  }
  return rearranged(framed(input(i)), frame.perm);
}

Frame LayoutRule::respelled(const Frame& frame, size_t i, const Shape& shape) const {
  if (kind_ == product || frame.perm.size() != shape.size()) return frame;
  const Shape x = framed(input(i));
  std::vector<bool> free(rank(), true);  // 1 in every tensor
  for (const auto* list : {&node_.inputs, &node_.outputs})
    for (size_t k = 0; k < list->size(); ++k) {
      if (list == &node_.inputs && ((*list)[k] < 0 || !follows(k))) continue;
      if (list == &node_.outputs && kind_ == reduction) continue;
      const Shape tensor = framed(graph_.value((*list)[k]));
      for (size_t d = 0; d < rank(); ++d) free[d] = free[d] && tensor[d] == 1;
    }
  Dimensions ones, others;
  for (int64_t d : frame.perm) (free[size_t(d)] ? ones : others).push_back(d);
  std::sort(ones.begin(), ones.end());
  Dimensions perm;
  size_t one = 0, other = 0;
  for (int32_t extent : shape) {
    if (other < others.size() && x[size_t(others[other])] == extent)
      perm.push_back(others[other++]);
    else if (extent == 1 && one < ones.size())
      perm.push_back(ones[one++]);
    else
      return frame;
  }
  const auto spelled = checked(perm);
  return spelled && !spelled->natural() && spelled->perm == perm ? *spelled : frame;
}

Attributes LayoutRule::attributes(const Frame& frame) const {
  Attributes all = node_.attributes;
  if (frame.natural() || flat_ || kind_ == weights) return all;
  if (kind_ == product) {
    for (size_t i = 0; i < 2; ++i)
      if (frame.perm[i] == 1) {
        int64_t& flag = std::get<int64_t>(all.at(i == 0 ? "adj_x" : "adj_y"));
        flag = 1 - flag;
      }
    return all;
  }
  const auto count = int64_t(rank());
  const auto moved = [&](int64_t d) { return place_in(frame.perm, d < 0 ? d + count : d); };
  for (const char* name : row_->attributes) {
    Attribute& attribute = all.at(name);
    if (kind_ == lists) {
      attribute = rearranged(attribute, frame.perm);
    } else if (auto* one = std::get_if<int64_t>(&attribute)) {
      *one = moved(*one);
    } else if (auto* list = std::get_if<Dimensions>(&attribute)) {
      for (int64_t& d : *list) d = moved(d);
      std::sort(list->begin(), list->end());
    }
  }
  return all;
}

}  // namespace mote
