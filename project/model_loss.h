// SPDX-License-Identifier: Apache-2.0
// What an integer form of a plain model loses against the float form, on samples. In: the float
// graph, samples with or without labels, which of them count. Out: points, for each integer graph.
#pragma once
#include "project/decision_loss.h"
#include "project/labelled_samples.h"

namespace mote {

// What is counted as a loss, in points, hundredths of the samples:
//   accuracy   with labels: what accuracy falls by, or what it is expected to fall by, if that is
//              more (decision_loss.h): few samples hide a loss by luck
//   agreement  of a model that ends in softmax: the samples whose highest score is another class
//              than the float model's, or that are expected to, if that is more
//   error      else: the root mean square error of the outputs in percent of their root mean square
enum class Measure : uint8_t { accuracy, agreement, error };
const char* to_string(Measure measure);

class ModelLoss {
 public:
  // `measured`: numbers of samples. Both must outlive this. Fails as check_labels().
  ModelLoss(const Graph& float_graph, const LabelledSamples& data, std::vector<size_t> measured);

  Measure measure() const { return measure_; }
  double accuracy_float() const { return accuracy_float_; }  // percent; 0 without labels

  struct Loss {
    double points = 0;
    double accuracy = 0;  // percent; 0 without labels
  };
  Loss of(const Graph& integer) const;

 private:
  // Of each measured sample: the first output, and what says most about it (output_error.h).
  struct Answers {
    DecisionLoss::Scores outputs, telling;
  };
  Answers answers_of(const Graph& graph) const;
  void evaluate(const Graph& graph, size_t from, size_t to, Answers& all) const;
  double accuracy(const Answers& answers) const;
  double error(const Answers& answers) const;
  double differing(const Answers& answers) const;
  bool is_right(size_t i, const Answers& answers) const;

  const Graph& graph_;
  const LabelledSamples& data_;
  std::vector<size_t> measured_;
  Measure measure_;
  std::string telling_;  // the name of that value
  Answers reference_;
  double accuracy_float_ = 0;
  std::optional<DecisionLoss> decisions_;
};

}  // namespace mote
