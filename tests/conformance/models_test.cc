// SPDX-License-Identifier: Apache-2.0
// Whole models of other people, from the shared data: imported, evaluated, and compared with
// TensorFlow Lite Micro in every output byte (float32 within the tolerance), over a sequence of
// random inputs without a reset, so that state counts; of some models every layer is compared.
// Environment: MOTE_DATA (skips without it), MOTE_MODEL_INPUTS (3 a model; 1000 is the long form),
// and those of oracle.h.
#include <gtest/gtest.h>

#include "graph/scratch_folder.h"
#include "tests/conformance/oracle.h"
#include "tests/conformance/oracle_batch.h"

namespace mote::conformance {
namespace {

namespace fs = std::filesystem;

struct KnownModel {
  const char* name;
  Against against;
  bool every_layer = false;
};
void PrintTo(const KnownModel& model, std::ostream* out) { *out << model.name; }

constexpr KnownModel kModels[] = {
    {"TinyMaix__cifar10_q", Against::micro_alone},
    {"TinyMaix__mnist_valid_f", Against::micro_tolerance},
    {"TinyMaix__mnist_valid_q", Against::micro_alone},
    {"micro-wake-word-models__alexa", Against::micro_alone},
    {"micro-wake-word-models__v2_hey_jarvis", Against::micro_alone},
    {"mit-bih__float32", Against::litert_hybrid},
    {"tflite-micro__audio_preprocessor_float", Against::micro_tolerance},
    {"tflite-micro__audio_preprocessor_int8", Against::micro_alone},
    {"tflite-micro__hello_world_float", Against::micro_tolerance},
    {"tflite-micro__hello_world_int8", Against::micro_alone, true},
    {"tflite-micro__micro_speech_quantized", Against::micro_alone, true},
    {"tflite-micro__person_detect", Against::micro_alone},
    {"tflite-micro__trained_lstm", Against::micro_tolerance},
    {"tflite-micro__trained_lstm_int8", Against::micro_alone},
    {"tiny__ad01_fp32", Against::micro_tolerance},
    {"tiny__ad01_int8", Against::micro_alone, true},
    {"tiny__kws_ref_model", Against::micro_alone, true},
    {"tiny__kws_ref_model_float32", Against::litert_hybrid},
    {"tiny__pretrainedResnet", Against::micro_tolerance},
    {"tiny__pretrainedResnet_quant", Against::micro_alone, true},
    {"tiny__str_ww_ref_model", Against::micro_alone},
    {"tiny__vww_96_float", Against::micro_tolerance},
    {"tiny__vww_96_int8", Against::micro_alone, true},
};

class WholeModel : public testing::TestWithParam<KnownModel> {
 protected:
  void SetUp() override {
    if (environment("MOTE_DATA", "").empty())
      GTEST_SKIP() << "MOTE_DATA is not set: the models of others are not at hand";
    skip_without_oracle();
  }
};

TEST_P(WholeModel, AnswersAsItsOwnRuntime) {
  const fs::path path = fs::path(environment("MOTE_DATA", "")) / "models/tflite" /
                        (std::string(GetParam().name) + ".tflite");
  std::ifstream file(path, std::ios::binary);
  const Bytes model{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(model.empty()) << path;
  const ScratchFolder folder;
  Random random(seed());
  OracleBatch batch(folder.path());
  // What LiteRT makes of a hybrid model on random inputs is near ours, not equal: a look, no proof.
  const bool hybrid = GetParam().against == Against::litert_hybrid;
  const int inputs = hybrid ? 3 : std::stoi(environment("MOTE_MODEL_INPUTS", "3"));
  batch.add(ForeignCase{model, GetParam().name, {}, GetParam().against, GetParam().every_layer},
            random, inputs);
  const ProgramResult answer = ask_oracle(folder.path());
  EXPECT_EQ(answer.status, 0) << "MOTE_SEED=" << seed() << "\n" << answer.output;
}

std::string model_name(const testing::TestParamInfo<KnownModel>& test) {
  std::string name = test.param.name;
  for (char& c : name)
    if (!std::isalnum(uint8_t(c))) c = '_';
  return name;
}
INSTANTIATE_TEST_SUITE_P(Tflite, WholeModel, testing::ValuesIn(kModels), model_name);

}  // namespace
}  // namespace mote::conformance
