// SPDX-License-Identifier: Apache-2.0
// The door of signal/: finds the kind, checks parameters and axes, builds. See block.h.
#include "signal/block.h"

#include <algorithm>

#include "signal/blocks.h"

namespace mote {
namespace {

const std::vector<BlockBuilder>& builders() {
  static const std::vector<BlockBuilder> all = [] {
    std::vector<BlockBuilder> list = sample_blocks();
    for (BlockBuilder& builder : frame_blocks()) list.push_back(std::move(builder));
    return list;
  }();
  return all;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

const Stream& stream_of(const Graph& graph, ValueId input) {
  return graph.streams.at(size_t(graph.value(input).clock.stream));
}

// Columns of the stream that the block reads.
std::vector<int64_t> axis_indices(const Graph& graph, const BlockSpec& spec, ValueId input,
                                  Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const StreamAxis& axis : stream_of(graph, input).axes) names.push_back(axis.name);
  std::vector<int64_t> indices;
  for (const std::string& wanted : spec.axes.empty() ? names : spec.axes) {
    const auto found = std::find(names.begin(), names.end(), wanted);
    if (found != names.end()) {
      indices.push_back(found - names.begin());
      continue;
    }
    const std::string near = nearest(wanted, names);
    diagnostics.error("unknown-axis", spec.place,
                      "block '" + spec.name + "': the data has no axis '" + wanted + "'",
                      near.empty() ? "it has " + joined(names) : "did you mean '" + near + "'?");
  }
  return indices;
}

// The axes chosen, as int16 counts or as float32 in physical units.
void add_axes(BlockRequest& request, const std::vector<int64_t>& indices) {
  const Stream stream = stream_of(request.graph, request.samples);
  bool all = indices.size() == stream.axes.size();
  for (size_t i = 0; i < indices.size(); ++i) all = all && indices[i] == int64_t(i);
  if (!all)
    request.samples = request.graph.add_node(select_op, node_name(request, "axes"),
                                             {request.samples}, {{"indices", indices}});
  for (int64_t i : indices) request.scales.push_back(double(stream.axes[size_t(i)].scale));
  if (request.parameters.text("arithmetic") == "fixed") {
    if (request.parameters.number("scale_axes") != 1)
      request.samples =
          request.graph.add_node(scale_op, node_name(request, "scale"), {request.samples},
                                 {{"factor", request.parameters.number("scale_axes")}});
    return;
  }
  std::vector<double> scales;
  for (double scale : request.scales)
    scales.push_back(scale * request.parameters.number("scale_axes"));
  request.samples = request.graph.add_node(to_float_op, node_name(request, "physical"),
                                           {request.samples}, {{"scales", scales}});
}

}  // namespace

std::string node_name(const BlockRequest& request, const std::string& step) {
  return request.spec.name + "/" + step;
}

ParameterSpec flag_parameter(std::string name, int64_t initial, std::string summary) {
  return {std::move(name), initial, 0, 1, {}, std::move(summary)};
}

std::vector<ParameterSpec> operator+(std::vector<ParameterSpec> a,
                                     const std::vector<ParameterSpec>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<ParameterSpec> common_parameters() {
  return {{"arithmetic",
           std::string("fixed"),
           0,
           0,
           {"fixed", "float"},
           "fixed point or float32 on the device"},
          {"scale_axes",
           1.0,
           1e-4,
           32767,
           {},
           "factor on the samples (counts, saturating, in fixed point)"},
          {"resample_hz",
           0.0,
           0,
           1e6,
           {},
           "rate that the block works at, after a low-pass; 0: the stream's"}};
}

std::span<const BlockKind> block_kinds() {
  static const std::vector<BlockKind> kinds = [] {
    std::vector<BlockKind> list;
    for (const BlockBuilder& builder : builders()) list.push_back(builder.kind);
    return list;
  }();
  return kinds;
}

ValueId build_block(Graph& graph, const BlockSpec& spec, ValueId input, const WindowSpec& window,
                    Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const BlockBuilder& builder : builders()) names.push_back(builder.kind.name);
  const auto found = std::find(names.begin(), names.end(), spec.block);
  if (found == names.end()) {
    const std::string near = nearest(spec.block, names);
    diagnostics.error(
        "unknown-block", spec.place, "there is no signal block '" + spec.block + "'",
        near.empty() ? "choose one of " + joined(names) : "did you mean '" + near + "'?");
    return -1;
  }
  const BlockBuilder& builder = builders()[size_t(found - names.begin())];
  const size_t errors = diagnostics.errors().size();
  const Parameters parameters(spec, builder.kind, diagnostics);
  const std::vector<int64_t> indices = axis_indices(graph, spec, input, diagnostics);
  if (diagnostics.errors().size() != errors) return -1;
  BlockRequest request{graph, spec, parameters, window, input};
  add_axes(request, indices);
  return add_resampling(request) ? builder.build(request) : -1;
}

}  // namespace mote
