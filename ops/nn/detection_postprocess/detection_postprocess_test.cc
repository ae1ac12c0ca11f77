// SPDX-License-Identifier: Apache-2.0
// detection_postprocess: suppression of one class among others, competition of boxes, what follows
// the last detection. (Random boxes are compared with TFLM: tests/conformance.)
#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

// Three unit boxes at 0, 0.1 and 5, encoded by their anchors alone.
struct Detector {
  OneNode one = OneNode::make<float>({1, 3, 4});

  Detector(const std::vector<float>& scores, int64_t regular) {
    const ValueId s = one.constant("scores", {1, 3, 2}, scores);
    const ValueId anchors =
        one.constant("anchors", {3, 4}, std::vector<float>{0, 0, 1, 1, 0.1f, 0, 1, 1, 5, 5, 1, 1});
    one.add(detection_postprocess_op,
            {{"classes", int64_t(2)},
             {"max_detections", int64_t(4)},
             {"regular", regular},
             {"score_threshold", 0.3},
             {"overlap_threshold", 0.5},
             {"y_scale", 10.0},
             {"x_scale", 10.0},
             {"h_scale", 5.0},
             {"w_scale", 5.0}},
            {s, anchors});
  }
  std::vector<float> output(size_t i) {
    return outputs_of<float>(one, std::vector<float>(12, 0.0f), i);
  }
};

const std::vector<float> kScores{0.9f, 0.0f, 0.8f, 0.7f, 0.4f, 0.2f};

TEST(DetectionPostprocess, SuppressesWithinAClass) {
  Detector detector(kScores, 1);
  EXPECT_EQ(detector.output(3), (std::vector<float>{3}));
  EXPECT_EQ(detector.output(2), (std::vector<float>{0.9f, 0.7f, 0.4f, 0}));
  EXPECT_EQ(detector.output(1), (std::vector<float>{0, 1, 0, 0}));
  const auto boxes = detector.output(0);
  EXPECT_EQ(std::vector<float>(boxes.begin(), boxes.begin() + 4),
            (std::vector<float>{-0.5f, -0.5f, 0.5f, 0.5f}));
  EXPECT_EQ(boxes.at(12), 0.0f);
}

TEST(DetectionPostprocess, LetsBoxesCompete) {
  Detector detector(kScores, 0);
  EXPECT_EQ(detector.output(3), (std::vector<float>{2}));
  EXPECT_EQ(detector.output(2), (std::vector<float>{0.9f, 0.4f, 0, 0}));
}

TEST(DetectionPostprocess, RefusesAnchorsOfOtherBoxes) {
  OneNode one = OneNode::make<float>({1, 3, 4});
  const ValueId s = one.constant("scores", {1, 3, 2}, std::vector<float>(6));
  const ValueId anchors = one.constant("anchors", {2, 4}, std::vector<float>(8));
  EXPECT_EQ(code_of_failure([&] {
              one.add(detection_postprocess_op,
                      {{"classes", int64_t(2)},
                       {"max_detections", int64_t(4)},
                       {"score_threshold", 0.3},
                       {"overlap_threshold", 0.5},
                       {"y_scale", 10.0},
                       {"x_scale", 10.0},
                       {"h_scale", 5.0},
                       {"w_scale", 5.0}},
                      {s, anchors});
            }),
            "wrong-shape");
}

}  // namespace
}  // namespace mote
