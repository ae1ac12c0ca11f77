// SPDX-License-Identifier: Apache-2.0
// What the compiler is told beyond the language. The one file that looks at which compiler it is.
#pragma once

// Kernels: folded into the layer that calls them, so that constant parameters reach the loops.
#define MOTE_INLINE inline __attribute__((always_inline))

// Layers: one real function and one symbol each, whatever the optimiser knows about its body. `noipa` keeps gcc from
// merging equal layers and from dropping calls: gcc 12.2 at -O2 removes the call of a layer whose result the next
// layer reads from the arena (tests/ports, emitted_layers_are_never_dropped).
#if defined(__clang__)
#define MOTE_LAYER __attribute__((noinline))
#else
#define MOTE_LAYER __attribute__((noinline, noipa))
#endif
