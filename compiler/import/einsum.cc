// SPDX-License-Identifier: Apache-2.0
// See einsum.h.
#include "compiler/import/einsum.h"

#include <algorithm>
#include <map>
#include <set>

#include "compiler/import/movement.h"
#include "ops/registry.h"

namespace mote {
namespace {

using List = std::vector<int64_t>;

// A dimension's name: a letter, or for those of "..." 256 plus its place from the right.
using Label = int32_t;
using Labels = std::vector<Label>;
constexpr Label kEllipsis = 256;

bool contains(const Labels& labels, Label label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

// What `all` has and `some` has (or, with has = false, has not).
Labels filtered(const Labels& all, const Labels& some, bool has) {
  Labels out;
  for (Label label : all)
    if (contains(some, label) == has) out.push_back(label);
  return out;
}

Labels joined(const Labels& a, const Labels& b) {
  Labels all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

struct Term {
  ValueId value = -1;
  Labels labels;  // of its dimensions
};

class Einsum {
 public:
  Einsum(Assembly& assembly, std::string name)
      : assembly_(assembly), name_(std::move(name)), move_(assembly, name_) {}

  ValueId run(std::string equation, const std::vector<ValueId>& operands) {
    std::erase(equation, ' ');
    const size_t arrow = equation.find("->");
    read_operands(equation.substr(0, arrow), operands);
    const Labels result = arrow == std::string::npos
                              ? implicit_result()
                              : labels_of(equation.substr(arrow + 2), most_besides_);
    check_result(result);
    for (Term& term : terms_) squeeze(term);
    Term sum = terms_.at(0);
    for (size_t i = 1; i < terms_.size(); ++i) {
      Labels needed = result;
      for (size_t later = i + 1; later < terms_.size(); ++later)
        needed = joined(needed, terms_[later].labels);
      sum = product(sum, terms_[i], needed);
    }
    sum = summed(sum, result);
    return arranged(sum, result);
  }

 private:
  [[noreturn]] void refuse(const char* code, const std::string& message) const {
    fail(code, "\"" + name_ + "\"", message, "write it with matmul, transpose and sum");
  }

  const Shape& shape(ValueId id) const { return assembly_.graph().value(id).shape; }
  bool is_constant(ValueId id) const { return assembly_.is_constant(id); }

  // ---- the equation

  // `besides`: how many dimensions "..." stands for.
  Labels labels_of(const std::string& term, size_t besides) const {
    Labels labels;
    for (size_t i = 0; i < term.size(); ++i) {
      if (term.compare(i, 3, "...") == 0) {
        for (size_t d = besides; d-- > 0;) labels.push_back(kEllipsis + Label(d));
        i += 2;
        continue;
      }
      const bool letter = (term[i] >= 'a' && term[i] <= 'z') || (term[i] >= 'A' && term[i] <= 'Z');
      if (!letter) refuse("wrong-equation", "its equation holds '" + term.substr(i, 1) + "'");
      labels.push_back(term[i]);
    }
    if (std::set<Label>(labels.begin(), labels.end()).size() != labels.size())
      refuse("wrong-equation", "its equation takes a diagonal, a letter twice in \"" + term + "\"");
    return labels;
  }

  void read_operands(const std::string& left, const std::vector<ValueId>& operands) {
    std::vector<std::string> texts(1);
    for (char c : left)
      if (c == ',')
        texts.emplace_back();
      else
        texts.back() += c;
    if (texts.size() != operands.size())
      refuse("wrong-equation", "its equation is of " + std::to_string(texts.size()) +
                                   " operands, it has " + std::to_string(operands.size()));
    for (size_t i = 0; i < texts.size(); ++i) read_operand(texts[i], operands[i]);
  }

  void read_operand(const std::string& text, ValueId value) {
    if (assembly_.graph().value(value).type != ElementType::f32)
      refuse("wrong-type", "its operands must be float32");
    const Shape have = shape(value);
    const size_t dots = text.find("..."), letters = text.size() - (dots < text.size() ? 3 : 0);
    const bool has_dots = dots != std::string::npos;
    if (letters > have.size() || (!has_dots && letters != have.size()))
      refuse("wrong-shape", "\"" + text + "\" names other dimensions than its operand's " +
                                std::to_string(have.size()));
    const size_t besides = have.size() - letters;
    if (has_dots) most_besides_ = std::max(most_besides_, besides);
    const Term term{value, labels_of(text, besides)};
    for (size_t d = 0; d < have.size(); ++d) {
      int64_t& extent = extents_.try_emplace(term.labels[d], 1).first->second;
      if (extent != 1 && have[d] != 1 && extent != have[d])
        refuse("wrong-shape", "a dimension of \"" + text + "\" is " + std::to_string(have[d]) +
                                  " here and " + std::to_string(extent) + " elsewhere");
      extent = std::max<int64_t>(extent, have[d]);
    }
    terms_.push_back(term);
  }

  Labels implicit_result() const {
    std::map<Label, int> counts;
    for (const Term& term : terms_)
      for (Label label : term.labels) ++counts[label];
    Labels result;
    for (size_t d = most_besides_; d-- > 0;) result.push_back(kEllipsis + Label(d));
    for (const auto& [label, count] : counts)
      if (label < kEllipsis && count == 1) result.push_back(label);
    return result;
  }

  void check_result(const Labels& result) const {
    for (Label label : result)
      if (!extents_.count(label))
        refuse("wrong-equation", "no operand has a dimension that its result names");
  }

  // ---- layers

  ValueId add(const OpDef& op, const std::vector<ValueId>& inputs, const Attributes& attributes) {
    return assembly_.add(op, name_, inputs, attributes);
  }
  List extents(const Labels& labels) const {
    List all;
    for (Label label : labels) all.push_back(extents_.at(label));
    return all;
  }
  int64_t count(const Labels& labels) const {
    int64_t product = 1;
    for (Label label : labels) product = std::min<int64_t>(product * extents_.at(label), INT32_MAX);
    return product;
  }

  // Without dimensions of 1 that others have longer: products stretch them anyway.
  void squeeze(Term& term) {
    const Shape have = shape(term.value);
    Labels kept;
    for (size_t d = 0; d < have.size(); ++d)
      if (have[d] == extents_.at(term.labels[d])) kept.push_back(term.labels[d]);
    term = {move_.reshape(term.value, extents(kept)), kept};
  }

  Term summed(const Term& term, const Labels& needed) {
    List axes;
    for (size_t d = 0; d < term.labels.size(); ++d)
      if (!contains(needed, term.labels[d])) axes.push_back(int64_t(d));
    if (axes.empty()) return term;
    return {add(reduce_op, {term.value}, {{"function", std::string("sum")}, {"axes", axes}}),
            filtered(term.labels, needed, true)};
  }

  // The term's numbers with its dimensions in another order.
  ValueId arranged(const Term& term, const Labels& order) {
    List perm;
    for (Label label : order) {
      const auto at = std::find(term.labels.begin(), term.labels.end(), label);
      MOTE_ASSERT(at != term.labels.end());
      perm.push_back(at - term.labels.begin());
    }
    return move_.transpose(term.value, perm);
  }

  // Over all that both have and nobody needs any more; the dimensions of both that are needed, then
  // the first one's, then the other's.
  Term product(Term a, Term b, const Labels& needed) {
    if (is_constant(a.value) && !is_constant(b.value)) std::swap(a, b);
    a = summed(a, joined(needed, b.labels));
    b = summed(b, joined(needed, a.labels));
    const Labels both = filtered(a.labels, b.labels, true);
    const Labels batch = filtered(both, needed, true), inner = filtered(both, needed, false);
    const Labels rows = filtered(a.labels, both, false), columns = filtered(b.labels, both, false);
    const int64_t n = count(batch), m = count(rows), k = count(inner), c = count(columns);
    const ValueId left = arranged(a, joined(joined(batch, rows), inner));
    ValueId y = -1;
    if (batch.empty() && is_constant(b.value) && !is_constant(a.value)) {
      const ValueId weights = move_.reshape(arranged(b, joined(columns, inner)), {c, k});
      y = add(fully_connected_op, {move_.reshape(left, {m, k}), weights, -1}, {});
    } else {
      const ValueId right = arranged(b, joined(joined(batch, inner), columns));
      y = add(batch_matmul_op, {move_.reshape(left, {n, m, k}), move_.reshape(right, {n, k, c})},
              {});
    }
    const Labels all = joined(joined(batch, rows), columns);
    return {move_.reshape(y, extents(all)), all};
  }

  Assembly& assembly_;
  std::string name_;
  Movement move_;
  std::vector<Term> terms_;
  std::map<Label, int64_t> extents_;
  size_t most_besides_ = 0;  // dimensions that a "..." stands for
};

}  // namespace

ValueId einsum(Assembly& assembly, const std::string& name, const std::string& equation,
               const std::vector<ValueId>& operands) {
  if (operands.empty())
    fail("wrong-equation", "\"" + name + "\"", "it has no operands", "export the model again");
  return Einsum(assembly, name).run(equation, operands);
}

}  // namespace mote
