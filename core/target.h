// SPDX-License-Identifier: Apache-2.0
// What the compiler is told beyond the language. The one file that looks at which compiler it is.
#pragma once

// Kernels: folded into the layer that calls them, so that constant parameters reach the loops.
#define MOTE_INLINE inline __attribute__((always_inline))

// What many layers share: one real function, so that a loop that takes all registers has them.
#define MOTE_SHARED inline __attribute__((noinline))

// What runs once, at start-up or in a test: small rather than fast.
#define MOTE_COLD __attribute__((cold))

// Layers: one real function and one symbol each, whatever the optimiser knows about its body.
// `noipa` keeps gcc from merging equal layers and from dropping calls: gcc 12 for Cortex-M0 takes a
// layer for one that writes nothing (it reads the sum of a pointer and an offset as an access of
// null). tests/ports fails if a layer is lost from an image.
#if defined(__clang__)
#define MOTE_LAYER __attribute__((noinline))
#else
#define MOTE_LAYER __attribute__((noinline, noipa))
#endif
