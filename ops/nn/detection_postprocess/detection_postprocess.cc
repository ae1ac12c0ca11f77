// SPDX-License-Identifier: Apache-2.0
// Host half of detection_postprocess: (encodings [1, n, 4+], scores [1, n, classes (+ 1)], anchors
// [n, 4]) f32 -> boxes [1, max, 4], classes [1, max], scores [1, max], number [1]. See the header.
#include "ops/nn/detection_postprocess/detection_postprocess.h"

#include <cmath>

#include "ops/audio/audio_inputs.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

float finite(const NodeView& node, const std::string& name) {
  const auto value = float(node.number(name));
  if (!std::isfinite(value)) node.refuse("wrong-attribute", name + " is not a finite number");
  return value;
}

float scale_of(const NodeView& node, const std::string& name) {
  const float value = finite(node, name);
  if (value == 0) node.refuse("wrong-attribute", name + " is 0");
  return value;
}

void check_shapes(const NodeView& node, int32_t classes) {
  for (size_t i = 0; i < 3; ++i) expect_type(node, i, ElementType::f32);
  const Shape &e = node.input(0).shape, &s = node.input(1).shape, &a = node.input(2).shape;
  if (e.size() != 3 || e[0] != 1 || e[1] < 1 || e[2] < 4)
    node.refuse("wrong-shape", "the encodings must be [1, boxes, 4 or more]");
  if (a != Shape{e[1], 4}) node.refuse("wrong-shape", "the anchors must be [boxes, 4]");
  if (s.size() != 3 || s[0] != 1 || s[1] != e[1] || s[2] < classes || s[2] > int64_t(classes) + 1)
    node.refuse("wrong-shape", "the scores must be [1, boxes, classes], or one score more");
}

DetectionParams params_of(const NodeView& node) {
  DetectionParams params{};
  params.classes = integer_within(node, "classes", 1, 1 << 20);
  check_shapes(node, params.classes);
  params.boxes = node.input(0).shape[1];
  params.encoding_width = node.input(0).shape[2];
  params.background = node.input(1).shape[2] - params.classes;
  params.max_detections = integer_within(node, "max_detections", 1, 1 << 20);
  params.per_class = integer_within(node, "detections_per_class", 1, INT32_MAX);
  params.regular = node.integer("regular") != 0;
  params.score_threshold = finite(node, "score_threshold");
  params.overlap_threshold = finite(node, "overlap_threshold");
  if (!(params.overlap_threshold > 0) || params.overlap_threshold > 1)
    node.refuse("wrong-attribute", "overlap_threshold must lie within 0 .. 1");
  params.y_scale = scale_of(node, "y_scale");
  params.x_scale = scale_of(node, "x_scale");
  params.h_scale = scale_of(node, "h_scale");
  params.w_scale = scale_of(node, "w_scale");
  if (detection_work_bytes(params.boxes, params.max_detections) > INT32_MAX)
    node.refuse("wrong-shape", "there are too many boxes");
  return params;
}

Inference infer(const NodeView& node) {
  const int32_t most = params_of(node).max_detections;
  const Clock clock = joint_clock(node);
  const auto output = [&](Shape shape) {
    return ValueType{ElementType::f32, std::move(shape), {}, clock};
  };
  return {{output({1, most, 4}), output({1, most}), output({1, most}), output({1})}, {}};
}

KernelCall lower(const NodeView& node) {
  const DetectionParams params = params_of(node);
  KernelCall call =
      make_kernel_call("ops/nn/detection_postprocess/detection_postprocess.h",
                       MOTE_KERNEL(detection_postprocess_f32), "DetectionParams", params);
  call.input(0).input(1).input(2);
  call.scratch(detection_work_bytes(params.boxes, params.max_detections));
  return call.output(0).output(1).output(2).output(3);
}

}  // namespace

const OpDef detection_postprocess_op{
    .name = "detection_postprocess",
    .room = "nn",
    .summary = "boxes of an object detector: decoding and non-maximum suppression; f32",
    .attributes = {{"classes", {}, "classes; a score before theirs is the background's"},
                   {"max_detections", {}, "boxes that are handed on"},
                   {"detections_per_class", Attribute(int64_t{100}), "of regular suppression"},
                   {"regular", Attribute(int64_t{0}), "1: suppression within each class"},
                   {"score_threshold", {}, "the least score"},
                   {"overlap_threshold", {}, "more overlap with a better box suppresses one"},
                   {"y_scale", {}, "divisor of the encoded y"},
                   {"x_scale", {}, "divisor of the encoded x"},
                   {"h_scale", {}, "divisor of the encoded height's logarithm"},
                   {"w_scale", {}, "divisor of the encoded width's logarithm"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
