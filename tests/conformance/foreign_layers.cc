// SPDX-License-Identifier: Apache-2.0
// Foreign layers with weights, pools and softmax. See foreign.h.
#include "tests/conformance/foreign.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

namespace format = tflite::format;

ForeignCase make_softmax_s8(Random& random) {
  SingleOperator one;
  Shape shape = random_shape(random);
  while (shape.size() < 2) shape.insert(shape.begin(), 1);
  one.input(ElementType::s8, shape, random_quantization(random, ElementType::s8));
  one.output(ElementType::s8, shape, per_tensor(1.0f / 256, -128));
  const float beta = random.scale(0.1f, 4.0f);
  const auto options = format::CreateSoftmaxOptions(one.flat(), beta);
  return {one.finish(format::BuiltinOperator::SOFTMAX, 2,
                     {format::BuiltinOptions::SoftmaxOptions, options.Union()}),
          "softmax beta " + std::to_string(beta),
          {}};
}

constexpr ForeignFamily kFamilies[] = {
    {"softmax_s8", make_softmax_s8},
};

}  // namespace

std::span<const ForeignFamily> foreign_layers() { return kFamilies; }

}  // namespace mote::conformance
