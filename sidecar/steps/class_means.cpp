// Step "class_means": for each class the mean of every column, and some of its rows.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "sidecar/base/gather.h"
#include "sidecar/steps/class_sums.h"
#include "sidecar/steps/classes.h"
#include "sidecar/steps/make_table.h"
#include "sidecar/steps/options.h"
#include "sidecar/steps/sampler.h"
#include "sidecar/steps/step.h"
#include "sidecar/steps/values.h"

namespace gatehouse::steps {
namespace {

using sidecar::Table;
using sidecar::VectorView;

constexpr std::size_t most_classes = 1000;
constexpr double most_samples = 100'000;
constexpr double most_seed = 9'007'199'254'740'991;

Result<void> check_options(const config::Step& step)
{
    if (auto known = check_known(step, {"label", "columns", "samples", "seed"}); !known) {
        return known;
    }
    if (text_option(step, "label").empty()) {
        return Error{"\"label\" is missing"};
    }
    if (auto samples = check_whole(step, "samples", 0, most_samples, false); !samples) {
        return samples;
    }
    return check_whole(step, "seed", 0, most_seed, false);
}

/// The classes by their label, where it has an order.
std::vector<std::uint64_t> in_order(const Table& labels)
{
    std::vector<std::uint64_t> order(labels.rows());
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    const sidecar::Type& type = labels.columns()[0].type;
    if (type.id == sidecar::TypeId::text) {
        std::sort(order.begin(), order.end(), [&](auto a, auto b) {
            const sidecar::Vector& cells = labels.vector(0);
            return cells.cell<sidecar::Text>(a).view() < cells.cell<sidecar::Text>(b).view();
        });
    } else if (const auto values = labels.numbers(0)) {
        std::sort(order.begin(), order.end(),
                  [&](auto a, auto b) { return (*values)[a] < (*values)[b]; });
    }
    return order;
}

class ClassMeans final : public sidecar::Reducer {
public:
    ClassMeans(const config::Step& step, Columns columns, std::size_t label, Indices series)
        : series_(std::move(series)),
          classes_(columns, {label}, false),
          sums_(columns, series_),
          sampler_(columns, series_, whole_option(step, "samples"), whole_option(step, "seed")),
          with_samples_(whole_option(step, "samples") > 0)
    {
    }

    Result<void> append(std::span<const VectorView> views, std::uint64_t rows) override
    {
        if (auto known = classes_.classify(views, rows, class_of_, most_classes); !known) {
            return known;
        }
        sums_.append(views, rows, class_of_, classes_.count());
        if (with_samples_) {
            sampler_.take(views, rows, class_of_, classes_);
        }
        return {};
    }

    std::uint64_t bytes() const noexcept override
    {
        return classes_.bytes() + sampler_.bytes() +
               classes_.count() * series_.size() * 2 * sizeof(double);
    }

    Result<Table> finish() override
    {
        const Table labels = classes_.table();
        const std::vector<std::uint64_t> order = in_order(labels);
        std::vector<std::int64_t> counts;
        std::vector<double> means;
        for (const std::uint64_t index : order) {
            counts.push_back(static_cast<std::int64_t>(sums_.rows(index)));
            for (std::size_t i = 0; i < series_.size(); ++i) {
                means.push_back(sums_.mean(index, i));
            }
        }
        const sidecar::Column& label = labels.columns()[0];
        TableMaker maker(order.size());
        maker.add(label.name, {label.type, sidecar::gathered(labels.vector(0), label.type, order)});
        maker.add("count", cells_of(counts));
        maker.add("mean", equal_lists_of(cells_of(means), series_.size(), order.size()));
        if (with_samples_) {
            maker.add("samples", samples(order));
        }
        return std::move(maker).done();
    }

private:
    /// For each class a list of rows, each a list of numbers.
    Cells samples(const std::vector<std::uint64_t>& order)
    {
        std::vector<std::uint64_t> counts, lengths;
        const Table rows = sidecar::compacted(sampler_.table(counts));
        std::vector<std::uint64_t> begins(counts.size() + 1);
        std::partial_sum(counts.begin(), counts.end(), begins.begin() + 1);
        const auto& columns = rows.columns();
        const bool single = std::all_of(columns.begin(), columns.end(), [](const auto& column) {
            return column.type.id == sidecar::TypeId::float32;
        });
        Cells values =
            single ? values_of<float>(rows, order, begins) : values_of<double>(rows, order, begins);
        std::uint64_t total = 0;
        for (const std::uint64_t index : order) {
            lengths.push_back(counts[index]);
            total += counts[index];
        }
        return lists_of(equal_lists_of(std::move(values), series_.size(), total), lengths);
    }

    template <class T>
    Cells values_of(const Table& rows, const std::vector<std::uint64_t>& order,
                    const std::vector<std::uint64_t>& begins)
    {
        const std::vector<VectorView> views = sidecar::views_of(rows);
        std::vector<std::vector<T>> columns;
        for (std::size_t i = 0; i < series_.size(); ++i) {
            columns.emplace_back(rows.rows());
            copy_numbers(views[i], rows.columns()[i].type, 0, rows.rows(), columns.back().data());
        }
        std::vector<T> values;
        for (const std::uint64_t index : order) {
            for (std::uint64_t row = begins[index]; row < begins[index + 1]; ++row) {
                for (const std::vector<T>& column : columns) {
                    values.push_back(column[row]);
                }
            }
        }
        return cells_of(values);
    }

    Indices series_;
    Classes classes_;
    ClassSums sums_;
    Sampler sampler_;
    bool with_samples_;
    std::vector<std::uint32_t> class_of_;
};

Result<std::unique_ptr<sidecar::Reducer>> reduce(const config::Step& step, Columns columns,
                                                 SharedMoments&)
{
    const auto label = column_named(columns, text_option(step, "label"));
    if (!label) {
        return label.error();
    }
    if (auto can = Classes::check(columns, {*label}); !can) {
        return can.error();
    }
    const auto series = number_columns(step, columns, {*label});
    if (!series) {
        return series.error();
    }
    return std::unique_ptr<sidecar::Reducer>(
        std::make_unique<ClassMeans>(step, columns, *label, *series));
}

}  // namespace

const Kind class_means{.name = "class_means", .check = check_options, .reduce = reduce};

}  // namespace gatehouse::steps
