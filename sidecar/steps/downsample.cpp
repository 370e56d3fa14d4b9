// Step "downsample": fewer rows for a plot. docs/steps.md says what each option does.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>

#include "sidecar/base/gather.h"
#include "sidecar/steps/choose_rows.h"
#include "sidecar/steps/make_table.h"
#include "sidecar/steps/means.h"
#include "sidecar/steps/options.h"
#include "sidecar/steps/step.h"
#include "sidecar/steps/values.h"

namespace gatehouse::steps {
namespace {

using sidecar::Table;

constexpr double most_points = 1'000'000;

constexpr std::array<std::pair<std::string_view, Method>, 7> methods{{
    {"nth", Method::nth},
    {"mean", Method::mean},
    {"minmax", Method::minmax},
    {"m4", Method::m4},
    {"lttb", Method::lttb},
    {"minmaxlttb", Method::minmaxlttb},
    {"every_nth", Method::nth},
}};

std::optional<Method> method_named(std::string_view name)
{
    const auto found = std::find_if(methods.begin(), methods.end(),
                                    [&](const auto& row) { return row.first == name; });
    return found != methods.end() ? std::optional(found->second) : std::nullopt;
}

Method method_of(const config::Step& step)
{
    return *method_named(text_option(step, "method", "nth"));
}

Result<void> check_enough(Method method, std::uint64_t points, std::size_t series)
{
    const std::uint64_t least = least_points(method, series);
    if (points >= least) {
        return {};
    }
    return Error{"\"points\" must be at least " + std::to_string(least) + " for this method" +
                 (series > 1 ? " and " + std::to_string(series) + " series" : "")};
}

Result<void> check_options(const config::Step& step)
{
    if (auto known = check_known(step, {"points", "method", "x", "columns", "align"}); !known) {
        return known;
    }
    if (auto points = check_whole(step, "points", 1, most_points, true); !points) {
        return points;
    }
    if (auto align = check_word(step, "align", {"shared", "each"}); !align) {
        return align;
    }
    const std::string name = text_option(step, "method", "nth");
    const auto method = method_named(name);
    if (!method) {
        return check_word(step, "method", {"nth", "mean", "minmax", "m4", "lttb", "minmaxlttb"});
    }
    return check_enough(*method, whole_option(step, "points"), 1);
}

/// The columns of a downsampling by their place in the table.
struct Roles {
    std::optional<std::size_t> x;
    Indices series;
};

Result<Roles> roles_of(const config::Step& step, Columns columns)
{
    Roles roles;
    if (const std::string name = text_option(step, "x"); !name.empty()) {
        const auto x = column_named(columns, name);
        if (!x) {
            return x.error();
        }
        if (!has_order(columns[*x].type)) {
            return Error{"column \"" + name + "\" is " +
                         std::string(sidecar::name_of(columns[*x].type.id)) +
                         "; \"x\" must be a number or a time"};
        }
        roles.x = *x;
    }
    auto series = number_columns(step, columns, roles.x ? Indices{*roles.x} : Indices{});
    if (!series) {
        return series.error();
    }
    roles.series = std::move(*series);
    return roles;
}

/// The rows that have an x, in its order; rows of equal x stay in theirs.
Table in_order(const Table& table, std::optional<std::size_t> column)
{
    const Table own = sidecar::compacted(table);
    if (!column) {
        return own;
    }
    const Series series(own, *column);
    const std::span<const double> x = series.values();
    const auto finite = [](double value) { return std::isfinite(value); };
    if (std::all_of(x.begin(), x.end(), finite) && std::is_sorted(x.begin(), x.end())) {
        return own;
    }
    Rows rows;
    for (std::uint64_t row = 0; row < own.rows(); ++row) {
        if (finite(x[row])) {
            rows.push_back(row);
        }
    }
    std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) { return x[a] < x[b]; });
    return sidecar::compacted(own.select(rows));
}

/// The numbers of an ordered table.
class Plot {
public:
    Plot(const Table& table, const Roles& roles)
    {
        if (roles.x) {
            x_.emplace(table, *roles.x);
            data_.x = x_->values();
        }
        series_.reserve(roles.series.size());
        for (const std::size_t index : roles.series) {
            data_.series.push_back(series_.emplace_back(table, index).values());
        }
    }

    const PlotData& data() const noexcept { return data_; }
    PlotData one(std::size_t i) const { return {data_.x, {data_.series[i]}}; }

private:
    std::optional<Series> x_;
    std::vector<Series> series_;
    PlotData data_;
};

Table reduced(Method method, std::uint64_t points, const Table& table, const Roles& roles,
              const PlotData& data)
{
    if (table.rows() <= points) {
        return table;
    }
    return method == Method::mean ? means(table, {roles.x, roles.series}, data, points)
                                  : table.select(choose_rows(method, data, points));
}

Cells as_doubles(const Table& table, std::size_t index)
{
    const Series series(table, index);
    return cells_of(series.values());
}

bool same_types(const Table& table, const Indices& series)
{
    return std::all_of(series.begin(), series.end(), [&](std::size_t index) {
        const sidecar::Type& type = table.columns()[index].type;
        const sidecar::Type& first = table.columns()[series.front()].type;
        return type.id == first.id && type.storage == first.storage && type.scale == first.scale;
    });
}

/// One series as rows of its name, x, value and what is no series.
Table long_form(const Table& table, const Roles& roles, std::size_t series, bool as_they_are)
{
    const std::vector<std::string> names(table.rows(), table.columns()[series].name);
    TableMaker maker(table.rows());
    maker.add("series", cells_of(names));
    if (roles.x) {
        maker.add(table.columns()[*roles.x].name, copy_of(table, *roles.x));
    }
    maker.add("value", as_they_are ? copy_of(table, series) : as_doubles(table, series));
    for (std::size_t i = 0; i < table.columns().size(); ++i) {
        const bool is_series =
            std::find(roles.series.begin(), roles.series.end(), i) != roles.series.end();
        if (!is_series && i != roles.x) {
            maker.add(table.columns()[i].name, copy_of(table, i));
        }
    }
    return std::move(maker).done();
}

Table each_on_its_own(Method method, std::uint64_t points, const Table& table, const Roles& roles,
                      const Plot& plot)
{
    const bool as_they_are = method != Method::mean && same_types(table, roles.series);
    std::optional<sidecar::TableBuilder> builder;
    for (std::size_t i = 0; i < roles.series.size(); ++i) {
        const Roles own{roles.x, {roles.series[i]}};
        const Table rows = sidecar::compacted(reduced(method, points, table, own, plot.one(i)));
        const Table part = long_form(rows, roles, roles.series[i], as_they_are);
        if (!builder) {
            builder.emplace(part.columns());
        }
        builder->append(sidecar::views_of(part), part.rows());
    }
    return std::move(*builder).finish();
}

Result<Table> apply_to(const config::Step& step, const Table& given)
{
    const Method method = method_of(step);
    const std::uint64_t points = whole_option(step, "points");
    const bool shared = text_option(step, "align", "shared") == "shared";
    if (method == Method::nth && shared && text_option(step, "x").empty()) {
        // Needs no numbers at all.
        return given.select(every_nth(given.rows(), points));
    }
    const auto roles = roles_of(step, given.columns());
    if (!roles) {
        return roles.error();
    }
    const std::size_t together = shared ? roles->series.size() : 1;
    if (auto enough = check_enough(method, points, together); !enough) {
        return enough.error();
    }
    const Table table = in_order(given, roles->x);
    const Plot plot(table, *roles);
    return shared ? reduced(method, points, table, *roles, plot.data())
                  : each_on_its_own(method, points, table, *roles, plot);
}

}  // namespace

const Kind downsample{.name = "downsample", .check = check_options, .apply = apply_to};

}  // namespace gatehouse::steps
