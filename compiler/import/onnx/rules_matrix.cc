// SPDX-License-Identifier: Apache-2.0
// Products along an axis, of small matrices, and Einstein's sums. See rules.h.
#include <map>

#include "compiler/import/einsum.h"
#include "compiler/import/onnx/rules.h"

namespace mote::onnx {
namespace {

// Products of 2, 4, 8, ... neighbours: after each round a number is the product of twice as many.
void import_cumprod(OperatorView& op) {
  ValueId x = op.input(0);
  const size_t rank = op.shape(x).size(), axis = op.dimension(op.integer(1), rank);
  const int64_t n = op.shape(x)[axis];
  const bool reverse = op.integer("reverse", 0) != 0;
  Movement move = op.move();
  const auto later = [&](ValueId v, int64_t by) {
    List before(rank, 0);
    before[axis] = by;
    return move.pad(move.slice_axis(v, axis, 0, n - by), before, List(rank, 0), "constant", 1);
  };
  if (reverse) x = move.reverse(x, {axis});
  if (op.integer("exclusive", 0) != 0) {
    List before(rank, 0), after(rank, 0);
    before[axis] = 1;
    after[axis] = -1;
    x = move.pad(x, before, after, "constant", 1);
  }
  for (int64_t by = 1; by < n; by *= 2) x = op.add(mul_op, {x, later(x, by)}, {}, "product");
  op.set(reverse ? move.reverse(x, {axis}) : x);
}

// By rows from the last: the determinant of the last k rows and any k columns is the sum over these
// columns of a number of the first of the rows times the determinant without its column.
void import_det(OperatorView& op) {
  const ValueId x = op.input(0);
  const List shape = dims(op.shape(x));
  const size_t rank = shape.size();
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  if (rank < 2 || shape[rank - 1] != shape[rank - 2] || shape[rank - 1] > 5)
    op.refuse("wrong-shape", "its input must be square matrices of up to 5 rows");
  const auto n = size_t(shape[rank - 1]);
  const List batch(shape.begin(), shape.end() - 2);
  Movement move = op.move();
  const auto number = [&](size_t row, size_t column) {
    const ValueId line = move.slice_axis(x, rank - 2, int64_t(row), 1);
    return move.reshape(move.slice_axis(line, rank - 1, int64_t(column), 1), batch);
  };
  std::map<size_t, ValueId> known;  // by set of columns
  for (size_t row = n; row-- > 0;) {
    std::map<size_t, ValueId> next;
    for (size_t columns = 1; columns < size_t(1) << n; ++columns) {
      if (size_t(__builtin_popcountll(columns)) != n - row) continue;
      ValueId sum = -1;
      bool minus = false;
      for (size_t c = 0; c < n; ++c) {
        if (!(columns >> c & 1)) continue;
        const size_t rest = columns & ~(size_t(1) << c);
        ValueId part = number(row, c);
        if (rest) part = op.add(mul_op, {part, known.at(rest)}, {}, "part");
        sum = sum < 0 ? part : op.add(minus ? sub_op : add_op, {sum, part}, {}, "minor");
        minus = !minus;
      }
      next[columns] = sum;
    }
    known = next;
  }
  op.set(known.at((size_t(1) << n) - 1));
}

void import_einsum(OperatorView& op) {
  op.set(einsum(op.assembly(), op.name(), op.text("equation", ""), op.inputs()));
}

constexpr ImportRule kRules[] = {
    {"CumProd", import_cumprod},
    {"Det", import_det, "float32, up to 5 rows"},
    {"Einsum", import_einsum, "float32, no diagonals", "", 12},
};

}  // namespace

std::span<const ImportRule> matrix_rules() { return kRules; }

}  // namespace mote::onnx
