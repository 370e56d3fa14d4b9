// Step "correlation": the matrix of columns' correlation coefficients.
#include <cmath>
#include <limits>

#include "sidecar/steps/make_table.h"
#include "sidecar/steps/moments.h"
#include "sidecar/steps/options.h"
#include "sidecar/steps/ranks.h"
#include "sidecar/steps/step.h"
#include "sidecar/steps/values.h"

namespace gatehouse::steps {
namespace {

using sidecar::Table;
using sidecar::VectorView;

Missing missing_of(const config::Step& step)
{
    const std::string word = text_option(step, "nan", "pairwise");
    return word == "complete" ? Missing::complete
           : word == "fail"   ? Missing::fail
                              : Missing::pairwise;
}

Result<void> check_options(const config::Step& step)
{
    if (auto known = check_known(step, {"columns", "method", "nan", "output"}); !known) {
        return known;
    }
    if (auto method = check_word(step, "method", {"pearson", "spearman"}); !method) {
        return method;
    }
    if (auto nan = check_word(step, "nan", {"pairwise", "complete", "fail"}); !nan) {
        return nan;
    }
    return check_word(step, "output", {"wide", "matrix", "pairs"});
}

/// Coefficients in rows, as the option "output" has them.
class Matrix {
public:
    Matrix(std::vector<std::string> names, std::vector<double> values)
        : names_(std::move(names)), values_(std::move(values))
    {
    }

    Table as(const std::string& output) const
    {
        return output == "matrix" ? matrix() : output == "pairs" ? pairs() : wide();
    }

private:
    Table wide() const
    {
        const std::size_t size = names_.size();
        TableMaker maker(size);
        maker.add("column", cells_of(names_));
        for (std::size_t i = 0; i < size; ++i) {
            maker.add(names_[i], cells_of(std::span(&values_[i * size], size)));
        }
        return std::move(maker).done();
    }

    Table matrix() const
    {
        TableMaker maker(names_.size());
        maker.add("column", cells_of(names_));
        maker.add("values", equal_lists_of(cells_of(values_), names_.size(), names_.size()));
        return std::move(maker).done();
    }

    Table pairs() const
    {
        std::vector<std::string> first, second;
        std::vector<double> values;
        for (std::size_t i = 0; i < names_.size(); ++i) {
            for (std::size_t j = i + 1; j < names_.size(); ++j) {
                first.push_back(names_[i]);
                second.push_back(names_[j]);
                values.push_back(values_[i * names_.size() + j]);
            }
        }
        TableMaker maker(values.size());
        maker.add("first", cells_of(first)).add("second", cells_of(second));
        return std::move(maker.add("correlation", cells_of(values))).done();
    }

    std::vector<std::string> names_;
    std::vector<double> values_;
};

template <class Coefficient>
Matrix matrix_of(const std::vector<std::string>& names, Coefficient coefficient)
{
    const std::size_t size = names.size();
    std::vector<double> values(size * size);
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = i; j < size; ++j) {
            values[i * size + j] = values[j * size + i] = coefficient(i, j);
        }
    }
    return {names, std::move(values)};
}

std::vector<std::string> names_of(Columns columns, const Indices& chosen)
{
    std::vector<std::string> names;
    for (const std::size_t index : chosen) {
        names.push_back(columns[index].name);
    }
    return names;
}

class Pearson final : public sidecar::Reducer {
public:
    Pearson(std::string output, std::vector<std::string> names, std::shared_ptr<Moments> moments)
        : output_(std::move(output)), names_(std::move(names)), moments_(std::move(moments))
    {
    }

    Result<void> append(std::span<const VectorView>, std::uint64_t) override { return {}; }
    std::uint64_t bytes() const noexcept override { return 0; }

    Result<Table> finish() override
    {
        if (Result<void> settled = moments_->settle(); !settled) {
            return settled.error();
        }
        return matrix_of(names_, [&](auto i, auto j) { return moments_->correlation(i, j); })
            .as(output_);
    }

private:
    std::string output_;
    std::vector<std::string> names_;
    std::shared_ptr<Moments> moments_;
};

/// Ranks need all values at once.
class Spearman final : public sidecar::Reducer {
public:
    static constexpr std::size_t most_rows = std::numeric_limits<std::uint32_t>::max();

    Spearman(const config::Step& step, Columns columns, Indices chosen)
        : output_(text_option(step, "output", "wide")),
          missing_(missing_of(step)),
          names_(names_of(columns, chosen)),
          chosen_(std::move(chosen)),
          values_(chosen_.size())
    {
        for (const std::size_t index : chosen_) {
            types_.push_back(columns[index].type);
        }
    }

    Result<void> append(std::span<const VectorView> views, std::uint64_t rows) override
    {
        const std::size_t held = values_.front().size();
        if (held + rows > most_rows) {
            return Error{"there are more rows than can be ranked"};
        }
        for (std::size_t i = 0; i < chosen_.size(); ++i) {
            std::vector<double>& column = values_[i];
            column.resize(held + rows);
            copy_numbers(views[chosen_[i]], types_[i], 0, rows, column.data() + held);
            for (std::size_t row = held; row < column.size(); ++row) {
                if (!std::isfinite(column[row])) {
                    column[row] = std::numeric_limits<double>::quiet_NaN();
                }
            }
        }
        return {};
    }

    /// The values, and what ranking them takes.
    std::uint64_t bytes() const noexcept override
    {
        return values_.front().size() * values_.size() * (2 * sizeof(double) + 4);
    }

    Result<Table> finish() override
    {
        if (missing_ != Missing::pairwise) {
            if (Result<void> whole = leave_out_gaps(); !whole) {
                return whole.error();
            }
        }
        const RankedColumns ranked(std::move(values_));
        return matrix_of(names_, [&](auto i, auto j) { return ranked.correlation(i, j); })
            .as(output_);
    }

private:
    Result<void> leave_out_gaps()
    {
        std::size_t kept = 0;
        for (std::size_t row = 0; row < values_.front().size(); ++row) {
            bool whole = true;
            for (std::size_t i = 0; i < values_.size(); ++i) {
                const bool there = !std::isnan(values_[i][row]);
                if (!there && missing_ == Missing::fail) {
                    return Error{"a value is missing in column \"" + names_[i] +
                                 R"("; filter it out, or say "nan": "complete")"};
                }
                whole = whole && there;
                values_[i][kept] = values_[i][row];
            }
            kept += whole ? 1 : 0;
        }
        for (std::vector<double>& column : values_) {
            column.resize(kept);
        }
        return {};
    }

    std::string output_;
    Missing missing_;
    std::vector<std::string> names_;
    Indices chosen_;
    std::vector<sidecar::Type> types_;
    std::vector<std::vector<double>> values_;
};

Result<std::unique_ptr<sidecar::Reducer>> reduce(const config::Step& step, Columns columns,
                                                 SharedMoments& moments)
{
    const auto chosen = number_columns(step, columns, {});
    if (!chosen) {
        return chosen.error();
    }
    if (chosen->size() > Moments::most_columns) {
        return Error{"more than " + std::to_string(Moments::most_columns) + " columns"};
    }
    if (text_option(step, "method") == "spearman") {
        return std::unique_ptr<sidecar::Reducer>(
            std::make_unique<Spearman>(step, columns, *chosen));
    }
    return std::unique_ptr<sidecar::Reducer>(
        std::make_unique<Pearson>(text_option(step, "output", "wide"), names_of(columns, *chosen),
                                  moments.of(*chosen, missing_of(step))));
}

}  // namespace

const Kind correlation{.name = "correlation", .check = check_options, .reduce = reduce};

}  // namespace gatehouse::steps
