// SPDX-License-Identifier: Apache-2.0
// detection_postprocess: boxes decoded from their anchors, then greedy non-maximum suppression. In:
// encodings [boxes, 4 or more] (y, x, h, w), scores [boxes, classes and perhaps a background
// first], anchors [boxes, 4]. Out: the best boxes (ymin, xmin, ymax, xmax), their classes and
// scores, all float32 and zeros behind the last, and their number. The rule is TFLM's
// TFLite_Detection_PostProcess (tensorflow/lite/micro/kernels/detection_postprocess.cc): `regular`
// suppresses within each class, else boxes compete with their best class. TFLM decodes in double,
// this in float32; it stops at boxes without an area, which here overlap nothing.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_point.h"
#include "core/float_math.h"

namespace mote {

struct DetectionParams {
  int32_t boxes;
  int32_t encoding_width;
  int32_t classes;
  int32_t background;  // 1: a score before the classes' is skipped
  int32_t max_detections;
  int32_t per_class;
  bool regular;
  float score_threshold;
  float overlap_threshold;
  float y_scale, x_scale, h_scale, w_scale;
};
template <class Visitor>
void for_each_field(const DetectionParams& p, Visitor& field) {
  field("boxes", p.boxes);
  field("encoding_width", p.encoding_width);
  field("classes", p.classes);
  field("background", p.background);
  field("max_detections", p.max_detections);
  field("per_class", p.per_class);
  field("regular", p.regular);
  field("score_threshold", p.score_threshold);
  field("overlap_threshold", p.overlap_threshold);
  field("y_scale", p.y_scale);
  field("x_scale", p.x_scale);
  field("h_scale", p.h_scale);
  field("w_scale", p.w_scale);
}

// Work space: what lies where in bytes, each a multiple of 4.
struct DetectionWork {
  float* corners;     // [boxes][4]
  float* rank;        // [boxes] scores that are compared
  int32_t* waiting;   // [boxes] 1: neither chosen nor suppressed
  float* best;        // [max_detections] scores so far, falling
  int32_t* best_box;  // [max_detections]
  int32_t* best_class;
};
constexpr int64_t detection_work_bytes(int64_t boxes, int64_t max_detections) {
  return boxes * 24 + max_detections * 12;
}
MOTE_INLINE DetectionWork detection_work(const DetectionParams& p, uint8_t* bytes) {
  DetectionWork work;
  work.corners = (float*)bytes;
  work.rank = work.corners + 4 * p.boxes;
  work.waiting = (int32_t*)(work.rank + p.boxes);
  work.best = (float*)(work.waiting + p.boxes);
  work.best_box = (int32_t*)(work.best + p.max_detections);
  work.best_class = work.best_box + p.max_detections;
  return work;
}

MOTE_INLINE void decode_boxes(const DetectionParams& p, const float* encodings,
                              const float* anchors, float* corners) {
  for (int32_t i = 0; i < p.boxes; ++i) {
    const float* e = encodings + i * p.encoding_width;
    const float* a = anchors + 4 * i;
    const float y = e[0] / p.y_scale * a[2] + a[0], x = e[1] / p.x_scale * a[3] + a[1];
    const float half_h = 0.5f * exp_f32(e[2] / p.h_scale) * a[2];
    const float half_w = 0.5f * exp_f32(e[3] / p.w_scale) * a[3];
    corners[4 * i] = y - half_h;
    corners[4 * i + 1] = x - half_w;
    corners[4 * i + 2] = y + half_h;
    corners[4 * i + 3] = x + half_w;
  }
}

// Intersection over union of two boxes; 0 where one has no area.
MOTE_INLINE float overlap_of(const float* a, const float* b) {
  const float area_a = (a[2] - a[0]) * (a[3] - a[1]), area_b = (b[2] - b[0]) * (b[3] - b[1]);
  if (!(area_a > 0) || !(area_b > 0)) return 0.0f;
  const float h = (a[2] < b[2] ? a[2] : b[2]) - (a[0] > b[0] ? a[0] : b[0]);
  const float w = (a[3] < b[3] ? a[3] : b[3]) - (a[1] > b[1] ? a[1] : b[1]);
  const float common = (h > 0 ? h : 0.0f) * (w > 0 ? w : 0.0f);
  return common / (area_a + area_b - common);
}

// The waiting box of the highest rank (the first of equals), -1 if there is none; it and what
// overlaps it wait no longer.
MOTE_INLINE int32_t take_best_box(const DetectionParams& p, const DetectionWork& work) {
  int32_t best = -1;
  for (int32_t i = 0; i < p.boxes; ++i)
    if (work.waiting[i] && (best < 0 || work.rank[i] > work.rank[best])) best = i;
  if (best < 0) return -1;
  work.waiting[best] = 0;
  for (int32_t i = 0; i < p.boxes; ++i)
    if (work.waiting[i] &&
        overlap_of(work.corners + 4 * best, work.corners + 4 * i) > p.overlap_threshold)
      work.waiting[i] = 0;
  return best;
}

MOTE_INLINE void start_waiting(const DetectionParams& p, const DetectionWork& work) {
  for (int32_t i = 0; i < p.boxes; ++i) work.waiting[i] = work.rank[i] >= p.score_threshold;
}

// Adds a detection behind those of the same score; returns the new number.
MOTE_INLINE int32_t insert_detection(const DetectionParams& p, const DetectionWork& work,
                                     int32_t count, int32_t box, int32_t of_class) {
  const float score = work.rank[box];
  int32_t at = count;
  while (at > 0 && work.best[at - 1] < score) --at;
  if (at >= p.max_detections) return count;
  if (count < p.max_detections) ++count;
  for (int32_t i = count - 1; i > at; --i) {
    work.best[i] = work.best[i - 1];
    work.best_box[i] = work.best_box[i - 1];
    work.best_class[i] = work.best_class[i - 1];
  }
  work.best[at] = score;
  work.best_box[at] = box;
  work.best_class[at] = of_class;
  return count;
}

// Every class by itself. Returns the number of detections.
MOTE_INLINE int32_t detect_by_class(const DetectionParams& p, const float* scores,
                                    const DetectionWork& work) {
  int32_t count = 0;
  for (int32_t c = 0; c < p.classes; ++c) {
    for (int32_t i = 0; i < p.boxes; ++i)
      work.rank[i] = scores[i * (p.classes + p.background) + p.background + c];
    start_waiting(p, work);
    for (int32_t taken = 0; taken < p.per_class; ++taken) {
      const int32_t box = take_best_box(p, work);
      if (box < 0) break;
      count = insert_detection(p, work, count, box, c);
    }
  }
  return count;
}

MOTE_INLINE int32_t class_of_highest(const DetectionParams& p, const float* scores, int32_t box) {
  const float* row = scores + box * (p.classes + p.background) + p.background;
  int32_t best = 0;
  for (int32_t c = 1; c < p.classes; ++c)
    if (row[c] > row[best]) best = c;
  return best;
}

// Boxes by their best class.
MOTE_INLINE int32_t detect_by_box(const DetectionParams& p, const float* scores,
                                  const DetectionWork& work) {
  for (int32_t i = 0; i < p.boxes; ++i)
    work.rank[i] =
        scores[i * (p.classes + p.background) + p.background + class_of_highest(p, scores, i)];
  start_waiting(p, work);
  int32_t count = 0;
  while (count < p.max_detections) {
    const int32_t box = take_best_box(p, work);
    if (box < 0) break;
    count = insert_detection(p, work, count, box, class_of_highest(p, scores, box));
  }
  return count;
}

// work [detection_work_bytes]; boxes [max_detections][4], classes, found [max_detections], number
// [1].
MOTE_INLINE void detection_postprocess_f32(const DetectionParams& p, const float* encodings,
                                           const float* scores, const float* anchors,
                                           uint8_t* bytes, float* boxes, float* classes,
                                           float* found, float* number) {
  const DetectionWork work = detection_work(p, bytes);
  decode_boxes(p, encodings, anchors, work.corners);
  const int32_t count =
      p.regular ? detect_by_class(p, scores, work) : detect_by_box(p, scores, work);
  memset(boxes, 0, (size_t)p.max_detections * 4 * sizeof(float));
  for (int32_t i = 0; i < p.max_detections; ++i) {
    const bool given = i < count;
    if (given) memcpy(boxes + 4 * i, work.corners + 4 * work.best_box[i], 4 * sizeof(float));
    classes[i] = given ? (float)work.best_class[i] : 0.0f;
    found[i] = given ? work.best[i] : 0.0f;
  }
  *number = (float)count;
}

}  // namespace mote
