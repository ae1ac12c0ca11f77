// SPDX-License-Identifier: Apache-2.0
// What a user can get wrong before training: each fault has its code, and all are told at once.
#include "train/check.h"

#include <gtest/gtest.h>

#include <limits>

#include "train/test_data.h"

namespace mote {
namespace {

TrainingData clouds() {
  return {{"a", "b", "c"}, test::make_clouds({.samples = 30, .seed = 1}, 4), {}};
}

std::vector<std::string> codes_of(const ModelSpec& spec, const TrainingData& data) {
  std::vector<std::string> codes;
  try {
    Diagnostics diagnostics;
    check_training(spec, data, diagnostics);
    for (const Diagnostic& d : diagnostics.warnings()) codes.push_back("warning " + d.code);
  } catch (const UserError& error) {
    for (const Diagnostic& d : error.diagnostics()) codes.push_back(d.code);
  }
  return codes;
}

using Codes = std::vector<std::string>;

TEST(CheckTraining, GoodDataPasses) { EXPECT_EQ(codes_of({}, clouds()), Codes{}); }

TEST(CheckTraining, AllFaultsAreToldAtOnce) {
  ModelSpec spec;
  spec.fit.learning_rate = -1;
  spec.fit.schedule = "cosin";
  spec.dropout = 1;
  spec.augmentation.time_masks = 1;
  EXPECT_EQ(codes_of(spec, clouds()),
            (Codes{"wrong-model", "unknown-schedule", "wrong-feature-shape", "wrong-model"}));
}

TEST(CheckTraining, WhatMovesFramesNeedsFrames) {
  for (double FeatureAugmentation::*option :
       {&FeatureAugmentation::time_stretch, &FeatureAugmentation::frequency_warp,
        &FeatureAugmentation::equalise}) {
    ModelSpec spec;
    spec.augmentation.*option = 0.1;
    EXPECT_EQ(codes_of(spec, clouds()), Codes{"wrong-feature-shape"});
  }
}

TEST(CheckTraining, NotANumberIsOutOfEveryRange) {
  ModelSpec spec;
  spec.fit.learning_rate = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(codes_of(spec, clouds()), Codes{"wrong-model"});
}

TEST(CheckTraining, SaysWhichRangeIsRight) {
  ModelSpec spec;
  spec.fit.learning_rate = 0;
  try {
    Diagnostics diagnostics;
    check_training(spec, clouds(), diagnostics);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.diagnostics().at(0).message, "'learning_rate' is out of range");
    EXPECT_EQ(error.diagnostics().at(0).remedy, "use a number from 1e-09 to 10");
  }
}

TEST(CheckTraining, NonFiniteFeatureIsNamed) {
  TrainingData data = clouds();
  data.training.features[4 * 7 + 2] = std::numeric_limits<float>::infinity();
  try {
    Diagnostics diagnostics;
    check_training({}, data, diagnostics);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.diagnostics().at(0).place, "training sample 7");
    EXPECT_EQ(error.diagnostics().at(0).message, "feature 2 is not a finite number");
  }
}

TEST(CheckTraining, OneClassIsTooFew) {
  TrainingData data = clouds();
  for (int32_t& label : data.training.labels) label = 1;
  EXPECT_EQ(codes_of({}, data), Codes{"too-few-classes"});
  data.training = {{4}, {}, {}, {}};
  EXPECT_EQ(codes_of({}, data), Codes{"too-few-classes"});
}

TEST(CheckTraining, ClassWithoutSamplesIsAWarning) {
  TrainingData data = clouds();
  data.classes.push_back("d");
  EXPECT_EQ(codes_of({}, data), Codes{"warning class-without-samples"});
}

}  // namespace
}  // namespace mote
