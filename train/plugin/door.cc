// SPDX-License-Identifier: Apache-2.0
// The tasks of libmote_train.so. See door.h.
#include "train/plugin/door.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include "train/plugin/fit.h"

namespace mote {
namespace {

// The same numbers every time: one seed, a fixed number of threads, no algorithm that adds in a
// random order.
void make_repeatable(const FitOptions& options) {
  at::set_num_threads(options.threads);
  at::globalContext().setDeterministicAlgorithms(true, false);
  at::manual_seed(options.seed);
}

void run(const TrainRequest& request, TrainResult& result) {
  make_repeatable(request.fit ? *request.fit : FitOptions{});
  TorchNetwork network(*request.layers);
  result.network = {request.name, request.input_shape, request.classes, {}};
  if (request.task == TrainTask::predict) {
    const int64_t elements = element_count(request.input_shape);
    const auto rows = int64_t(request.features->size()) / elements;
    result.validation_scores =
        scores_of(network, torch::from_blob(const_cast<float*>(request.features->data()),
                                            {rows, elements}, torch::kFloat32));
    return;
  }
  if (request.task == TrainTask::fine_tune) network.round_to(*request.scales);
  fit(network, request, result);
  result.network.layers = network.folded();
}

}  // namespace
}  // namespace mote

extern "C" {

int32_t mote_train_layout() { return mote::train_layout(); }

int32_t mote_train_run(const mote::TrainRequest* request, mote::TrainResult* result) {
  try {
    mote::run(*request, *result);
    return 0;
  } catch (const c10::Error& error) {
    result->error = error.what_without_backtrace();
  } catch (const std::exception& error) {
    result->error = error.what();
  }
  return 1;
}
}
