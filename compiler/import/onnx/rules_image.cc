// SPDX-License-Identifier: Apache-2.0
// Images cut, padded and sampled at computed or given points. See rules.h.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "compiler/import/onnx/window.h"

namespace mote::onnx {
namespace {

constexpr int64_t kMostNumbers = int64_t(1) << 24;

// An even part of what is too much, or too little, on both sides of each axis.
void import_center_crop_pad(OperatorView& op) {
  ValueId x = op.input(0);
  const size_t rank = op.shape(x).size();
  const List wanted = op.integers(1);
  List axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  axes = op.integers("axes", axes);
  if (wanted.size() != axes.size()) op.refuse("wrong-shape", "its sizes are not one an axis");
  List before(rank, 0), after(rank, 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t d = op.dimension(axes[i], rank);
    if (wanted[i] < 1 || wanted[i] > INT32_MAX) op.refuse("wrong-shape", "a size is out of range");
    const int64_t more = wanted[i] - op.shape(x)[d];
    if (more >= 0) {
      before[d] = more / 2;
      after[d] = more - more / 2;
    } else {
      x = op.move().slice_axis(x, d, -more / 2, wanted[i]);
    }
  }
  op.set(op.move().pad(x, before, after, "constant", 0));
}

// Columns [n, c block, positions] added to where they lie in the image; borders lie in a row behind
// it that is cut.
void import_col2im(OperatorView& op) {
  const ValueId x = op.input(0);
  const List image = op.integers(1), block = op.integers(2), shape = dims(op.shape(x));
  if (block.empty() || image.size() != block.size() || image.size() > 5)
    op.refuse("wrong-shape", "its image and block have no, or different, dimensions");
  for (size_t d = 0; d < image.size(); ++d)
    if (image[d] < 1 || image[d] > INT16_MAX || block[d] < 1 || block[d] > INT16_MAX)
      op.refuse("wrong-shape", "its image or block is empty or too large");
  ImageWindow given = window_of(op);
  given.kernel = block;
  const PlacedWindow w = ImageLayer(op.assembly(), op.name()).place(given, image);
  int64_t pixels = 1, taps = 1, places = 1;
  for (size_t d = 0; d < image.size(); ++d) {
    pixels = std::min(kMostNumbers, pixels * image[d]);
    taps = std::min(kMostNumbers, taps * block[d]);
    places = std::min(kMostNumbers, places * w.out[d]);
  }
  if (shape.size() != 3 || shape[1] % taps != 0 || shape[2] != places ||
      taps * places > kMostNumbers)
    op.refuse("wrong-shape", "its columns do not fit its image and block");
  std::vector<int32_t> at;
  for (int64_t k = 0; k < taps; ++k)
    for (int64_t p = 0; p < places; ++p) {
      int64_t pixel = 0, tap = k, place = p, factor = 1;
      bool inside = true;
      for (size_t d = image.size(); d-- > 0;) {
        const int64_t i =
            place % w.out[d] * w.stride[d] + tap % block[d] * w.dilation[d] - w.before[d];
        inside = inside && i >= 0 && i < image[d];
        pixel += i * factor;
        factor *= image[d];
        tap /= block[d];
        place /= w.out[d];
      }
      at.push_back(int32_t(inside ? pixel : pixels));
    }
  Movement move = op.move();
  const int64_t channels = shape[1] / taps, rest = shape[0] * channels;
  if ((pixels + 1) * rest > kMostNumbers) op.refuse("too-large", "its output is too large");
  ValueId y = move.transpose(move.reshape(x, {shape[0], channels, taps, places}), {2, 3, 0, 1});
  const Shape whole{int32_t(pixels + 1), int32_t(rest)};
  const ValueId zeros =
      op.constant(ElementType::f32, whole, Bytes(size_t(element_count(whole)) * 4));
  if (!op.is_float(x)) op.refuse("wrong-type", "its input must be float32");
  y = op.add(scatter_nd_op,
             {zeros, op.constant(ElementType::s32, Shape{int32_t(taps * places), 1}, at),
              move.reshape(y, {taps * places, rest})},
             {{"reduction", std::string("add")}}, "summed");
  y = move.transpose(move.slice_axis(y, 0, 0, pixels), {1, 0});
  List result{shape[0], channels};
  result.insert(result.end(), image.begin(), image.end());
  op.set(move.reshape(y, result));
}

// The points of an even grid over -1 .. 1, of the last dimension first, through the matrices theta.
void import_affine_grid(OperatorView& op) {
  const ValueId theta = op.input(0);
  const List size = op.integers(1);
  const bool corners = op.integer("align_corners", 0) != 0;
  if (size.size() != 4 && size.size() != 5) op.refuse("wrong-shape", "its size is of no image");
  const List image(size.begin() + 2, size.end());
  const auto n = int64_t(image.size());
  if (!op.is_float(theta) || dims(op.shape(theta)) != List{size[0], n, n + 1})
    op.refuse("wrong-shape", "its matrices must be float32 and fit its size");
  int64_t points = 1;
  for (int64_t d : image)
    if (d < 1 || d > kMostNumbers || (points *= d) > kMostNumbers / 4)
      op.refuse("too-large", "its grid is empty or too large");
  std::vector<float> grid;
  for (int64_t row = 0; row <= n; ++row)
    for (int64_t p = 0; p < points; ++p) {
      int64_t at = p;
      for (int64_t d = n - 1; d > n - 1 - row && d >= 0; --d) at /= image[size_t(d)];
      const double extent = row < n ? double(image[size_t(n - 1 - row)]) : 1;
      const double i = std::fmod(double(at), extent);
      const double span = std::max(1.0, extent - 1);
      grid.push_back(row == n  ? 1.0f
                     : corners ? float(2 * i / span - 1)
                               : float((2 * i + 1) / extent - 1));
    }
  const ValueId even = op.constant(ElementType::f32, Shape{int32_t(n + 1), int32_t(points)}, grid);
  const ValueId y = op.add(batch_matmul_op, {theta, even}, {}, "grid");
  List shape{size[0]};
  shape.insert(shape.end(), image.begin(), image.end());
  shape.push_back(n);
  op.set(op.move().reshape(op.move().transpose(y, {0, 2, 1}), shape));
}

// ---- regions of interest -----------------------------------------------------------------------

struct Regions {
  int64_t height = 0, width = 0, channels = 0, rows = 0, columns = 0, ratio = 0;
  double scale = 1, offset = 0;
  std::vector<double> boxes;
  List batches;
};

// Numbers of one bin: where in [n h w] and how much.
struct Tap {
  int64_t at = 0;
  double weight = 0;
};

void add_sample(const Regions& r, int64_t batch, double y, double x, std::vector<Tap>& taps) {
  const int64_t image = batch * r.height * r.width;
  if (y < -1 || y > double(r.height) || x < -1 || x > double(r.width)) {
    taps.insert(taps.end(), 4, Tap{image, 0});
    return;
  }
  const auto corner = [](double v, int64_t extent, int64_t& low, int64_t& high) {
    v = std::max(v, 0.0);
    low = std::min(int64_t(v), extent - 1);
    high = std::min(low + 1, extent - 1);
    return low == extent - 1 ? 0.0 : v - double(low);
  };
  int64_t top, bottom, left, right;
  const double dy = corner(y, r.height, top, bottom), dx = corner(x, r.width, left, right);
  taps.push_back({image + top * r.width + left, (1 - dy) * (1 - dx)});
  taps.push_back({image + top * r.width + right, (1 - dy) * dx});
  taps.push_back({image + bottom * r.width + left, dy * (1 - dx)});
  taps.push_back({image + bottom * r.width + right, dy * dx});
}

// The bins of region `n`, row by row.
void add_bins(OperatorView& op, const Regions& r, size_t n, std::vector<std::vector<Tap>>& bins) {
  const double* box = &r.boxes[n * 4];
  const double left = box[0] * r.scale - r.offset, top = box[1] * r.scale - r.offset;
  double width = box[2] * r.scale - r.offset - left, height = box[3] * r.scale - r.offset - top;
  if (r.offset == 0) {
    width = std::max(width, 1.0);
    height = std::max(height, 1.0);
  }
  const double bin_h = height / double(r.rows), bin_w = width / double(r.columns);
  const double most = std::max(std::ceil(bin_h), std::ceil(bin_w));
  if (!(most <= 1024)) op.refuse("too-large", "a region is too large");
  const int64_t down = r.ratio > 0 ? r.ratio : int64_t(std::max(0.0, std::ceil(bin_h)));
  const int64_t across = r.ratio > 0 ? r.ratio : int64_t(std::max(0.0, std::ceil(bin_w)));
  for (int64_t row = 0; row < r.rows; ++row)
    for (int64_t column = 0; column < r.columns; ++column) {
      bins.emplace_back();
      for (int64_t i = 0; i < down; ++i)
        for (int64_t j = 0; j < across; ++j)
          add_sample(r, r.batches[n],
                     top + double(row) * bin_h + (double(i) + 0.5) * bin_h / double(down),
                     left + double(column) * bin_w + (double(j) + 0.5) * bin_w / double(across),
                     bins.back());
      if (int64_t(bins.size() * std::max<size_t>(1, bins.back().size())) * r.channels >
          kMostNumbers)
        op.refuse("too-large", "its regions take too many numbers");
    }
}

Regions regions(OperatorView& op) {
  const Shape shape = op.shape(op.input(0));
  if (shape.size() != 4 || !op.is_float(op.input(0)))
    op.refuse("wrong-shape", "its input must be float32 images");
  Regions r;
  r.channels = shape[1], r.height = shape[2], r.width = shape[3];
  r.boxes = op.floats(1);
  r.batches = op.integers(2);
  r.rows = op.integer("output_height", 1), r.columns = op.integer("output_width", 1);
  r.ratio = op.integer("sampling_ratio", 0);
  r.scale = op.number("spatial_scale", 1);
  const std::string half = op.opset() < 16 ? "output_half_pixel" : "half_pixel";
  const std::string mode = op.text("coordinate_transformation_mode", half);
  if (mode != "half_pixel" && mode != "output_half_pixel")
    op.refuse("wrong-attribute", "coordinate_transformation_mode is \"" + mode + "\"");
  r.offset = mode == "half_pixel" ? 0.5 : 0;
  if (r.boxes.size() != 4 * r.batches.size() || r.rows < 1 || r.columns < 1 || r.ratio < 0 ||
      r.ratio > 1024 || r.rows > INT16_MAX || r.columns > INT16_MAX)
    op.refuse("wrong-shape", "its regions or sizes are out of range");
  for (int64_t batch : r.batches)
    if (batch < 0 || batch >= shape[0]) op.refuse("wrong-input", "a region is of no image");
  return r;
}

// The regions are constant, so are the places and weights of what they sample.
void import_roi_align(OperatorView& op) {
  const Regions r = regions(op);
  const std::string mode = op.text("mode", "avg");
  if (mode != "avg" && mode != "max") op.refuse("wrong-attribute", "mode is \"" + mode + "\"");
  std::vector<std::vector<Tap>> bins;
  for (size_t n = 0; n < r.batches.size(); ++n) add_bins(op, r, n, bins);
  size_t most = 1;
  for (const auto& bin : bins) most = std::max(most, bin.size());
  if (int64_t(bins.size() * most) * r.channels > kMostNumbers)
    op.refuse("too-large", "its regions take too many numbers");
  std::vector<int32_t> at;
  std::vector<float> weights;
  for (const auto& bin : bins)
    for (size_t i = 0; i < most; ++i) {
      // Where regions differ in size, maxima repeat their last number.
      const bool there = i < bin.size();
      const Tap tap = there ? bin[i] : bin.empty() ? Tap{} : bin.back();
      const double share = mode == "avg" ? 4.0 / double(std::max<size_t>(4, bin.size())) : 1;
      at.push_back(int32_t(tap.at));
      weights.push_back(float(there || mode == "max" ? tap.weight * share : 0));
    }
  Movement move = op.move();
  const List shape = dims(op.shape(op.input(0)));
  ValueId x = move.transpose(op.input(0), {0, 2, 3, 1});
  x = move.reshape(x, {shape[0] * r.height * r.width, r.channels});
  const auto count = int32_t(bins.size()), numbers = int32_t(most);
  x = op.add(gather_op, {x, op.constant(ElementType::s32, Shape{count, numbers}, at)}, {},
             "sampled");
  const ValueId factors = op.constant(ElementType::f32, Shape{count, numbers, 1}, weights);
  x = op.add(mul_op, {x, factors}, {}, "weighed");
  x = op.add(reduce_op, {x},
             {{"function", std::string(mode == "avg" ? "sum" : "max")}, {"axes", List{1}}},
             "pooled");
  x = move.reshape(x, {int64_t(r.batches.size()), r.rows, r.columns, r.channels});
  op.set(move.transpose(x, {0, 3, 1, 2}));
}

constexpr ImportRule kRules[] = {
    {"AffineGrid", import_affine_grid, "float32, size constant"},
    {"CenterCropPad", import_center_crop_pad, "shape constant"},
    {"Col2Im", import_col2im, "float32"},
    {"RoiAlign", import_roi_align, "float32, regions constant"},
};

}  // namespace

std::span<const ImportRule> image_rules() { return kRules; }

}  // namespace mote::onnx
