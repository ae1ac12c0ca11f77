// SPDX-License-Identifier: Apache-2.0
// Recordings of other sources that only train: other people, other places. In: what [[further]] of
// mote.toml says, and the set that they join. Out: recordings with that set's axes, rate and
// classes; they are never held out.
#pragma once
#include <string>
#include <vector>

#include "data/dataset.h"

namespace mote {

struct FurtherOptions {
  DataOptions data;
  std::string name;    // before the names and groups of its recordings; ends in no '/'
  double trim_db = 0;  // trimmed(); 0: not
  std::string place;   // "mote.toml:20"
};

// Throws UserError when they do not fit to `main`: other axes or units, a lower rate, a class that
// it has not, a file that is in both.
Dataset read_further(const FurtherOptions& options, const Dataset& main, Diagnostics& diagnostics);

// Without the beginning and the end that stay more than `below_db` below the loudest 25 ms (or
// sample, if that is longer); loudness is the mean square of all axes about their means. A
// recording of silence stays as it is. below_db > 0.
Recording trimmed(const Recording& recording, double below_db);

}  // namespace mote
