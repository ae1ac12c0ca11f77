// SPDX-License-Identifier: Apache-2.0
// The activation of a recurrent layer's gate as a number of its Params: in a code and two
// parameters, out f(x). The functions are those of ONNX's RNN, GRU and LSTM; clamp stands for none,
// relu, relu6 and relu_n1_to_1.
#pragma once
#include "ops/nn/unary/activations.h"

namespace mote {

enum RecurrentActivation : int32_t {
  kRecurrentTanh,
  kRecurrentLogistic,
  kRecurrentClamp,        // to a .. b
  kRecurrentAffine,       // a x + b
  kRecurrentLeakyRelu,    // a x below 0
  kRecurrentElu,          // a (e^x - 1) below 0
  kRecurrentHardSigmoid,  // a x + b within 0 .. 1
  kRecurrentScaledTanh,   // a tanh(b x)
  kRecurrentThresholdedRelu,
  kRecurrentSoftsign,
  kRecurrentSoftplus,
};

MOTE_INLINE float recurrent_activation_f32(int32_t code, float a, float b, float x) {
  switch (code) {
    case kRecurrentLogistic:
      return logistic_f32(x);
    case kRecurrentClamp:
      return clamp(x, a, b);
    case kRecurrentAffine:
      return a * x + b;
    case kRecurrentLeakyRelu:
      return leaky_relu_f32(x, a, b);
    case kRecurrentElu:
      return elu_f32(x, a, b);
    case kRecurrentHardSigmoid:
      return hard_sigmoid_f32(x, a, b);
    case kRecurrentScaledTanh:
      return a * tanh_f32(b * x);
    case kRecurrentThresholdedRelu:
      return x >= a ? x : 0.0f;
    case kRecurrentSoftsign:
      return softsign_f32(x);
    case kRecurrentSoftplus:
      return softplus_f32(x);
    default:
      return tanh_f32(x);
  }
}

// f of the sum of a gate, which is cut to -clip .. clip first; clip 0: it is not.
template <class Params>
MOTE_INLINE float gate_f32(const Params& p, int32_t function, float sum) {
  if (p.clip > 0.0f) sum = clamp(sum, -p.clip, p.clip);
  return recurrent_activation_f32(p.activation[function], p.alpha[function], p.beta[function], sum);
}

}  // namespace mote
