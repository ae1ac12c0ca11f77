// SPDX-License-Identifier: Apache-2.0
// The order in which a kernel reads an input and writes output 0, as a value: what the planner
// needs to let an output overlap an input that nobody reads later. A step is a stretch of the
// kernel's run in which every read comes before every write. Steps are told in the order in which
// they run; a byte is written in no other step than the one that says so, and read in none after
// the last that says so (earlier reads do no harm). Offsets are bytes from the first of the input
// and of the output.
#pragma once
#include <cstdint>
#include <vector>

namespace mote {

struct AccessStep {
  int64_t read_begin = 0;  // the lowest byte read ..
  int64_t read_end = 0;    // .. and the first beyond; equal where the step reads nothing
  int64_t write_begin = 0;
  int64_t write_end = 0;
};

// A loop: so many steps, each further on by the strides than the one before.
struct AccessRun {
  AccessStep first;
  int64_t steps = 1;
  int64_t read_stride = 0;
  int64_t write_stride = 0;
};

struct AccessOrder {
  int32_t input = 0;  // of the node
  // Above 1: of every so many neighbouring bytes each belongs to another lane, and the runs are
  // those of the first. Lanes come in any order, so they must fall onto themselves: the output
  // begins a multiple of `lanes` before the input.
  int32_t lanes = 1;
  std::vector<AccessRun> runs;
};

template <class Visit>
void for_each_step(const AccessOrder& order, const Visit& visit) {
  for (const AccessRun& run : order.runs) {
    AccessStep step = run.first;
    for (int64_t i = 0; i < run.steps; ++i) {
      visit(step);
      step.read_begin += run.read_stride, step.read_end += run.read_stride;
      step.write_begin += run.write_stride, step.write_end += run.write_stride;
    }
  }
}

// How many bytes before the input the output must begin, at least, so that no byte is overwritten
// before it is read; not negative.
int64_t least_distance(const AccessOrder& order);

}  // namespace mote
