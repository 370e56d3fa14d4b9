#include "sidecar/steps/means.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sidecar/base/gather.h"
#include "sidecar/steps/make_table.h"
#include "sidecar/steps/values.h"

namespace gatehouse::steps {
namespace {

using sidecar::Table;
using sidecar::TypeId;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Part {
    std::uint64_t begin, end;
};

double mean_of(std::span<const double> values)
{
    double sum = 0, count = 0;
    for (const double value : values) {
        const bool there = std::isfinite(value);
        sum += there ? value : 0;
        count += there ? 1 : 0;
    }
    if (std::isfinite(sum)) {
        return sum / count;
    }
    double mean = 0;
    for (const double value : values) {
        mean += std::isfinite(value) ? value / count : 0;
    }
    return mean;
}

/// The first row of the part that lacks a value, when others have one.
std::optional<std::uint64_t> gap_in(std::span<const double> values, const Part& part)
{
    std::optional<std::uint64_t> gap;
    bool any = false;
    for (std::uint64_t row = part.begin; row < part.end; ++row) {
        const bool there = std::isfinite(values[row]);
        any = any || there;
        if (!there && !gap) {
            gap = row;
        }
    }
    return any ? gap : std::nullopt;
}

/// One row of the result.
struct Row {
    Part part;
    std::uint64_t at;            ///< where its other columns are from
    double x;                    ///< the order
    std::vector<double> values;  ///< of the series
};

class Means {
public:
    Means(const PlotData& data, std::uint64_t points) : data_(data)
    {
        for (std::uint64_t i = 0; i < points; ++i) {
            add({part_begin(i, data.rows(), points), part_begin(i + 1, data.rows(), points)});
        }
    }

    const std::vector<Row>& rows() const noexcept { return rows_; }

private:
    double x_at(std::uint64_t row) const
    {
        return data_.x.empty() ? static_cast<double>(row) : data_.x[row];
    }

    double mean_x(const Part& part) const
    {
        return data_.x.empty() ? (x_at(part.begin) + x_at(part.end - 1)) / 2
                               : mean_of(data_.x.subspan(part.begin, part.end - part.begin));
    }

    void add(const Part& part)
    {
        Row row{part, part.begin, mean_x(part), {}};
        std::vector<std::optional<std::uint64_t>> gaps;
        for (const auto& values : data_.series) {
            row.values.push_back(mean_of(values.subspan(part.begin, part.end - part.begin)));
            gaps.push_back(gap_in(values, part));
        }
        const auto first = *std::min_element(gaps.begin(), gaps.end(), [](auto& a, auto& b) {
            return a.value_or(~std::uint64_t{0}) < b.value_or(~std::uint64_t{0});
        });
        rows_.push_back(row);
        if (!first) {
            return;
        }
        Row gap{{*first, *first + 1}, *first, x_at(*first), row.values};
        for (std::size_t i = 0; i < gaps.size(); ++i) {
            gap.values[i] = gaps[i] ? nan : gap.values[i];
        }
        rows_.insert(gap.x < row.x ? rows_.end() - 1 : rows_.end(), std::move(gap));
    }

    const PlotData& data_;
    std::vector<Row> rows_;
};

/// A time's mean in its own unit, rounded down; it needs all bits of its cells.
template <class Cell>
Cells mean_times(const Table& table, std::size_t column, const std::vector<Row>& rows)
{
    __extension__ typedef __int128 Wide;
    const sidecar::Vector& from = table.vector(column);
    Cells cells{table.columns()[column].type, {}};
    cells.vector.data.resize(rows.size() * sizeof(Cell));
    auto* to = reinterpret_cast<Cell*>(cells.vector.data.data());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        Wide sum = 0;
        for (std::uint64_t row = rows[i].part.begin; row < rows[i].part.end; ++row) {
            sum += from.cell<Cell>(row);
        }
        const auto count = static_cast<Wide>(rows[i].part.end - rows[i].part.begin);
        const Wide mean = sum / count - (sum % count < 0 ? 1 : 0);
        to[i] = static_cast<Cell>(mean);
    }
    return cells;
}

Cells mean_x(const Table& table, std::size_t column, const std::vector<Row>& rows)
{
    const sidecar::Type& type = table.columns()[column].type;
    if (is_time(type)) {
        return type.id == TypeId::date ? mean_times<std::int32_t>(table, column, rows)
                                       : mean_times<std::int64_t>(table, column, rows);
    }
    std::vector<double> x;
    for (const Row& row : rows) {
        x.push_back(row.x);
    }
    return cells_of(x);
}

}  // namespace

Table means(const Table& table, const MeanColumns& columns, const PlotData& data,
            std::uint64_t points)
{
    const Means made(data, points);
    Rows at;
    for (const Row& row : made.rows()) {
        at.push_back(row.at);
    }
    TableMaker maker(at.size());
    for (std::size_t i = 0; i < table.columns().size(); ++i) {
        const sidecar::Column& column = table.columns()[i];
        const auto series = std::find(columns.series.begin(), columns.series.end(), i);
        if (i == columns.x) {
            maker.add(column.name, mean_x(table, i, made.rows()));
        } else if (series != columns.series.end()) {
            std::vector<double> values;
            for (const Row& row : made.rows()) {
                values.push_back(row.values[series - columns.series.begin()]);
            }
            maker.add(column.name, cells_of(values));
        } else {
            maker.add(column.name,
                      {column.type, sidecar::gathered(table.vector(i), column.type, at)});
        }
    }
    return std::move(maker).done();
}

}  // namespace gatehouse::steps
