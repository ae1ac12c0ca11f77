// SPDX-License-Identifier: Apache-2.0
// filter_bank: the energies of a spectrum collected into overlapping triangular channels. A bin of
// segment c counts with its weight into channel c and with its unweight into channel c + 1; channel
// 0 is dropped. In: uint32 bins and the tables. Out: uint64
// sums. The rule is TFLM's SignalFilterBank (signal/src/filter_bank.cc).
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

struct FilterBankParams {
  int32_t channels;
};
template <class Visitor>
void for_each_field(const FilterBankParams& p, Visitor& field) {
  field("channels", p.channels);
}

// x [bins]; bins, tables, widths [channels + 1]: of each segment, its first bin, its first weight
// and its length, all inside x and weights, unweights (the host has checked); y [channels]. Sums
// wrap at 2^64; with weights of 12 bits that takes 2^20 bins.
MOTE_INLINE void filter_bank_u32(const FilterBankParams& p, const uint32_t* x,
                                 const int16_t* weights, const int16_t* unweights,
                                 const int16_t* bins, const int16_t* tables, const int16_t* widths,
                                 uint64_t* y) {
  uint64_t sum = 0;
  for (int32_t c = 0; c <= p.channels; ++c) {
    uint64_t next = 0;
    for (int32_t j = 0; j < widths[c]; ++j) {
      sum += (uint64_t)(int64_t)weights[tables[c] + j] * x[bins[c] + j];
      next += (uint64_t)(int64_t)unweights[tables[c] + j] * x[bins[c] + j];
    }
    if (c > 0) y[c - 1] = sum;
    sum = next;
  }
}

}  // namespace mote
