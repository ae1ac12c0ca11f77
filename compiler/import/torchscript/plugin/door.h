// SPDX-License-Identifier: Apache-2.0
// The door between import_torchscript.cc and libmote_torchscript.so: one C function over C++
// values. Both sides come out of one build, so the values' layout is the same;
// mote_torchscript_layout() tells a library of another build apart.
#pragma once
#include "compiler/import/pytorch/program.h"

namespace mote::torchscript {

struct ReadRequest {
  const Bytes* bytes = nullptr;
  std::string name;  // of the model
  const std::vector<ImportOptions::Input>* inputs = nullptr;
};

struct Refusal {
  std::string code;
  std::string place;  // behind the file's; empty: the file itself
  std::string message;
  std::string remedy;
};

struct ReadAnswer {
  pytorch::Program program;
  std::vector<Refusal> refusals;  // empty: the program is complete
};

constexpr int32_t kDoorVersion = 1;

// A number that differs where the values at this door are laid out differently.
constexpr int32_t door_layout() {
  return kDoorVersion * 1000003 + int32_t(sizeof(ReadRequest) * 8191 + sizeof(ReadAnswer) * 257 +
                                          sizeof(pytorch::Call) * 31 + sizeof(pytorch::Argument));
}

}  // namespace mote::torchscript

extern "C" {
#pragma GCC visibility push(default)
int32_t mote_torchscript_layout();
// Fills `answer`; never throws.
void mote_torchscript_read(const mote::torchscript::ReadRequest* request,
                           mote::torchscript::ReadAnswer* answer);
#pragma GCC visibility pop
}
