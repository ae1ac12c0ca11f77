// SPDX-License-Identifier: Apache-2.0
// Branches and loops. A graph is a straight line: of a computed condition both branches are
// computed and it chooses; loops are unrolled. See rules.h.
#include <algorithm>

#include "compiler/import/onnx/subgraph.h"

namespace mote::onnx {
namespace {

constexpr int64_t kMostTrips = 4096;

const format::GraphProto& body_of(OperatorView& op, const std::string& name) {
  const auto* body = op.graph(name);
  if (!body) op.refuse("wrong-attribute", "attribute \"" + name + "\" is missing");
  return *body;
}

void expect_condition(OperatorView& op, ValueId id) {
  if (op.value(id).type != ElementType::boolean || op.value(id).elements() != 1)
    op.refuse("wrong-type", "its condition must be one bool");
}

bool is_true(OperatorView& op, ValueId constant) {
  return op.assembly().integers(constant).at(0) != 0;
}

ValueId choose(OperatorView& op, ValueId condition, ValueId yes, ValueId no) {
  if (yes == no) return yes;
  if (op.shape(yes) != op.shape(no) || op.value(yes).type != op.value(no).type)
    op.refuse("dynamic-shape", "what it gives differs in shape or type by a computed condition",
              "make the condition a constant");
  return op.add(where_op, {op.move().reshape(condition, {}), yes, no}, {}, "chosen");
}

void set_all(OperatorView& op, const std::vector<ValueId>& values) {
  if (values.size() < op.output_count())
    op.refuse("wrong-subgraph", "its graph gives too few outputs");
  for (size_t i = 0; i < op.output_count(); ++i) op.set(i, values[i]);
}

void import_if(OperatorView& op) {
  const ValueId condition = op.input(0);
  expect_condition(op, condition);
  const auto& then_branch = body_of(op, "then_branch");
  const auto& else_branch = body_of(op, "else_branch");
  if (op.is_constant(condition))
    return set_all(op, call(op, is_true(op, condition) ? then_branch : else_branch, {}));
  const auto yes = call(op, then_branch, {}), no = call(op, else_branch, {});
  if (yes.size() != no.size())
    op.refuse("wrong-subgraph", "its branches give different numbers of outputs");
  std::vector<ValueId> chosen;
  for (size_t i = 0; i < yes.size(); ++i) chosen.push_back(choose(op, condition, yes[i], no[i]));
  set_all(op, chosen);
}

// ---- loops -------------------------------------------------------------------------------------

struct Loop {
  ValueId condition = -1;
  ValueId running = -1;                    // whether all computed conditions so far were true
  std::vector<ValueId> values;             // carried from trip to trip
  std::vector<std::vector<ValueId>> rows;  // one list an output that grows
  int64_t trips = kMostTrips + 1;          // at most
  int64_t bound = 0;                       // of trips by computed conditions
};

// Whether there is another trip.
bool goes_on(OperatorView& op, Loop& loop, int64_t trip) {
  if (trip >= loop.trips) return false;
  if (trip >= kMostTrips)
    op.refuse("unbounded-loop", "the loop runs more than " + std::to_string(kMostTrips) + " times");
  if (loop.condition < 0) return true;
  expect_condition(op, loop.condition);
  if (op.is_constant(loop.condition)) return is_true(op, loop.condition);
  if (!loop.rows.empty())
    op.refuse("dynamic-shape", "the size of what it gathers depends on a computed condition",
              "make the condition a constant");
  if (loop.bound == 0)
    op.refuse("unbounded-loop", "how often the loop runs depends on the input",
              "say how often at most: --loop-bound N");
  if (trip >= loop.bound) return false;
  const ValueId now = op.move().reshape(loop.condition, {});
  loop.running =
      loop.running < 0 ? now : op.add(logical_and_op, {loop.running, now}, {}, "running");
  return true;
}

void run_trip(OperatorView& op, const format::GraphProto& body, Loop& loop, int64_t trip) {
  std::vector<ValueId> inputs{
      op.constant(ElementType::s64, Shape{}, List{trip}),
      loop.condition >= 0 ? loop.condition : op.constant(ElementType::boolean, Shape{}, Bytes{1})};
  inputs.insert(inputs.end(), loop.values.begin(), loop.values.end());
  const std::vector<ValueId> outputs = call(op, body, inputs);
  loop.condition = outputs.at(0);
  for (size_t i = 0; i < loop.values.size(); ++i)
    loop.values[i] = loop.running < 0 ? outputs[i + 1]
                                      : choose(op, loop.running, outputs[i + 1], loop.values[i]);
  for (size_t i = 0; i < loop.rows.size(); ++i)
    loop.rows[i].push_back(outputs[loop.values.size() + 1 + i]);
}

void import_loop(OperatorView& op) {
  const auto& body = body_of(op, "body");
  Loop loop;
  if (op.has_input(0)) loop.trips = op.integer(0);
  loop.condition = op.optional_input(1);
  for (size_t i = 2; i < op.input_count(); ++i) loop.values.push_back(op.any_input(i));
  const auto given = size_t(body.output_size());
  if (given < loop.values.size() + 1)
    op.refuse("wrong-subgraph", "its body gives fewer values than it takes");
  loop.rows.resize(given - loop.values.size() - 1);
  // A constant number of trips bounds them as well as an option does.
  const int64_t said = op.import().options.loop_bound;
  loop.bound = loop.trips <= kMostTrips ? loop.trips : said;
  if (said > 0) loop.bound = std::min(loop.bound, said);
  if (!loop.rows.empty() && loop.condition >= 0 && !op.is_constant(loop.condition))
    op.refuse_computed(1);
  for (int64_t trip = 0; goes_on(op, loop, trip); ++trip) run_trip(op, body, loop, trip);
  std::vector<ValueId> results = loop.values;
  for (const auto& rows : loop.rows) {
    if (rows.empty()) op.refuse("empty-tensor", "it runs no time: what it gathers has no elements");
    results.push_back(op.move().stack(rows, 0));
  }
  set_all(op, results);
}

// ---- scans: a trip for each index of an axis ----------------------------------------------------

struct Scanned {
  ValueId value = -1;
  size_t axis = 0;
  bool backwards = false;
};

int64_t entry(const List& list, size_t i) { return i < list.size() ? list[i] : 0; }

ValueId row_of(OperatorView& op, const Scanned& s, int64_t at) {
  List shape = dims(op.shape(s.value));
  if (s.backwards) at = shape[s.axis] - 1 - at;
  shape.erase(shape.begin() + int64_t(s.axis));
  return op.move().reshape(op.move().slice_axis(s.value, s.axis, at, 1), shape);
}

std::vector<Scanned> scanned_inputs(OperatorView& op, size_t states, size_t count) {
  const List axes = op.integers("scan_input_axes"), ways = op.integers("scan_input_directions");
  std::vector<Scanned> all;
  for (size_t i = 0; i < count; ++i) {
    Scanned s;
    s.value = op.input(states + i);
    s.axis = op.dimension(entry(axes, i), op.shape(s.value).size());
    s.backwards = entry(ways, i) != 0;
    all.push_back(s);
    if (op.shape(s.value)[s.axis] != op.shape(all[0].value)[all[0].axis])
      op.refuse("wrong-shape", "what it scans is of different lengths");
  }
  return all;
}

void import_scan(OperatorView& op) {
  const auto& body = body_of(op, "body");
  const int64_t count = op.integer("num_scan_inputs");
  if (count < 1 || count > int64_t(op.input_count()))
    op.refuse("wrong-attribute", "num_scan_inputs does not fit its inputs");
  const size_t states = op.input_count() - size_t(count);
  std::vector<ValueId> values;
  for (size_t i = 0; i < states; ++i) values.push_back(op.input(i));
  const std::vector<Scanned> scanned = scanned_inputs(op, states, size_t(count));
  const int64_t trips = op.shape(scanned[0].value)[scanned[0].axis];
  if (trips > kMostTrips) op.refuse("unbounded-loop", "it scans more than 4096 numbers");
  if (size_t(body.output_size()) < states)
    op.refuse("wrong-subgraph", "its body gives fewer values than it takes");
  std::vector<std::vector<ValueId>> rows(size_t(body.output_size()) - states);
  for (int64_t trip = 0; trip < trips; ++trip) {
    std::vector<ValueId> inputs = values;
    for (const Scanned& s : scanned) inputs.push_back(row_of(op, s, trip));
    const std::vector<ValueId> outputs = call(op, body, inputs);
    values.assign(outputs.begin(), outputs.begin() + int64_t(states));
    for (size_t i = 0; i < rows.size(); ++i) rows[i].push_back(outputs[states + i]);
  }
  const List axes = op.integers("scan_output_axes"), ways = op.integers("scan_output_directions");
  for (size_t i = 0; i < rows.size(); ++i) {
    if (entry(ways, i) != 0) std::reverse(rows[i].begin(), rows[i].end());
    const size_t rank = op.shape(rows[i][0]).size() + 1;
    values.push_back(op.move().stack(rows[i], op.dimension(entry(axes, i), rank)));
  }
  set_all(op, values);
}

constexpr ImportRule kRules[] = {
    {"If", import_if, "of a computed condition both branches, of one shape"},
    {"Loop", import_loop, "unrolled up to 4096 times; gathered outputs by constant conditions"},
    {"Scan", import_scan, "unrolled up to 4096 times", "", 9},
};

}  // namespace

std::span<const ImportRule> control_rules() { return kRules; }

}  // namespace mote::onnx
