// SPDX-License-Identifier: Apache-2.0
// Model files from disk: what is none, and what is too large to be read.
#include "compiler/import/import.h"

#include <gtest/gtest.h>

#include <fstream>

#include "graph/scratch_folder.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

class ModelFiles : public testing::Test {
 protected:
  // The code for a file of this name and so many zeros; they take no room on the disk.
  std::string code(const std::string& name, uintmax_t bytes) {
    const fs::path file = folder_.write(name, "");
    fs::resize_file(file, bytes);
    return code(file);
  }
  std::string code(const fs::path& path) {
    Diagnostics diagnostics;
    try {
      import_model(path, {}, diagnostics);
      return "taken";
    } catch (const UserError& refusal) {
      return refusal.diagnostics().at(0).code;
    }
  }
  const ScratchFolder folder_;
};

TEST_F(ModelFiles, Sizes) {
  EXPECT_EQ(code("huge.tflite", (uintmax_t(256) << 20) + 1), "too-large");
  EXPECT_EQ(code("huge.onnx", uintmax_t(3) << 30), "too-large");
  EXPECT_EQ(code("empty.tflite", 0), "damaged-file");
  EXPECT_EQ(code("empty.onnx", 0), "wrong-version");
  EXPECT_EQ(code("empty.pte", 0), "damaged-file");
}

TEST_F(ModelFiles, WhatIsNone) {
  EXPECT_EQ(code(folder_.path("nothing.tflite")), "no-model");
  EXPECT_EQ(code(folder_.path()), "no-model");
  EXPECT_EQ(code("a.bin", 100), "unknown-format");
}

}  // namespace
}  // namespace mote
