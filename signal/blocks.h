// SPDX-License-Identifier: Apache-2.0
// What the kinds of blocks share inside signal/: the request a block answers, and the first links
// of every chain.
#pragma once
#include "ops/registry.h"
#include "signal/parameters.h"

namespace mote {

// A block about to be built: where it reads, for which window, with which parameters.
struct BlockRequest {
  Graph& graph;
  const BlockSpec& spec;
  const Parameters& parameters;
  WindowSpec window;                // of the stream; resampling changes it
  ValueId samples;                  // [axes] at the sample clock, int16 or float32
  std::vector<double> scales = {};  // of each axis: physical = count * scale
};

// A block kind and how it is built.
struct BlockBuilder {
  BlockKind kind;
  ValueId (*build)(BlockRequest);
};

// raw, flatten, spectral, envelope: chains at the sample clock. mfe, mfcc, spectrogram: chains of
// frames.
std::vector<BlockBuilder> sample_blocks();
std::vector<BlockBuilder> frame_blocks();

// "name/step": the name of one of the block's nodes.
std::string node_name(const BlockRequest& request, const std::string& step);

// The parameter resample_hz: samples and window at that rate. False, with an error, if there is no
// such window.
bool add_resampling(BlockRequest& request);

// Parameters that every block has: arithmetic, scale_axes, resample_hz.
std::vector<ParameterSpec> common_parameters();
ParameterSpec flag_parameter(std::string name, int64_t initial, std::string summary);
std::vector<ParameterSpec> operator+(std::vector<ParameterSpec> a,
                                     const std::vector<ParameterSpec>& b);

}  // namespace mote
