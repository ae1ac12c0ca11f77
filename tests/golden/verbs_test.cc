// SPDX-License-Identifier: Apache-2.0
// Every verb on one small project, with --json: exit status 0, one object, nothing on standard
// error but warnings, and every name in it stands in docs/formats/cli.md. Usage faults end with 2.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "runner/subprocess.h"
#include "runner/tool_output.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

fs::path program() {
  for (fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
       folder.has_relative_path(); folder = folder.parent_path())
    if (fs::is_regular_file(folder / "mote")) return folder / "mote";
  return {};
}

class VerbsTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* source = std::getenv("MOTE_SOURCE_DIR");
    if (!source) GTEST_SKIP() << "MOTE_SOURCE_DIR is not set: the project is not found";
    for (const char* tool : {"arm-none-eabi-gcc", "qemu-system-arm"})
      if (!tool_exists(tool)) GTEST_SKIP() << tool << " is not installed";
    page_ = read(fs::path(source) / "docs/formats/cli.md");
    folder_ = fs::path(testing::TempDir()) /
              (std::string("mote_verbs_") + std::to_string(getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    fs::copy(fs::path(source) / "tests/golden/common", folder_ / "p", fs::copy_options::recursive);
  }
  void TearDown() override { fs::remove_all(folder_); }

  Ending run(const std::string& words) const {
    Invocation invocation;
    invocation.args = {program().string()};
    std::istringstream in(words);
    for (std::string word; in >> word;) invocation.args.push_back(word);
    invocation.folder = folder_;
    invocation.output = folder_ / "out.txt";
    return run_program(invocation);
  }

  json object(const std::string& words) const {
    const Ending ending = run(words + " --json");
    EXPECT_TRUE(ending.good()) << words << ": " << to_string(ending) << "\n" << ending.text;
    std::istringstream lines(ending.text);
    for (std::string line; std::getline(lines, line);)
      EXPECT_EQ(line.rfind("warning:", 0), 0u) << line;
    const json answer = json::parse(read(folder_ / "out.txt"), nullptr, false);
    EXPECT_TRUE(answer.is_object()) << words;
    if (!answer.is_object()) return json::object();
    for (const auto& [name, value] : answer.items())
      EXPECT_NE(page_.find(name), std::string::npos)
          << words << ": '" << name << "' is not in cli.md";
    return answer;
  }

  fs::path folder_;
  std::string page_;
};

TEST_F(VerbsTest, EachAnswersWithOneDocumentedObject) {
  EXPECT_EQ(object("new n --data p/recordings")["label_by"], "folder");
  EXPECT_TRUE(object("doctor")["healthy"]);
  EXPECT_FALSE(object("data list")["data_sets"].empty());
  EXPECT_EQ(object("data show p")["recordings"], 8);
  const json build = object("build p");
  EXPECT_TRUE(build["bit_exact"]);
  EXPECT_EQ(object("report p"), build);
  const json run = object("run p --board microbit");
  EXPECT_EQ(run["board"], "microbit");
  EXPECT_TRUE(run["bit_exact"]);
  EXPECT_GT(run["instructions"], 0);
  EXPECT_EQ(run["outputs"].size(), 2u);
  const json scores = object("evaluate p --data p/recordings");
  EXPECT_EQ(scores["accuracy_firmware"], scores["accuracy_int8"]);
  EXPECT_EQ(scores["windows_differing"], 0);
  EXPECT_EQ(object("compile p --board " + std::string(build["board"]))["model_id"],
            build["hashes"]["emitted_code"]);
  EXPECT_TRUE(object("compile p --stop-after=plan --dump")["doors"].contains("plan"));
  for (const char* form : {"cmake", "arduino", "zephyr", "header"})
    EXPECT_TRUE(fs::exists(folder_ /
                           object(std::string("deploy p --as ") + form + " --out " + form)["out"] /
                           "README.md"));
  if (tool_exists("clang++-14") && tool_exists("wasm-ld-14")) {
    const json module = object("deploy p --as wasm --out wasm")["module"];
    EXPECT_EQ(fs::file_size(folder_ / "wasm" / module["file"]), module["bytes"]);
    EXPECT_EQ(module["memory_bytes"].get<int>() % 65536, 0);
  }
  EXPECT_EQ(object("train p")["heads"].size(), 1u);
}

TEST_F(VerbsTest, ClassesAreAListOrATable) {
  const std::string toml = read(folder_ / "p/mote.toml");
  const auto classes_with = [&](const std::string& line) {
    std::string changed = toml;
    changed.insert(changed.find("[window]"), line + "\n");
    std::ofstream(folder_ / "p/mote.toml") << changed;
    std::string names;
    const json shown = object("data show p");
    for (const json& part : shown["classes"]) names += part["name"].get<std::string>() + " ";
    return names;
  };
  EXPECT_EQ(classes_with("classes = [\"walk\", \"idle\"]"), "idle walk ");
  EXPECT_EQ(classes_with("classes = [\"walk\"]"), "walk ");
  EXPECT_EQ(classes_with("classes = { walk = \"go\", idle = \"stop\" }"), "go stop ");
}

TEST_F(VerbsTest, BuildWithoutFirmwareLeavesNoImageAndNullFigures) {
  const json build = object("build p --no-firmware");
  for (const char* name : {"instructions", "ram_bytes", "flash_bytes", "layers", "certificate",
                           "bit_exact", "accuracy_firmware", "macro_f1_firmware"})
    EXPECT_TRUE(build.at(name).is_null()) << name;
  EXPECT_TRUE(build["accuracy_int8"].is_number());
  EXPECT_EQ(build["board"], "nucleo-l4r5zi");
  EXPECT_TRUE(fs::exists(folder_ / "p/build/model.graph.txt"));
  EXPECT_FALSE(fs::exists(folder_ / "p/build/firmware"));
  EXPECT_FALSE(fs::exists(folder_ / "p/build/fold"));
  ASSERT_TRUE(run("report p").good());
  EXPECT_EQ(read(folder_ / "out.txt").find("firmware"), std::string::npos);
}

// By name and by file, in the order asked for.
TEST_F(VerbsTest, BuildComparesOnFurtherBoards) {
  std::string board = read(fs::path(std::getenv("MOTE_SOURCE_DIR")) / "boards/mps2-an385.toml");
  const std::string named = "\"mps2-an385\"";
  const size_t at = board.find(named);
  ASSERT_NE(at, std::string::npos);
  board.replace(at, named.size(), "\"mine\"");
  std::ofstream(folder_ / "mine.toml") << board;
  const json build = object("build p --also microbit,mine.toml");
  ASSERT_EQ(build["also"].size(), 2u);
  EXPECT_GT(build["windows_verified"], 0);
  for (const json& core : build["also"]) {
    EXPECT_EQ(core["windows_verified"], build["windows_verified"]);
    EXPECT_EQ(core["windows_differing"], 0);
    EXPECT_EQ(core["bit_exact"], true);
    EXPECT_EQ(core["difference"], "");
  }
  EXPECT_EQ(build["also"][0]["board"], "microbit");
  EXPECT_EQ(build["also"][1]["board"], "mine");
  ASSERT_TRUE(run("report p").good());
  for (const char* name : {"microbit", "mine"})
    EXPECT_NE(read(folder_ / "out.txt").find(std::string("also on an emulated ") + name + ": "),
              std::string::npos)
        << name;
}

// validation = 0: every training window trains, nothing is validated, the last epoch counts.
TEST_F(VerbsTest, WithoutValidationTheLastEpochCounts) {
  std::ofstream(folder_ / "p/mote.toml", std::ios::app) << "validation = 0\n";
  const json train = object("train p");
  const json& head = train["heads"].at(0);
  EXPECT_EQ(head["best_epoch"], head["epochs"].back()["epoch"]);
  EXPECT_EQ(head["epochs"].size(), 2u);
  for (const json& epoch : head["epochs"]) {
    EXPECT_TRUE(epoch["validation_loss"].is_null());
    EXPECT_TRUE(epoch["validation_accuracy"].is_null());
  }
  EXPECT_GE(head["validation_float"], 0.5);  // of the training windows, and there are two classes
}

TEST_F(VerbsTest, DumpPrintsTheDoorAloneAndWritesNothing) {
  ASSERT_TRUE(run("train p").good());
  ASSERT_TRUE(run("compile p --stop-after=graph --dump").good());
  EXPECT_EQ(read(folder_ / "out.txt"), read(folder_ / "p/build/model.graph.txt"));
  EXPECT_FALSE(fs::exists(folder_ / "p/build/library"));
}

TEST_F(VerbsTest, UsageFaultsEndWithTwo) {
  for (const char* words : {"", "bild p", "build", "build p --bord x", "deploy p --as rust --out o",
                            "data", "compile p --stop-after=train"}) {
    const Ending ending = run(words);
    EXPECT_EQ(ending.status, 2) << words << "\n" << ending.text;
  }
}

TEST_F(VerbsTest, HelpHasAnExampleOfEachVerb) {
  for (const char* verb :
       {"new", "doctor", "data", "data list", "data get", "data show", "data record", "build",
        "train", "compile", "run", "evaluate", "deploy", "report"}) {
    EXPECT_EQ(run(std::string(verb) + " --help").status, 0) << verb;
    EXPECT_NE(read(folder_ / "out.txt").find("Example:\n  mote " + std::string(verb)),
              std::string::npos)
        << verb;
  }
}

}  // namespace
}  // namespace mote
