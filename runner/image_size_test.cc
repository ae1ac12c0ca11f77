// SPDX-License-Identifier: Apache-2.0
// Image sizes: totals against `size`, parts against what the program declares, objects against the
// totals, and each forbidden thing found in a program that uses it.
#include "runner/image_size.h"

#include <algorithm>

#include "runner/cross_test.h"

namespace mote {
namespace {

const char* const kModel = R"(
#include <stdint.h>
extern "C" const int8_t weights[3000];
const int8_t weights[3000] = {1, 2, 3};
uint32_t counted = 7;
static int32_t arena[250];
extern "C" int64_t layer(int x, int64_t y) {
  arena[x] += weights[x];
  return arena[x] / y + counted;
}
)";
const char* const kMain = R"(
#include <stdint.h>
int64_t layer(int, int64_t);
int64_t result;
__attribute__((section(".harness_zero"))) char painted[512];
__attribute__((section(".harness_code"), noinline)) void player(void) { painted[result & 7] = 1; }
void start(void) { result = layer(3, 9); player(); for (;;) {} }
)";
const char* const kScript = R"(
MEMORY { flash (rx) : ORIGIN = 0, LENGTH = 64K
 ram (rwx) : ORIGIN = 0x20000000, LENGTH = 16K }
ENTRY(start)
SECTIONS { .text : { *(.text*) *(.rodata*) } > flash /DISCARD/ : { *(.ARM.*) }
 .data : { *(.data*) } > ram AT > flash
 .bss (NOLOAD) : { *(.bss*) *(COMMON) end = .; } > ram
 .harness_text : { *(.harness_code*) } > flash
 .harness_bss (NOLOAD) : { *(.harness_zero*) } > ram
 .stack (NOLOAD) : { . += 1024; } > ram }
)";

class Built {
 public:
  Built(const std::string& core, const std::string& model) {
    const std::vector<std::string> common = {
        "-O2", "-ffunction-sections", "-fdata-sections", "-fno-exceptions", "-fno-rtti", "-w",
        "-c"};
    test::cross_compile(core, test::joined(common, {folder_.write("model.cc", model), "-o",
                                                    folder_.path("model.o")}));
    test::cross_compile(
        core, test::joined(common, {folder_.write("main.c", kMain), "-o", folder_.path("main.o")}));
    test::cross_compile(
        core,
        {"-nostartfiles", "--specs=nano.specs", "--specs=nosys.specs", "-T",
         folder_.write("link.ld", kScript), folder_.path("main.o"), folder_.path("model.o"), "-lm",
         "-Wl,--gc-sections,--no-warn-rwx-segments,-Map=" + folder_.path("p.map").string(), "-o",
         folder_.path("p.elf")});
  }
  ImageSize measure() const {
    ImageSizeRequest request;
    request.elf = folder_.path("p.elf");
    request.map = folder_.path("p.map");
    return measure_image(request);
  }
  std::string elf() const { return folder_.path("p.elf"); }

 private:
  ScratchFolder folder_;
};

class ImageSizes : public ::testing::TestWithParam<const char*> {};

TEST_P(ImageSizes, TotalsEqualThoseOfSize) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  const Built built(GetParam(), kModel);
  const ImageSize size = built.measure();
  std::stringstream text(tool_output({"arm-none-eabi-size", built.elf()}));
  std::string header;
  std::getline(text, header);
  uint32_t code = 0, data = 0, zeroed = 0;
  text >> code >> data >> zeroed;
  EXPECT_EQ(size.flash_bytes + size.harness_flash_bytes, code + data);
  EXPECT_GT(size.harness_flash_bytes, 8u);
  EXPECT_EQ(size.harness_ram_bytes, 512u);
  EXPECT_EQ(size.data_bytes, data);
  EXPECT_EQ(size.zeroed_bytes + size.stack_bytes + size.harness_ram_bytes, zeroed);
  EXPECT_EQ(size.stack_bytes, 1024u);
  EXPECT_EQ(size.data_bytes, 4u);
}

TEST_P(ImageSizes, SymbolsAndObjectsAddUp) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  const ImageSize size = Built(GetParam(), kModel).measure();
  ASSERT_FALSE(size.symbols.empty());
  EXPECT_EQ(size.symbols[0].name, "weights");
  EXPECT_EQ(size.symbols[0].bytes, 3000u);
  EXPECT_EQ(size.symbols[0].kind, SymbolKind::constant);
  uint32_t named = size.unnamed_flash_bytes + size.data_bytes, zeroed = 0;
  for (const ImageSymbol& symbol : size.symbols) {
    if (symbol.in_flash()) named += symbol.bytes;
    if (symbol.kind == SymbolKind::zeroed) zeroed += symbol.bytes;
  }
  EXPECT_EQ(named, size.flash_bytes);
  EXPECT_EQ(zeroed, 1008u);  // arena and result
  uint32_t flash = 0, objects_zeroed = 0, data = 0;
  for (const ObjectSize& object : size.objects) {
    flash += object.flash_bytes;
    objects_zeroed += object.zeroed_bytes;
    data += object.data_bytes;
  }
  EXPECT_EQ(flash, size.flash_bytes);
  EXPECT_EQ(objects_zeroed, size.zeroed_bytes);
  EXPECT_EQ(data, size.data_bytes);
  ASSERT_FALSE(size.objects.empty());
  EXPECT_EQ(size.objects[0].name, "model.o");
  EXPECT_GE(size.objects[0].flash_bytes, 3004u);
  EXPECT_TRUE(std::any_of(size.objects.begin(), size.objects.end(),
                          [](const ObjectSize& o) { return o.name.rfind("libgcc.a(", 0) == 0; }));
}

TEST_P(ImageSizes, AProgramOfOursHasNothingForbidden) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  for (const std::string& text : forbidden_symbols(Built(GetParam(), kModel).measure()))
    ADD_FAILURE() << text;
}

TEST_P(ImageSizes, ForbiddenSymbolsAreFoundWithTheirReason) {
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
  const std::string model =
      "#include <stdlib.h>\n#include <stdint.h>\n#include <math.h>\nstruct V { virtual int f() = "
      "0; };\n"
      "struct W : V { int f() override { return 3; } };\nW w; V* volatile v = &w;\n"
      "extern \"C\" void __cxa_pure_virtual() { for (;;) {} }\nvoid operator delete(void*, "
      "unsigned) {}\n"
      "extern \"C\" int64_t layer(int x, int64_t y) { void* p = malloc(size_t(x)); free(p);\n"
      "  return int64_t(p) + y + v->f() + int64_t(expf(float(x))); }\n";
  const ScratchFolder folder;
  const auto found = forbidden_symbols(Built(GetParam(), model).measure());
  const auto has = [&](const std::string& text) {
    return std::find(found.begin(), found.end(), text) != found.end();
  };
  EXPECT_TRUE(has("malloc (heap)"));
  EXPECT_TRUE(has("_sbrk (heap)"));
  EXPECT_TRUE(has("vtable for W (virtual functions)"));
  EXPECT_TRUE(has("expf (libm)"));
}

INSTANTIATE_TEST_SUITE_P(Cores, ImageSizes, ::testing::Values("cortex-m0", "cortex-m4f"),
                         [](const auto& p) { return std::string(p.param).substr(7); });

TEST(ForbiddenSymbols, HarmlessNamesPass) {
  for (const char* name :
       {"tractor_push", "mote_exp_f32", "exponent", "__aeabi_fadd", "memcpy", "memset",
        "free_slots", "_ZN4mote6kernelEv", "__aeabi_ldivmod", "mallocate"})
    EXPECT_EQ(reason_forbidden(name), "") << name;
  EXPECT_EQ(reason_forbidden("_ZNSt6vectorIiE4sizeEv"), "C++ library");
  EXPECT_EQ(reason_forbidden("_Znwj"), "heap");
  EXPECT_EQ(reason_forbidden("__cxa_guard_acquire"), "C++ run time");
}

}  // namespace
}  // namespace mote
