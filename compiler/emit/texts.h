// SPDX-License-Identifier: Apache-2.0
// The texts of an emitted library, one .cc file each. In: the names of a model, and with them its
// Plan. Out: text. Pure functions: no order between them, the same names give the same bytes.
#pragma once
#include <string>
#include <vector>

#include "compiler/emit/names.h"

namespace mote {

// model.h: inputs, outputs and labels as comments, the struct, the C functions, the C++ class.
std::string model_header(const ModelNames& names, const std::string& model_id);

// model.cc: the table of layers, and then the parts below in this order.
std::string model_source(const ModelNames& names);

// One function a layer, which calls its kernel with constexpr Params.
std::string layer_functions(const ModelNames& names);
// The call of one of them: "tractor_layer_00_framer(m, sample)".
std::string layer_call(const ModelNames& names, int32_t layer);
// What these functions include, sorted, each once.
std::vector<std::string> kernel_headers(const Plan& plan);

// The windows of layers that run by rows, as a table; and the loop in which they run.
std::string row_windows(const ModelNames& names);
std::string row_loop(const ModelNames& names, const std::string& indent);

// push, push_observed and, for a sensor, push_missing and push_f32 of one stream.
std::string push_functions(const ModelNames& names, int32_t stream);

// use_far, reset, save and load.
std::string state_functions(const ModelNames& names);

// self_test: fixed input, one CRC a layer (golden_run).
std::string self_test_function(const ModelNames& names);

// interface.cc: the table through which a player drives any model.
std::string interface_source(const ModelNames& names, const std::string& model_id);

}  // namespace mote
