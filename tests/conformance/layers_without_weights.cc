// SPDX-License-Identifier: Apache-2.0
// Pools, sums, activations, changes of shape and of scale. In: a seeded generator. Out: graphs of
// one such operator (families.h).
#include "ops/registry.h"
#include "tests/conformance/families.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

Graph make_pool(Random& random, const OpDef& op) {
  Graph graph;
  const Windows at = random_windows(random, false);
  const ValueId input = add_input(
      graph, random, {random.integer(1, 2), at.h.input, at.w.input, random.integer(1, 9)});
  Attributes attributes = strides(at);
  attributes["filter_h"] = int64_t(at.h.kernel);
  attributes["filter_w"] = int64_t(at.w.kernel);
  attributes["activation"] = random_activation(random);
  finish(graph, op, {input}, attributes);
  return graph;
}
}  // namespace

Graph make_max_pool_2d(Random& random) { return make_pool(random, max_pool_2d_op); }
Graph make_average_pool_2d(Random& random) { return make_pool(random, average_pool_2d_op); }

Graph make_softmax(Random& random) {
  Graph graph;
  Shape shape{random.integer(1, 3), random.integer(1, 60)};
  if (random.one_in(3)) shape.erase(shape.begin());
  const ValueId input = add_input(graph, random, shape);
  constexpr double kBetas[] = {1.0, 1.0, 0.5, 2.0};
  finish(graph, softmax_op, {input}, {{"beta", random.pick(kBetas)}});
  return graph;
}

Graph make_reshape(Random& random) {
  Graph graph;
  const int64_t a = random.integer(1, 5), b = random.integer(1, 5), c = random.integer(1, 5);
  const ValueId input = add_input(graph, random, {1, int32_t(a), int32_t(b), int32_t(c)});
  const std::vector<int64_t> shapes[] = {{a * b * c}, {1, -1}, {a, b * c}, {1, c, a, b}, {-1, b}};
  finish(graph, reshape_op, {input}, {{"shape", random.pick(shapes)}});
  return graph;
}

}  // namespace mote::conformance
