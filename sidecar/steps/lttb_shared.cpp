#include "sidecar/steps/lttb_shared.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sidecar/steps/extremes.h"

namespace gatehouse::steps {
namespace {

/// How many extremes there are for each point that is wanted; see lttb.h.
constexpr std::uint64_t preselected = 4;

/// Values in parts of their range. A range that is none is one of 1, in which no triangle is high.
std::vector<double> in_range(std::span<const double> values)
{
    const Extremes found = extremes(values);
    std::vector<double> out(values.begin(), values.end());
    if (found.least == Extremes::none) {
        return out;
    }
    // A quarter: the difference of two numbers may be too large for a number.
    const double least = values[found.least] / 4;
    const double range = values[found.greatest] / 4 - least;
    for (double& value : out) {
        value = range > 0 ? (value / 4 - least) / range : value - value;
    }
    return out;
}

class SharedTriangles {
public:
    SharedTriangles(const PlotData& data, Rows among) : among_(std::move(among))
    {
        std::vector<double> x(among_.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] = data.x.empty() ? static_cast<double>(among_[i]) : data.x[among_[i]];
        }
        x_ = in_range(x);
        for (const auto& values : data.series) {
            const std::vector<double> all = in_range(values);
            std::vector<double>& own = series_.emplace_back(among_.size());
            for (std::size_t i = 0; i < own.size(); ++i) {
                own[i] = all[among_[i]];
            }
        }
    }

    Rows choose(std::uint64_t points) const
    {
        const std::uint64_t inner = among_.size() - 2;
        const auto begin = [&](std::uint64_t part) {
            return 1 + part_begin(part, inner, points - 2);
        };
        Rows rows{among_.front()};
        std::uint64_t before = 0;
        for (std::uint64_t part = 0; part + 2 < points; ++part) {
            const std::uint64_t after = begin(part + 1);
            const std::uint64_t end = part + 3 == points ? among_.size() : begin(part + 2);
            before = largest(begin(part), after, before, mean(after, end));
            rows.push_back(among_[before]);
        }
        rows.push_back(among_.back());
        return rows;
    }

private:
    /// x first, then each series; NaN: it has no value there.
    std::vector<double> mean(std::uint64_t begin, std::uint64_t end) const
    {
        std::vector<double> out{std::accumulate(&x_[begin], &x_[0] + end, 0.0) /
                                static_cast<double>(end - begin)};
        for (const std::vector<double>& values : series_) {
            double sum = 0, count = 0;
            for (std::uint64_t i = begin; i < end; ++i) {
                sum += std::isnan(values[i]) ? 0 : values[i];
                count += std::isnan(values[i]) ? 0 : 1;
            }
            out.push_back(sum / count);
        }
        return out;
    }

    std::uint64_t largest(std::uint64_t begin, std::uint64_t end, std::uint64_t before,
                          const std::vector<double>& after) const
    {
        std::vector<double> areas(end - begin, 0.0);
        for (std::size_t i = 0; i < series_.size(); ++i) {
            const std::vector<double>& y = series_[i];
            const double width = x_[before] - after[0];
            const double height = after[i + 1] - y[before];
            for (std::uint64_t row = begin; row < end; ++row) {
                const double area =
                    std::abs(width * (y[row] - y[before]) - height * (x_[before] - x_[row]));
                areas[row - begin] += std::isnan(area) ? 0 : area;
            }
        }
        return begin + (std::max_element(areas.begin(), areas.end()) - areas.begin());
    }

    Rows among_;
    std::vector<double> x_;
    std::vector<std::vector<double>> series_;
};

Rows all_rows(std::uint64_t count)
{
    Rows rows(count);
    std::iota(rows.begin(), rows.end(), std::uint64_t{0});
    return rows;
}

/// The first, the last, and the extremes of each series in equal parts of what is between them.
Rows preselection(const PlotData& data, std::uint64_t parts)
{
    const std::uint64_t inner = data.rows() - 2;
    Rows rows{0, data.rows() - 1};
    for (std::uint64_t part = 0; part < parts; ++part) {
        const std::uint64_t begin = 1 + part_begin(part, inner, parts);
        const std::uint64_t end = 1 + part_begin(part + 1, inner, parts);
        for (const auto& values : data.series) {
            const Extremes found = extremes(values.subspan(begin, end - begin));
            if (found.least != Extremes::none) {
                rows.push_back(begin + found.least);
                rows.push_back(begin + found.greatest);
            }
        }
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

}  // namespace

Rows lttb_shared(Method method, const PlotData& data, std::uint64_t points)
{
    Rows among = method == Method::minmaxlttb && data.rows() > preselected * points + 2
                     ? preselection(data, preselected * points / 2)
                     : all_rows(data.rows());
    if (among.size() <= points) {
        return among;
    }
    return SharedTriangles(data, std::move(among)).choose(points);
}

}  // namespace gatehouse::steps
