// SPDX-License-Identifier: Apache-2.0
// Images of the fixture model: what does not fit, the same bytes in every folder, and what the
// compiler of the board says, or that it is missing.
#include "runner/image.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "runner/test_firmware.h"

namespace mote::test {
namespace {

namespace fs = std::filesystem;

// 16 more bytes of model are 16 more bytes over, and a model that fills the memory to the last byte
// beside the stack still fits: the player has its own memory where the emulated machine allows it.
TEST(Image, MisfitSaysHowManyBytesInWhichMemory) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  ScratchFolder folder;
  const Board board = board_named("microbit");
  const uint32_t ram = 16 * 1024;
  BuildRequest request = request_in(folder);
  request.stack_bytes = 1024;
  // 16 bytes: the two file numbers of the semihosting port, aligned.
  const uint32_t largest = ram - request.stack_bytes - 16;
  const auto build = [&](uint32_t model_bytes, Diagnostics& diagnostics) {
    request.sizes.model_bytes = model_bytes;
    return build_images(request, board, {ImageKind::emulated}, diagnostics)[0];
  };
  Diagnostics fits;
  EXPECT_FALSE(build(largest, fits).elf.empty()) << messages(fits);
  Diagnostics over;
  const Image too_large = build(largest + 32, over);
  EXPECT_TRUE(too_large.elf.empty());
  EXPECT_FALSE(fs::exists(folder.path("build/microbit-emulated.elf")));
  ASSERT_EQ(too_large.misfits.size(), 1u) << messages(over);
  EXPECT_EQ(too_large.misfits[0].memory, "sram");
  const uint64_t bytes = too_large.misfits[0].bytes_over;
  EXPECT_NEAR(double(bytes), 32, 16);
  EXPECT_NE(messages(over).find("microbit: sram: microbit-emulated is " + std::to_string(bytes) +
                                " bytes too large"),
            std::string::npos)
      << messages(over);
  Diagnostics more;
  EXPECT_EQ(build(largest + 48, more).misfits.at(0).bytes_over, bytes + 16);
}

TEST(Image, SameBytesInEveryFolderAndNoPath) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  ScratchFolder first, second;
  const Board board = board_named("nucleo-l4r5zi");
  const std::vector<ImageKind> kinds = {ImageKind::emulated, ImageKind::own};
  Diagnostics diagnostics;
  const auto a = build_images(request_in(first), board, kinds, diagnostics);
  BuildRequest elsewhere = request_in(second);
  elsewhere.model_folder = second.path("copied");
  fs::copy(source_path("runner/testdata/firmware"), elsewhere.model_folder);
  const auto b = build_images(elsewhere, board, kinds, diagnostics);
  diagnostics.stop_if_any();
  for (size_t i = 0; i < kinds.size(); ++i) {
    EXPECT_EQ(a[i].objects, b[i].objects);
    EXPECT_EQ(a[i].sha256, b[i].sha256);
    const std::string elf = read_text(a[i].elf.string());
    EXPECT_EQ(elf.find(fs::absolute(source_path("")).string()), std::string::npos);
    EXPECT_EQ(elf.find(first.path("")), std::string::npos);
  }
  EXPECT_NE(a[0].sha256, a[1].sha256);
  // The certificate's claim: but for the port's link, both images hold the same objects.
  size_t n_model = 0;
  for (size_t i = 1; i < a[0].objects.size(); ++i) {
    EXPECT_EQ(a[0].objects[i], a[1].objects[i]);
    n_model += a[0].objects[i].name.rfind("model/", 0) == 0;
  }
  EXPECT_EQ(n_model, 2u);
}

TEST(Image, DefectInEmittedCodeIsTheCompilersMessage) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  ScratchFolder folder;
  BuildRequest request = request_in(folder);
  request.model_folder = changed_fixture(folder, "model.cc", kDefect, "no_such_name();");
  Diagnostics diagnostics;
  const auto images =
      build_images(request, board_named("microbit"), {ImageKind::emulated}, diagnostics);
  EXPECT_TRUE(images[0].elf.empty());
  EXPECT_NE(messages(diagnostics).find("no_such_name"), std::string::npos);
}

TEST(Image, MissingCompilerIsSaidWithARemedy) {
  ScratchFolder folder;
  const std::string path = getenv("PATH");
  setenv("PATH", "/nonexistent", 1);
  Diagnostics diagnostics;
  build_images(request_in(folder), board_named("microbit"), {ImageKind::emulated}, diagnostics);
  run_emulated(RunRequest{}, board_named("microbit"), ImageKind::emulated, diagnostics);
  setenv("PATH", path.c_str(), 1);
  ASSERT_EQ(diagnostics.errors().size(), 2u);
  for (const Diagnostic& error : diagnostics.errors()) {
    EXPECT_EQ(error.code, "tool-missing");
    EXPECT_NE(error.remedy.find("apt-get install"), std::string::npos);
  }
}

}  // namespace
}  // namespace mote::test
