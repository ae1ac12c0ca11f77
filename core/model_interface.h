/* SPDX-License-Identifier: Apache-2.0
 * What every emitted model offers to a player: sizes, names and a table of functions over a model
 * that lives in `model_bytes` bytes of the caller's memory, aligned to 16. The emitted interface.cc
 * defines `mote_model`; only player images link it, so an application that calls the model directly
 * pays nothing for it. C and C++. */
#ifndef MOTE_CORE_MODEL_INTERFACE_H_
#define MOTE_CORE_MODEL_INTERFACE_H_
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Called after each layer that ran, with the bytes of its first output, valid during the call. */
typedef void (*mote_observer)(void* context, uint32_t layer, const void* data, uint32_t bytes);

typedef struct mote_model_interface {
  const char* name;     /* the project's name */
  const char* model_id; /* 64 hexadecimal digits */
  uint32_t model_bytes; /* sizeof the model struct: all the static RAM it needs, state and arena */
  uint32_t n_layers;
  const char* const* layer_names; /* [n_layers] */
  uint32_t n_streams;
  const uint32_t* stream_axes; /* [n_streams]: int16 values of one sample of each stream */
  uint32_t output_bytes;       /* bytes of the last decision's outputs, concatenated */
  uint32_t saved_bytes;        /* that save() writes: the states, padding-free, and 4 of check */

  /* The state at the start of a recording; the first call on fresh memory. */
  void (*reset)(void* model);
  /* One sample: stream_axes[stream] values. Returns 1 when a decision is ready, else 0. */
  int32_t (*push)(void* model, uint32_t stream, const int16_t* sample);
  int32_t (*push_observed)(void* model, uint32_t stream, const int16_t* sample,
                           mote_observer observer, void* context);
  /* A gap of n samples. `observer` may be null. Returns 1 when a decision is ready, else 0. */
  int32_t (*push_missing)(void* model, uint32_t stream, uint32_t n, mote_observer observer,
                          void* context);
  void (*outputs)(const void* model, uint8_t* to); /* writes output_bytes */
  void (*save)(const void* model, uint8_t* to);    /* writes saved_bytes */
  /* Reads saved_bytes. 1 = loaded; 0 = damaged or another model's, and the model is as it was. */
  int32_t (*load)(void* model, const uint8_t* from);
  /* 0 = good, else 1 + index of the first layer that differs. */
  int32_t (*self_test)(void* model);
  /* Where in the model its sample may be written, in whole int16; null: it has no place for one. */
  int16_t* (*input)(void* model);
  /* A model in two memories: bytes of its far part, and the first call of all, which says where it
   * lies, aligned to 16. 0 and null: it has none. */
  uint32_t far_bytes;
  void (*use_far)(void* model, void* far_memory);
} mote_model_interface;

extern const mote_model_interface mote_model;

#ifdef __cplusplus
}
#endif
#endif
