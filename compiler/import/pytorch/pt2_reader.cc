// SPDX-License-Identifier: Apache-2.0
// See pt2_reader.h. The format is torch/_export/serde/schema.py (major version 8) and
// torch/export/pt2_archive of PyTorch 2.9: models/NAME.json is the graph, data/weights and
// data/constants hold a JSON table of tensors and the raw bytes of their storages.
#include "compiler/import/pytorch/pt2_reader.h"

#include <algorithm>
#include <set>

#include "compiler/import/pytorch/pt2_archive.h"
#include "compiler/import/pytorch/pt2_tensor.h"

namespace mote::pytorch {
namespace {

using List = std::vector<int64_t>;

constexpr int64_t kMajorVersion = 8;
constexpr int64_t kMostConstantBytes = int64_t(64) << 20;
constexpr int64_t kConstantBytes = int64_t(16) << 20;  // that any file may ask for, by strides of 0
constexpr size_t kMostErrors = 100;
constexpr const char* kExportAgain = "export the model again";
constexpr const char* kFloat32 =
    "export the model in float32 (model.float()), with integers or bool beside";
constexpr const char* kFixedShapes = "export the model without dynamic_shapes";

// ---- the archive -------------------------------------------------------------------------------

class Reader {
 public:
  Reader(const ModelFile& file, Diagnostics& diagnostics)
      : place_(file.place),
        diagnostics_(diagnostics),
        archive_(file.bytes, file.place),
        most_bytes_(std::min(kMostConstantBytes, kConstantBytes + 4 * int64_t(file.bytes.size()))) {
    program_.name = file.name;
  }

  Program run() {
    check_layout();
    const std::string name = model_name();
    const std::string entry = "models/" + name + ".json";
    const JsonText json(archive_.read(entry), place_ + ": " + entry);
    const JsonView root = json.root();
    check_version(root);
    const JsonView graph = root["graph_module"]["graph"];
    for (const JsonView& node : graph["nodes"].list()) add_call(node);
    diagnostics_.stop_if_any();
    const JsonView signature = root["graph_module"]["signature"];
    for (const JsonView& spec : signature["output_specs"].list()) add_output(spec);
    find_used();
    for (const JsonView& spec : signature["input_specs"].list()) add_input(spec);
    diagnostics_.stop_if_any();
    add_tensors(graph["tensor_values"]);
    diagnostics_.stop_if_any();
    add_constants("data/weights/", name + "_weights_config.json", weights_);
    add_constants("data/constants/", name + "_constants_config.json", constants_);
    diagnostics_.stop_if_any();
    return std::move(program_);
  }

 private:
  using Wanted = std::map<std::string, std::vector<std::string>>;  // tensors by their stored name

  void error(const char* code, const std::string& where, const std::string& message,
             const std::string& remedy) {
    if (diagnostics_.errors().size() < kMostErrors)
      diagnostics_.error(code, where, message, remedy);
  }

  void check_layout() {
    constexpr const char* kAgain =
        "load and save it with PyTorch 2.9 or later: "
        "torch.export.save(torch.export.load(\"old.pt2\"), \"new.pt2\")";
    if (archive_.has("serialized_exported_program.json") ||
        archive_.has("serialized_state_dict.pt"))
      fail("pickled-weights", place_,
           "it was saved by PyTorch before 2.8, whose weights are pickled", kAgain);
    if (!archive_.has("archive_format"))
      fail("unknown-format", place_, "this archive is no .pt2 file of torch.export",
           "save the model with torch.export.save");
    const Bytes& format = archive_.read("archive_format");
    if (std::string(format.begin(), format.end()) != "pt2")
      fail("unknown-format", place_, "its archive_format is not \"pt2\"", kExportAgain);
    if (archive_.names("models/").empty() && !archive_.names("data/aotinductor/").empty())
      fail("compiled-model", place_, "it holds a compiled library, no graph",
           "save the exported program with torch.export.save");
    if (archive_.has("byteorder")) {
      const Bytes& order = archive_.read("byteorder");
      if (std::string(order.begin(), order.end()) != "little")
        fail("wrong-byte-order", place_, "its numbers are big-endian",
             "save it on a little-endian machine");
    }
    const bool tables =
        std::any_of(all_weights_.begin(), all_weights_.end(),
                    [](const std::string& name) { return name.ends_with("_weights_config.json"); });
    if (!archive_.names("models/").empty() && !tables)
      fail("pickled-weights", place_,
           "it was saved by PyTorch before 2.9, whose weights are pickled", kAgain);
  }

  // "model", or the only one.
  std::string model_name() {
    const std::vector<std::string> models = archive_.names("models/");
    std::vector<std::string> names;
    for (const std::string& model : models)
      if (model.ends_with(".json") && model.size() > 12)
        names.push_back(model.substr(7, model.size() - 12));
    if (std::count(names.begin(), names.end(), "model")) return "model";
    if (names.size() == 1) return names[0];
    fail("no-graph", place_,
         names.empty() ? "it holds no graph (models/*.json)" : "it holds several models",
         "save one program a file");
  }

  void check_version(const JsonView& root) const {
    const int64_t major = root["schema_version"]["major"].integer();
    if (major != kMajorVersion)
      fail("wrong-version", place_,
           "its schema is of version " + std::to_string(major) + ", mote takes " +
               std::to_string(kMajorVersion),
           "export the model with PyTorch 2.9");
  }

  // ---- calls ----

  void add_call(const JsonView& node) {
    Call call;
    call.target = node["target"].text();
    if (call.target.starts_with("torch.ops.")) call.target = call.target.substr(10);
    for (const JsonView& output : node["outputs"].list()) add_call_output(call, output);
    call.name = call.outputs.empty() ? "" : call.outputs[0];
    const size_t index = program_.calls.size();
    program_.calls.push_back(std::move(call));
    for (const JsonView& input : node["inputs"].list()) {
      const std::string name = input["name"].text();
      Argument argument = read_argument(input["arg"], place_ + ": " + place_of(program_, index));
      program_.calls[index].arguments.emplace_back(name, std::move(argument));
    }
  }

  // Truth and numbers that depend on sizes have no place among tensors: who reads them is refused.
  void add_call_output(Call& call, const JsonView& output) {
    const auto [kind, value] = output.choice();
    if (kind == "as_tensor")
      call.outputs.push_back(value["name"].text());
    else if (kind == "as_tensors")
      for (const JsonView& tensor : value.list()) call.outputs.push_back(tensor["name"].text());
    else if (kind == "as_optional_tensor" || kind == "as_none")
      call.outputs.push_back(kind == "as_none" ? "" : optional_tensor(value).name);
    else
      error("dynamic-shape", place_ + ": " + call.target, "its answer is no tensor (" + kind + ")",
            kFixedShapes);
  }

  static TensorName optional_tensor(const JsonView& field) {
    const auto [kind, value] = field.choice();
    return {kind == "as_tensor" ? value["name"].text() : ""};
  }

  Argument read_argument(const JsonView& field, const std::string& where) {
    const auto [kind, value] = field.choice();
    if (kind == "as_none" || kind == "as_memory_format" || kind == "as_layout" ||
        kind == "as_device")
      return {};
    if (kind == "as_tensor") return TensorName{value["name"].text()};
    if (kind == "as_optional_tensor") {
      const TensorName tensor = optional_tensor(value);
      return tensor.name.empty() ? Argument() : Argument(tensor);
    }
    if (kind == "as_tensors" || kind == "as_optional_tensors") {
      std::vector<TensorName> all;
      for (const JsonView& tensor : value.list())
        all.push_back(kind == "as_tensors" ? TensorName{tensor["name"].text()}
                                           : optional_tensor(tensor));
      return all;
    }
    if (kind == "as_bool") return value.truth();
    if (kind == "as_int") return value.integer();
    if (kind == "as_float") return value.number();
    if (kind == "as_string") return value.text();
    if (kind == "as_scalar_type") return DataType{type_name(value.integer())};
    if (kind == "as_ints" || kind == "as_bools") {
      List all;
      for (const JsonView& n : value.list())
        all.push_back(kind == "as_ints" ? n.integer() : int64_t(n.truth()));
      return all;
    }
    if (kind == "as_floats") {
      std::vector<double> all;
      for (const JsonView& n : value.list()) all.push_back(n.number());
      return all;
    }
    return symbolic_argument(kind, value, where);
  }

  // Sizes that are numbers after all, and what is refused.
  Argument symbolic_argument(const std::string& kind, const JsonView& value,
                             const std::string& where) {
    const auto known = [&](const JsonView& field) -> std::optional<JsonView> {
      const auto [inner, n] = field.choice();
      if (inner != "as_name") return n;
      error("dynamic-shape", where, "its argument \"" + n.text() + "\" depends on the input's size",
            kFixedShapes);
      return std::nullopt;
    };
    if (kind == "as_sym_int") {
      const auto n = known(value);
      return n ? Argument(n->integer()) : Argument();
    }
    if (kind == "as_sym_float") {
      const auto n = known(value);
      return n ? Argument(n->number()) : Argument();
    }
    if (kind == "as_sym_bool") {
      const auto n = known(value);
      return n ? Argument(n->truth()) : Argument();
    }
    if (kind == "as_sym_ints") {
      List all;
      for (const JsonView& field : value.list())
        if (const auto n = known(field)) all.push_back(n->integer());
      return all;
    }
    if (kind == "as_graph" || kind == "as_operator")
      error("control-flow", where, "it runs a graph of its own (torch.cond, map, no_grad, ...)",
            "write the model without control flow, or with torch.where");
    else
      error("unsupported-argument", where, "mote does not take an argument of kind " + kind,
            "write the model without it");
    return {};
  }

  // ---- inputs and outputs ----

  void add_output(const JsonView& spec) {
    const auto [kind, value] = spec.choice();
    if (kind == "user_output") {
      const auto [argument, inner] = value["arg"].choice();
      if (argument == "as_tensor")
        program_.outputs.push_back(inner["name"].text());
      else if (argument != "as_none")
        error("wrong-output", spec.path(), "an output is no tensor (" + argument + ")",
              "give tensors");
      return;
    }
    error("stateful-model", spec.path(),
          "running it changes what it holds or was given (" + kind + ")",
          "export the model in evaluation mode, without state of its own");
  }

  void find_used() {
    used_.insert(program_.outputs.begin(), program_.outputs.end());
    for (const Call& call : program_.calls)
      for (const auto& [name, argument] : call.arguments) {
        if (const auto* tensor = std::get_if<TensorName>(&argument)) used_.insert(tensor->name);
        if (const auto* list = std::get_if<std::vector<TensorName>>(&argument))
          for (const TensorName& tensor : *list) used_.insert(tensor.name);
      }
  }

  void add_input(const JsonView& spec) {
    const auto [kind, value] = spec.choice();
    if (kind == "user_input") {
      const auto [argument, inner] = value["arg"].choice();
      if (argument == "as_tensor")
        program_.inputs.push_back(inner["name"].text());
      else if (argument != "as_none")
        error("wrong-type", spec.path(), "an input is no tensor (" + argument + ")",
              "make it a constant of the model");
    } else if (kind == "parameter" || kind == "buffer" || kind == "tensor_constant") {
      const std::string tensor = value["arg"]["name"].text();
      const bool weights = kind == "parameter" || (kind == "buffer" && value["persistent"].truth());
      const std::string stored = value[(kind + "_name").c_str()].text();
      if (used_.count(tensor)) (weights ? weights_ : constants_)[stored].push_back(tensor);
    } else if (kind != "constant_input") {
      error("unsupported-argument", spec.path(), "it takes an input of kind " + kind,
            "write the model without it");
    }
  }

  // ---- tensors ----

  // Those that something reads, and what calls make: mote checks what it makes against them.
  void add_tensors(const JsonView& values) {
    for (const auto& [name, meta] : values.members()) {
      const bool input = std::count(program_.inputs.begin(), program_.inputs.end(), name) > 0;
      if (!used_.count(name) && !input) continue;
      const std::string where = place_ + ": tensor \"" + name + "\"";
      const StoredTensor tensor = stored_tensor(meta);
      TensorMeta known{ElementType::f32, tensor.shape};
      if (element_type(tensor.type, known.type))
        program_.tensors[name] = known;
      else if (!is_constant(name))
        error("wrong-type", where, "it is of type " + tensor.type, kFloat32);
    }
  }

  bool is_constant(const std::string& name) const {
    for (const Wanted* wanted : {&weights_, &constants_})
      for (const auto& [stored, names] : *wanted)
        if (std::count(names.begin(), names.end(), name)) return true;
    return false;
  }

  void add_constants(const std::string& folder, const std::string& table, const Wanted& wanted) {
    if (wanted.empty()) return;
    const std::string where = place_ + ": " + folder + table;
    const JsonText json(archive_.read(folder + table), where);
    const JsonView config = json.root()["config"];
    for (const auto& [stored, names] : wanted) {
      const auto payload = config.find(stored.c_str());
      if (!payload)
        fail("undefined-name", where, "it lacks the tensor \"" + stored + "\"", kExportAgain);
      const Constant constant = read_payload(*payload, folder);
      for (const std::string& name : names) {
        spend(int64_t(constant.data.size()), where);
        program_.constants[name] = constant;
        program_.tensors[name] = constant.meta;
      }
    }
  }

  void spend(int64_t bytes, const std::string& where) {
    constant_bytes_ += bytes;
    if (constant_bytes_ > most_bytes_)
      fail("too-large", where,
           "the constants take more than " + std::to_string(most_bytes_ >> 20) + " MB",
           "mote is for microcontrollers; use a smaller model");
  }

  Constant read_payload(const JsonView& payload, const std::string& folder) {
    if (payload["use_pickle"].truth())
      fail("pickled-weights", payload.path(), "its bytes are pickled, which mote never runs",
           "make it a plain torch.Tensor before exporting");
    const JsonView meta = payload["tensor_meta"];
    if (meta.is_null()) meta.refuse("it describes no tensor");
    const StoredTensor tensor = stored_tensor(meta);
    const int64_t bytes = constant_bytes(tensor);
    if (bytes < 0) fail("wrong-type", payload.path(), "it is of type " + tensor.type, kFloat32);
    if (bytes > most_bytes_) spend(bytes, payload.path());
    const Bytes& storage = archive_.read(folder + payload["path_name"].text());
    return read_constant(tensor, storage, meta.path());
  }

  std::string place_;
  Diagnostics& diagnostics_;
  Pt2Archive archive_;
  std::vector<std::string> all_weights_ = archive_.names("data/weights/");
  Program program_;
  std::set<std::string> used_;
  Wanted weights_, constants_;
  int64_t most_bytes_;
  int64_t constant_bytes_ = 0;
};

}  // namespace

Program read_pt2(const ModelFile& file, Diagnostics& diagnostics) {
  return Reader(file, diagnostics).run();
}

}  // namespace mote::pytorch

namespace mote {

Graph import_pt2(const ModelFile& file, const ImportOptions& options, Diagnostics& diagnostics) {
  const pytorch::Program program = pytorch::read_pt2(file, diagnostics);
  return pytorch::import_program(program, file.place, options, diagnostics);
}

}  // namespace mote
