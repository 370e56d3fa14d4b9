#include "sidecar/steps/choose_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "sidecar/steps/extremes.h"
#include "sidecar/steps/lttb_shared.h"

namespace gatehouse::steps {
namespace {

void sort_and_unite(Rows& rows)
{
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
}

/// Adds where each series is least and greatest between two rows; false when one is not finite.
bool add_extremes(const PlotData& data, std::uint64_t begin, std::uint64_t end, Rows& to)
{
    bool finite = true;
    for (const auto& values : data.series) {
        const Extremes found = extremes(values.subspan(begin, end - begin));
        finite = finite && found.finite;
        for (const std::uint64_t place : {found.least, found.greatest}) {
            if (place != Extremes::none) {
                to.push_back(begin + place);
            }
        }
    }
    return finite;
}

/// Nothing when `whole` is asked for and some value is not finite.
using Chosen = std::optional<Rows>;

Chosen minmax(const PlotData& data, std::uint64_t parts, bool whole)
{
    Rows rows;
    for (std::uint64_t part = 0; part < parts; ++part) {
        const std::uint64_t begin = part_begin(part, data.rows(), parts);
        const std::uint64_t end = part_begin(part + 1, data.rows(), parts);
        if (!add_extremes(data, begin, end, rows) && whole) {
            return std::nullopt;
        }
    }
    sort_and_unite(rows);
    return rows;
}

/// Jugel et al., M4: A Visualization-Oriented Time Series Data Aggregation, VLDB 2014: x is divided
/// in equal widths, floor(w (x - first) / (last - first)); the last x belongs to the last of them.
class Widths {
public:
    Widths(const PlotData& data, std::uint64_t count) : data_(data), count_(count)
    {
        const double first = at(0), last = at(data.rows() - 1);
        scale_ = std::isfinite(static_cast<double>(count) * (last - first)) ? 1 : 0x1p-60;
        first_ = first * scale_;
        range_ = last * scale_ - first_;
    }

    /// The first row that is not before width i.
    std::uint64_t begin(std::uint64_t i) const
    {
        std::uint64_t low = 0, high = data_.rows();
        while (low < high) {
            const std::uint64_t middle = low + (high - low) / 2;
            (width_of(middle) < i ? low : high) = width_of(middle) < i ? middle + 1 : middle;
        }
        return low;
    }

private:
    double at(std::uint64_t row) const
    {
        return data_.x.empty() ? static_cast<double>(row) : data_.x[row];
    }

    std::uint64_t width_of(std::uint64_t row) const
    {
        const double offset = static_cast<double>(count_) * (at(row) * scale_ - first_);
        const double width = range_ > 0 ? std::floor(offset / range_) : 0;
        return std::min(static_cast<std::uint64_t>(width), count_ - 1);
    }

    const PlotData& data_;
    std::uint64_t count_;
    double scale_ = 1, first_ = 0, range_ = 0;
};

Chosen m4(const PlotData& data, std::uint64_t count, bool whole)
{
    const Widths widths(data, count);
    Rows rows;
    std::uint64_t begin = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t end = widths.begin(i + 1);
        if (begin == end) {
            continue;
        }
        rows.push_back(begin);
        rows.push_back(end - 1);
        if (!add_extremes(data, begin, end, rows) && whole) {
            return std::nullopt;
        }
        begin = end;
    }
    sort_and_unite(rows);
    return rows;
}

/// `whole`: give up at the first value that is not finite.
Chosen choose(Method method, const PlotData& data, std::uint64_t points, bool whole)
{
    const std::uint64_t each = data.series.size();
    switch (method) {
    case Method::minmax: return minmax(data, points / (2 * each), whole);
    case Method::m4: return m4(data, points / (2 + 2 * each), whole);
    default: break;
    }
    if (each > 1) {
        return whole ? std::nullopt : Chosen(lttb_shared(method, data, points));
    }
    const Points of{data.x, data.series.front(), data.scaled};
    return method == Method::lttb ? lttb(of, points) : minmax_lttb(of, points);
}

/// The rows in which some series has a value, with what is not finite as NaN.
struct Present {
    explicit Present(const PlotData& data)
    {
        for (std::uint64_t row = 0; row < data.rows(); ++row) {
            const bool any = std::any_of(data.series.begin(), data.series.end(),
                                         [&](auto& values) { return std::isfinite(values[row]); });
            if (any) {
                rows.push_back(row);
            }
        }
        const auto copy = [&](std::span<const double> from) {
            std::vector<double> to(rows.size());
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const double value = from[rows[i]];
                to[i] = std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN();
            }
            return to;
        };
        for (const auto& values : data.series) {
            series.push_back(copy(values));
            view.series.push_back(series.back());
        }
        if (data.x.empty()) {
            x.assign(rows.begin(), rows.end());
        } else {
            x = copy(data.x);
        }
        view.x = x;
    }

    /// Multiplies by powers of two, so that no area is too large or too small for a number. Which
    /// are largest stays the same.
    void scale_values()
    {
        view.scaled = true;
        scale(x);
        for (std::vector<double>& values : series) {
            scale(values);
        }
    }

    static void scale(std::vector<double>& values)
    {
        double most = 0;
        for (const double value : values) {
            most = std::max(most, std::abs(value));
        }
        const int exponent = most > 0 ? std::ilogb(most) : 0;
        for (double& value : values) {
            value = std::ldexp(value, -exponent);
        }
    }

    Rows rows;
    std::vector<double> x;
    std::vector<std::vector<double>> series;
    PlotData view;
};

Rows choose_among_gaps(Method method, const PlotData& data, std::uint64_t points)
{
    Present present(data);
    if (present.rows.size() <= points) {
        return present.rows;
    }
    Chosen chosen = choose(method, present.view, points, false);
    if (!chosen) {
        present.scale_values();
        chosen = choose(method, present.view, points, false);
    }
    Rows rows;
    for (const std::uint64_t row : chosen.value_or(Rows{})) {
        rows.push_back(present.rows[row]);
    }
    return rows;
}

/// At most one in each of `parts` equal parts of `rows` rows, if there are more.
Rows thinned(const Rows& gaps, std::uint64_t rows, std::uint64_t parts)
{
    if (gaps.size() <= parts) {
        return gaps;
    }
    Rows kept;
    std::size_t next = 0;
    for (std::uint64_t part = 0; part < parts; ++part) {
        const std::uint64_t end = part_begin(part + 1, rows, parts);
        if (next < gaps.size() && gaps[next] < end) {
            kept.push_back(gaps[next]);
        }
        while (next < gaps.size() && gaps[next] < end) {
            ++next;
        }
    }
    return kept;
}

}  // namespace

std::uint64_t least_points(Method method, std::size_t series) noexcept
{
    switch (method) {
    case Method::minmax: return 2 * series;
    case Method::m4: return 2 + 2 * series;
    case Method::lttb:
    case Method::minmaxlttb: return 3;
    default: return 1;
    }
}

Rows every_nth(std::uint64_t rows, std::uint64_t points)
{
    const std::uint64_t n = (rows + points - 1) / points;
    Rows kept;
    for (std::uint64_t row = 0; row < rows; row += n) {
        kept.push_back(row);
    }
    return kept;
}

Rows gap_rows(const std::vector<std::span<const double>>& series)
{
    Rows rows;
    for (const auto& values : series) {
        bool in_gap = false;
        for (std::uint64_t row = 0; row < values.size(); ++row) {
            const bool missing = !std::isfinite(values[row]);
            if (missing && !in_gap) {
                rows.push_back(row);
            }
            in_gap = missing;
        }
    }
    sort_and_unite(rows);
    return rows;
}

Rows choose_rows(Method method, const PlotData& data, std::uint64_t points)
{
    if (data.rows() <= points) {
        Rows all(data.rows());
        std::iota(all.begin(), all.end(), std::uint64_t{0});
        return all;
    }
    if (method == Method::nth) {
        return every_nth(data.rows(), points);
    }
    if (Chosen chosen = choose(method, data, points, true)) {
        return std::move(*chosen);
    }
    Rows rows = choose_among_gaps(method, data, points);
    const Rows gaps = thinned(gap_rows(data.series), data.rows(), points);
    rows.insert(rows.end(), gaps.begin(), gaps.end());
    sort_and_unite(rows);
    return rows;
}

}  // namespace gatehouse::steps
