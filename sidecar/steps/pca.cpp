// Step "pca": principal components of all rows, and the scores of all or some.
#include <cmath>
#include <limits>

#include "sidecar/base/gather.h"
#include "sidecar/steps/classes.h"
#include "sidecar/steps/make_table.h"
#include "sidecar/steps/moments.h"
#include "sidecar/steps/options.h"
#include "sidecar/steps/principal.h"
#include "sidecar/steps/sampler.h"
#include "sidecar/steps/step.h"
#include "sidecar/steps/values.h"

namespace gatehouse::steps {
namespace {

using sidecar::Table;
using sidecar::VectorView;

constexpr std::size_t most_classes = 1000;

Result<void> check_options(const config::Step& step)
{
    if (auto known = check_known(
            step, {"components", "columns", "scale", "label", "samples", "seed", "nan", "output"});
        !known) {
        return known;
    }
    if (auto components = check_whole(step, "components", 1, 1000, true); !components) {
        return components;
    }
    if (auto samples = check_whole(step, "samples", 1, 1e6, false); !samples) {
        return samples;
    }
    if (auto seed = check_whole(step, "seed", 0, 9'007'199'254'740'991, false); !seed) {
        return seed;
    }
    if (auto nan = check_word(step, "nan", {"complete", "fail"}); !nan) {
        return nan;
    }
    return check_word(step, "output", {"all", "scores", "loadings", "variance"});
}

/// What the option "output" is about: the scores, or the fit.
bool wants_scores(const config::Step& step)
{
    const std::string output = text_option(step, "output", "all");
    return output == "all" || output == "scores";
}

std::string component_name(std::size_t k)
{
    return "pc" + std::to_string(k + 1);
}

class Pca final : public sidecar::Reducer {
public:
    Pca(const config::Step& step, Columns columns, Indices series, const Indices& labels,
        std::shared_ptr<Moments> moments)
        : output_(text_option(step, "output", "all")),
          count_(whole_option(step, "components")),
          scale_(flag_option(step, "scale")),
          series_(std::move(series)),
          label_count_(labels.size()),
          moments_(std::move(moments)),
          keeps_rows_(wants_scores(step)),
          classes_(columns, labels.empty() ? Indices{} : Indices{labels.front()}, false),
          sampler_(columns, kept(labels), sample_size(step), whole_option(step, "seed"))
    {
        for (const std::size_t index : series_) {
            names_.push_back(columns[index].name);
        }
    }

    Result<void> append(std::span<const VectorView> views, std::uint64_t rows) override
    {
        if (!keeps_rows_) {
            return {};
        }
        if (auto known = classes_.classify(views, rows, class_of_, most_classes); !known) {
            return known;
        }
        sampler_.take(views, rows, class_of_, classes_);
        return {};
    }

    std::uint64_t bytes() const noexcept override { return classes_.bytes() + sampler_.bytes(); }

    Result<Table> finish() override
    {
        if (Result<void> settled = moments_->settle(); !settled) {
            return settled.error();
        }
        if (moments_->rows() < 2) {
            return Error{"needs at least 2 rows in which no value is missing"};
        }
        if (count_ > std::min<std::uint64_t>(series_.size(), moments_->rows())) {
            return Error{"\"components\": " + std::to_string(count_) + " are more than the " +
                         (count_ > series_.size() ? "columns" : "rows")};
        }
        const Principal fit = principal(*moments_, series_.size(), count_, scale_);
        if (output_ == "all") {
            return everything(fit);
        }
        return output_ == "scores"     ? scores(fit)
               : output_ == "loadings" ? loadings(fit)
                                       : variance(fit);
    }

private:
    Indices kept(const Indices& labels) const
    {
        Indices all = labels;
        all.insert(all.end(), series_.begin(), series_.end());
        return all;
    }

    static std::optional<std::uint64_t> sample_size(const config::Step& step)
    {
        return step.number.contains("samples") ? std::optional(whole_option(step, "samples"))
                                               : std::nullopt;
    }

    /// The kept rows in which no value is missing.
    Table whole_rows()
    {
        std::vector<std::uint64_t> counts;
        const Table all = sidecar::compacted(sampler_.table(counts));
        std::vector<bool> whole(all.rows(), true);
        for (std::size_t i = label_count_; i < all.columns().size(); ++i) {
            const Series series(all, i);
            for (std::uint64_t row = 0; row < all.rows(); ++row) {
                whole[row] = whole[row] && std::isfinite(series.values()[row]);
            }
        }
        std::vector<std::uint64_t> rows;
        for (std::uint64_t row = 0; row < all.rows(); ++row) {
            if (whole[row]) {
                rows.push_back(row);
            }
        }
        return rows.size() == all.rows() ? all : sidecar::compacted(all.select(rows));
    }

    Table scores(const Principal& fit)
    {
        const Table rows = whole_rows();
        std::vector<std::vector<double>> sums(count_, std::vector<double>(rows.rows()));
        for (std::size_t i = 0; i < series_.size(); ++i) {
            const Series series(rows, label_count_ + i);
            for (std::size_t k = 0; k < count_; ++k) {
                const double loading = fit.loadings[k][i];
                for (std::uint64_t row = 0; row < rows.rows(); ++row) {
                    sums[k][row] +=
                        (series.values()[row] - fit.means[i]) / fit.deviations[i] * loading;
                }
            }
        }
        TableMaker maker(rows.rows());
        for (std::size_t i = 0; i < label_count_; ++i) {
            const sidecar::Column& column = rows.columns()[i];
            maker.add(column.name, copy_of(rows, i));
        }
        for (std::size_t k = 0; k < count_; ++k) {
            maker.add(component_name(k), cells_of(sums[k]));
        }
        return std::move(maker).done();
    }

    Table loadings(const Principal& fit) const
    {
        TableMaker maker(names_.size());
        maker.add("column", cells_of(names_)).add("mean", cells_of(fit.means));
        for (std::size_t k = 0; k < count_; ++k) {
            maker.add(component_name(k), cells_of(fit.loadings[k]));
        }
        return std::move(maker).done();
    }

    Table variance(const Principal& fit) const
    {
        std::vector<std::string> names;
        for (std::size_t k = 0; k < count_; ++k) {
            names.push_back(component_name(k));
        }
        TableMaker maker(count_);
        maker.add("component", cells_of(names));
        maker.add("explained_variance", cells_of(fit.variances));
        return std::move(maker.add("explained_variance_ratio", cells_of(fit.ratios))).done();
    }

    Table everything(const Principal& fit)
    {
        TableMaker maker(1);
        maker.add("rows", cells_of(std::vector{static_cast<std::int64_t>(moments_->rows())}));
        maker.add("explained_variance", equal_lists_of(cells_of(fit.variances), count_, 1));
        maker.add("explained_variance_ratio", equal_lists_of(cells_of(fit.ratios), count_, 1));
        maker.add("loadings", list_of_rows(loadings(fit)));
        return std::move(maker.add("scores", list_of_rows(scores(fit)))).done();
    }

    std::string output_;
    std::size_t count_;
    bool scale_;
    Indices series_;
    std::size_t label_count_;
    std::vector<std::string> names_;
    std::shared_ptr<Moments> moments_;
    bool keeps_rows_;
    Classes classes_;
    Sampler sampler_;
    std::vector<std::uint32_t> class_of_;
};

Result<std::unique_ptr<sidecar::Reducer>> reduce(const config::Step& step, Columns columns,
                                                 SharedMoments& moments)
{
    const auto labels = columns_named(columns, names_option(step, "label"));
    if (!labels) {
        return labels.error();
    }
    if (auto can = Classes::check(columns, *labels); !can) {
        return can.error();
    }
    const auto series = number_columns(step, columns, *labels);
    if (!series) {
        return series.error();
    }
    if (series->size() > Moments::most_columns) {
        return Error{"more than " + std::to_string(Moments::most_columns) + " columns"};
    }
    auto sums = text_option(step, "nan") == "fail" ? moments.of(*series, Missing::fail)
                                                   : moments.of_whole_rows(*series);
    return std::unique_ptr<sidecar::Reducer>(
        std::make_unique<Pca>(step, columns, *series, *labels, std::move(sums)));
}

bool is_one_row(const config::Step& step)
{
    return text_option(step, "output", "all") == "all";
}

}  // namespace

const Kind pca{.name = "pca", .check = check_options, .reduce = reduce, .is_one_row = is_one_row};

}  // namespace gatehouse::steps
