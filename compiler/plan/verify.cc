// SPDX-License-Identifier: Apache-2.0
// verify(plan): the layers in order, those of a loop step by step, on a model of the arena that
// remembers whose each byte is. Lifetimes, offsets and overlaps are not taken from the plan's
// reasoning, but from what is read and written. See plan.h.
#include <algorithm>

#include "compiler/plan/plan.h"

namespace mote {
namespace {

struct Range {
  int64_t begin = 0;
  int64_t end = 0;

  bool meets(const Range& other) const { return begin < other.end && other.begin < end; }
};

// Whose a byte is: a value's, or of a value in a window a row's.
using Owner = int64_t;
constexpr Owner kNobody = -1;

class Replay {
 public:
  explicit Replay(const Plan& plan) : plan_(plan), owner_(size_t(plan.arena_bytes), kNobody) {}

  void run() {
    if (plan_.has_input())
      for (const SamplePart& part : sample_parts(plan_.graph, plan_.graph.streams[0]))
        own(range(part.value), part.value);
    for (const Layer& layer : plan_.layers) {
      if (plan_.loop && layer.node == plan_.loop->first) run_loop();
      if (layer.has_kernel && !plan_.is_by_rows(layer.node)) run(layer);
    }
    for (ValueId out : plan_.graph.outputs)
      if (in_arena(out)) expect_own(range(out), location(out).storage);
    MOTE_ASSERT(plan_.arena_output < 0 || range(plan_.arena_output).begin == 0);
  }

 private:
  const Location& location(ValueId id) const { return plan_.locations[size_t(id)]; }
  bool in_arena(ValueId id) const {
    return id >= 0 && (location(id).region == Region::arena ||
                       (plan_.arena_output >= 0 && location(id).storage == plan_.arena_output));
  }

  Range range(ValueId id) const {
    const int64_t begin = location(id).offset;
    return checked({begin, begin + plan_.graph.value(id).bytes()},
                   element_bytes(plan_.graph.value(id).type));
  }

  Range inside(Range range) const {
    MOTE_ASSERT(range.begin >= 0 && range.end <= plan_.arena_bytes);
    MOTE_ASSERT(range.end <= plan_.near_arena_bytes || range.begin >= plan_.near_arena_bytes);
    return range;
  }
  Range checked(Range range, int64_t alignment) const {
    MOTE_ASSERT(range.begin % 4 == 0 && range.begin % alignment == 0);
    return inside(range);
  }

  void run(const Layer& layer) {
    MOTE_ASSERT(int32_t(layer.call.arguments.size()) == layer.call.kernel.arity);
    const Node& node = plan_.graph.nodes[size_t(layer.node)];
    std::vector<Range> outputs;
    for (ValueId out : node.outputs)
      if (in_arena(out)) outputs.push_back(range(out));
    const std::vector<Range> written = written_by(layer, outputs);
    const Range first = in_arena(node.outputs[0]) ? range(node.outputs[0]) : Range{};
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (!in_arena(node.inputs[i])) continue;
      const Range bytes = range(node.inputs[i]);
      expect_own(bytes, location(node.inputs[i]).storage);
      read(layer, int32_t(i), {bytes, first, written});
    }
    for (const Range& range : written) own(range, kNobody);
    for (ValueId out : node.outputs)
      if (in_arena(out)) own(range(out), location(out).storage);
  }

  // Its scratch and outputs, which lie apart.
  std::vector<Range> written_by(const Layer& layer, std::vector<Range> written) const {
    if (layer.call.scratch_bytes > 0)
      written.push_back(
          checked({layer.scratch_offset, layer.scratch_offset + layer.call.scratch_bytes}, 8));
    for (size_t a = 0; a < written.size(); ++a)
      for (size_t b = 0; b < a; ++b) MOTE_ASSERT(!written[a].meets(written[b]));
    return written;
  }

  void own(const Range& range, Owner owner) {
    std::fill(owner_.begin() + range.begin, owner_.begin() + range.end, owner);
  }

  void expect_own(const Range& range, Owner owner) const {
    MOTE_ASSERT(std::all_of(owner_.begin() + range.begin, owner_.begin() + range.end,
                            [&](Owner of) { return of == owner; }));
  }

  struct Read {
    Range bytes, out;  // out: of output 0
    const std::vector<Range>& written;
  };

  // What is read and written is output 0 or the scratch, in its order.
  void read(const Layer& layer, int32_t input, const Read& read) const {
    for (const Range& range : read.written)
      if (range.meets(read.bytes)) {
        const bool is_out = range.begin == read.out.begin && range.end == read.out.end;
        MOTE_ASSERT(is_out || range.begin == layer.scratch_offset);
        step_through(is_out ? layer.call.orders : layer.call.scratch_orders, input,
                     {read.bytes.begin, range.begin});
      }
  }

  // ---- layers by rows

  void run_loop() {
    const RowLoop& loop = *plan_.loop;
    for (int32_t step = loop.begin; step < loop.end; ++step) {
      for (const RowValue& v : loop.values)
        if (v.window.kept > 0) keep_rows(v);
      copy_rows(step);
      for (int32_t layer = loop.first; layer <= loop.last; ++layer) {
        if (loop.of_layer(layer).window.has_rows(step)) run_rows(layer, step);
        if (layer < loop.last) own_rows(loop.of_layer(layer), step);
      }
    }
  }

  Range fresh_range(const RowValue& v) const {
    return inside({v.fresh_offset(), v.fresh_offset() + v.window.fresh_bytes()});
  }
  // Rows above the image have numbers, too.
  Owner owner_of_row(const RowValue& v, int64_t row) const {
    return int64_t(plan_.graph.values.size()) + (int64_t(v.value) << 32) + (1 << 16) + row;
  }

  void keep_rows(const RowValue& v) {
    const Range fresh = fresh_range(v);
    std::copy(owner_.begin() + v.offset + v.window.fresh_bytes(), owner_.begin() + fresh.end,
              owner_.begin() + v.offset);
    own(fresh, kNobody);
  }

  void copy_rows(int32_t step) {
    const RowValue& v = plan_.loop->source();
    if (in_arena(v.value) && v.window.has_rows(step)) {
      const int64_t first = range(v.value).begin + v.window.first_row(step) * v.window.row_bytes;
      expect_own({first + v.window.above(step) * v.window.row_bytes,
                  first + v.window.inside_end(step) * v.window.row_bytes},
                 location(v.value).storage);
    }
    own(fresh_range(v), kNobody);
    own_rows(v, step);
  }

  // What a step leaves: rows of the image, and around it rows of zeros where they are read.
  void own_rows(const RowValue& v, int32_t step) {
    for (int32_t i = 0; i < v.window.fresh; ++i) {
      const bool is_inside = i >= v.window.above(step) && i < v.window.inside_end(step);
      const int64_t begin = v.fresh_offset() + i * int64_t(v.window.row_bytes);
      own({begin, begin + v.window.row_bytes},
          is_inside || v.is_padded ? owner_of_row(v, v.window.first_row(step) + i) : kNobody);
    }
  }

  void run_rows(int32_t index, int32_t step) {
    const RowLoop& loop = *plan_.loop;
    const Layer& layer = plan_.layers[size_t(index)];
    const Node& node = plan_.graph.nodes[size_t(layer.node)];
    const RowValue& made = loop.of_layer(index);
    Range out;
    if (in_arena(made.value)) {
      out.begin = index < loop.last
                      ? made.fresh_offset()
                      : range(made.value).begin + int64_t(step) * made.window.fresh_bytes();
      out = checked({out.begin, out.begin + made.window.fresh_bytes()},
                    element_bytes(plan_.graph.value(made.value).type));
    }
    const std::vector<Range> written =
        written_by(layer, out.begin < out.end ? std::vector<Range>{out} : std::vector<Range>{});
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const RowValue* from = loop.in_window(node.inputs[i]);
      if (!from) continue;
      const RowsRead rows = rows_read(plan_.graph, loop, index, from->value);
      const int64_t begin = from->offset + rows.offset;
      const int64_t element = element_bytes(plan_.graph.value(from->value).type);
      expect_rows(*from, rows.reach, made.window, step);
      read(layer, int32_t(i),
           {checked({begin, begin + rows.rows * from->window.row_bytes}, element), out, written});
    }
    for (const Range& range : written) own(range, kNobody);
    if (index == loop.last) own(out, location(made.value).storage);
  }

  // The rows of `from` of which those are made that lie in the image.
  void expect_rows(const RowValue& from, const Reach& reach, const RowWindow& made,
                   int32_t step) const {
    const RowWindow& w = from.window;
    for (int32_t i = made.above(step); i < made.inside_end(step); ++i) {
      const int64_t first = (made.first_row(step) + i) * reach.stride + reach.begin;
      for (int64_t row = first; row < first + reach.span; ++row) {
        const int64_t begin =
            from.fresh_offset() + (row - w.first_row(step)) * int64_t(w.row_bytes);
        expect_own(inside({begin, begin + w.row_bytes}), owner_of_row(from, row));
      }
    }
  }

  // With addresses: nothing that was written may be read.
  struct Begins {
    int64_t in, out;
  };
  void step_through(const std::vector<AccessOrder>& orders, int32_t input, Begins begins) const {
    const auto order = std::find_if(orders.begin(), orders.end(),
                                    [&](const AccessOrder& o) { return o.input == input; });
    MOTE_ASSERT(order != orders.end() && (begins.in - begins.out) % order->lanes == 0);
    Range written{INT64_MAX, INT64_MIN};
    for_each_step(*order, [&](const AccessStep& step) {
      const bool reads = step.read_begin < step.read_end;
      MOTE_ASSERT(!reads ||
                  !written.meets({begins.in + step.read_begin, begins.in + step.read_end}));
      written = {std::min(written.begin, begins.out + step.write_begin),
                 std::max(written.end, begins.out + step.write_end)};
    });
  }

  const Plan& plan_;
  std::vector<Owner> owner_;  // of each byte
};

}  // namespace

void verify(const Plan& plan) { Replay(plan).run(); }

}  // namespace mote
