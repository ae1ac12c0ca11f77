// SPDX-License-Identifier: Apache-2.0
// The report's forms from values made by hand: means over groups, further boards, builds without
// firmware, the model's memory.
#include "project/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mote {
namespace {

using nlohmann::json;

Fold group(const std::string& name, const std::vector<int32_t>& truth,
           const std::vector<int32_t>& decided) {
  Fold fold;
  fold.held_out = name;
  fold.by_int8 = score(truth, decided, 2);
  fold.by_float = fold.by_int8;
  return fold;
}

BuildReport report() {
  BuildReport r;
  r.name = "walk";
  r.board = "microbit";
  r.classes = {"idle", "walk"};
  r.by_float = r.by_int8 = score({0, 1}, {0, 1}, 2);
  return r;
}

// One right of one, and one right of four: pooled 2 / 5, but each group counts once.
TEST(MeanOverGroups, EachGroupCountsOnceHoweverLarge) {
  BuildReport r = report();
  r.groups = {group("anna", {0}, {0}), group("ben", {0, 0, 1, 1}, {1, 1, 0, 1})};
  EXPECT_DOUBLE_EQ(mean_over_groups(r, &Scores::accuracy), (1.0 + 0.25) / 2);
  const double f1 = r.groups[1].by_int8.macro_f1;  // class 0: 0; class 1: TP 1, FP 2, FN 1
  EXPECT_DOUBLE_EQ(f1, (0.0 + 2.0 / 5) / 2);
  EXPECT_DOUBLE_EQ(mean_over_groups(r, &Scores::macro_f1), (1.0 + f1) / 2);
  const json object = json::parse(to_json(r));
  EXPECT_DOUBLE_EQ(object["accuracy_int8_mean_over_groups"], 0.625);
  EXPECT_NE(to_text(r).find("mean over 2 groups: int8  62.50 % accuracy  0.6000 macro-F1"),
            std::string::npos)
      << to_text(r);
}

TEST(MeanOverGroups, WithoutGroupsThereIsNone) {
  EXPECT_EQ(mean_over_groups(report(), &Scores::accuracy), 0);
  EXPECT_TRUE(json::parse(to_json(report()))["accuracy_int8_mean_over_groups"].is_null());
  EXPECT_EQ(to_text(report()).find("mean over"), std::string::npos);
}

TEST(Report, FiguresOfFirmwareThatDidNotRunAreNull) {
  const json object = json::parse(to_json(report()));
  for (const char* name : {"instructions", "cycles_estimate", "ram_bytes", "flash_bytes", "layers",
                           "certificate", "self_test_passed", "bit_exact", "accuracy_firmware"})
    EXPECT_TRUE(object.at(name).is_null()) << name;
  EXPECT_EQ(object["board"], "microbit");
  EXPECT_EQ(object["accuracy_int8"], 1.0);
  EXPECT_EQ(to_text(report()).find("firmware"), std::string::npos);
}

TEST(Report, FurtherBoardsHaveARowAndALineEach) {
  BuildReport r = report();
  r.firmware.ran = true;
  r.also = {{"rp2040-pico", 12, 0, true, ""}, {"own", 12, 3, false, "layer 1 \"dense\" differs"}};
  const json expected = {{{"board", "rp2040-pico"},
                          {"windows_verified", 12},
                          {"windows_differing", 0},
                          {"bit_exact", true},
                          {"difference", ""}},
                         {{"board", "own"},
                          {"windows_verified", 12},
                          {"windows_differing", 3},
                          {"bit_exact", false},
                          {"difference", "layer 1 \"dense\" differs"}}};
  EXPECT_EQ(json::parse(to_json(r))["also"], expected);
  EXPECT_NE(to_text(r).find("also on an emulated rp2040-pico: 12 windows, 0 differing; every layer "
                            "and state equal\n"
                            "also on an emulated own: 12 windows, 3 differing; every layer and "
                            "state NOT equal: layer 1 \"dense\" differs\n"),
            std::string::npos)
      << to_text(r);
}

TEST(Report, PredictedMemoryIsSetBesideTouchedInEveryForm) {
  BuildReport r = report();
  r.firmware.ran = true;
  r.firmware.model_bytes = 1208;
  r.firmware.model_touched_bytes = 1200;
  r.firmware.alignment = {{"window/fill", 400, 404}, {"scores", 1204, 1208}};
  const std::string words =
      "1208 bytes predicted, 1200 touched, 8 of alignment (behind window/fill, scores)";
  EXPECT_EQ(model_memory(r.firmware), words);
  EXPECT_NE(to_text(r).find(words), std::string::npos);
  EXPECT_NE(to_html(r).find(words), std::string::npos);
  const json object = json::parse(to_json(r));
  EXPECT_EQ(object["model_touched_bytes"], 1200);
  EXPECT_EQ(object["model_alignment"][0],
            (json{{"behind", "window/fill"}, {"begin", 400}, {"end", 404}}));
  r.firmware.model_touched_bytes = 1000;
  EXPECT_NE(model_memory(r.firmware).find(", 200 not reached"), std::string::npos);
  r.firmware.model_touched_bytes = 1204;
  EXPECT_NE(model_memory(r.firmware).find("4 TOUCHED THAT THE PLAN LEAVES IDLE"),
            std::string::npos);
  r.firmware.model_touched_bytes = 1208;
  r.firmware.alignment.clear();
  EXPECT_EQ(model_memory(r.firmware), "1208 bytes predicted, 1208 touched");
}

TEST(Report, ArenaIsSetBesideItsBoundInEveryForm) {
  BuildReport r = report();
  r.firmware.ran = true;
  r.firmware.arena_bytes = 1000;
  r.firmware.arena_bound = {1000, 1000};
  EXPECT_NE(to_text(r).find("; arena optimal\n"), std::string::npos) << to_text(r);
  r.firmware.arena_bytes = 1024;
  const std::string words = "within 2.4 % of the least that there could be";
  EXPECT_NE(to_text(r).find("; arena " + words + "\n"), std::string::npos) << to_text(r);
  EXPECT_NE(to_html(r).find(words), std::string::npos);
  r.firmware.arena_bound = {1000, 800};
  EXPECT_NE(to_text(r).find("; arena within 2.4 % of the least for this order of layers, within "
                            "28.0 % of what any could need\n"),
            std::string::npos)
      << to_text(r);
  EXPECT_EQ(json::parse(to_json(r))["arena_bound_bytes"], 1000);
  EXPECT_EQ(json::parse(to_json(r))["arena_any_order_bytes"], 800);
  r.firmware.arena_bound = {1024, 1000};
  EXPECT_NE(to_text(r).find("; arena optimal for this order of layers, within 2.4 % of what any"),
            std::string::npos)
      << to_text(r);
}

TEST(Report, MemoriesAreRowsInEveryForm) {
  BuildReport r = report();
  r.firmware.ran = true;
  r.firmware.memories = {
      {"sram", MemoryKind::ram, 4096, {{"data", 8}, {"stack", 200}}, 1200},
      {"sdram", MemoryKind::ram, 65536, {{"model", 5000}}},
      {"qspi", MemoryKind::flash, 65536, {}},
  };
  for (const char* row : {"sram 208 of 4096 bytes: data 8, stack 200",
                          "sdram 5000 of 65536 bytes: model 5000", "qspi 0 of 65536 bytes"}) {
    EXPECT_NE(to_text(r).find(row), std::string::npos) << to_text(r);
    EXPECT_NE(to_html(r).find(row), std::string::npos);
  }
  const json memories = json::parse(to_json(r))["memories"];
  EXPECT_EQ(memories[0]["accesses"], 1200);
  EXPECT_EQ(memories[1], (json{{"name", "sdram"},
                               {"kind", "ram"},
                               {"bytes", 65536},
                               {"used_bytes", 5000},
                               {"holds", {{{"what", "model"}, {"bytes", 5000}}}},
                               {"accesses", nullptr}}));
  EXPECT_EQ(memories[2]["kind"], "flash");
}

TEST(Report, TunedKernelsAreInEveryForm) {
  BuildReport r = report();
  r.firmware.ran = true;
  EXPECT_EQ(to_html(r).find("<h2>Kernels"), std::string::npos);
  r.tuning = Tuning{
      "microbit",
      900,
      {{"conv <1>", "k", {{"slow", 700, 810, 60, {}, false}, {"fast", 500, 620, 90, {}, true}}}},
      2};
  for (const char* figure :
       {"slow", "810.0", "* fast", "620.0", "1 of 1 layers other than by rule"}) {
    EXPECT_NE(to_text(r).find(figure), std::string::npos) << to_text(r);
    EXPECT_NE(to_html(r).find(figure), std::string::npos) << to_html(r);
  }
  EXPECT_NE(to_html(r).find("conv &lt;1&gt;"), std::string::npos);
  EXPECT_EQ(json::parse(to_json(r))["tune"]["layers"][0]["kernels"][1]["chosen"], true);
}

}  // namespace
}  // namespace mote
