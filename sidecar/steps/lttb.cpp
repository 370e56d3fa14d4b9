#include "sidecar/steps/lttb.h"

#include <algorithm>
#include <cmath>

#include "sidecar/steps/extremes.h"

namespace gatehouse::steps {
namespace {

/// How many extremes there are for each point that is wanted.
constexpr std::uint64_t preselected = 4;

/// Where no triangle is larger, areas may have lost digits, or vanished.
constexpr double least_area = 1e-270;

struct Point {
    double x, y;
};

/// |(a.x - c.x)(p.y - a.y) - (a.x - p.x)(c.y - a.y)|: twice the triangle of a, p and c.
struct Triangle {
    Triangle(const Point& a, const Point& c) noexcept : a(a), width(a.x - c.x), height(c.y - a.y) {}

    template <class V>
    GATEHOUSE_INLINE void area(V& of, const V& x, const V& y) const
    {
        of = width * (y - a.y) - height * (a.x - x);
        of = of < 0 ? -of : of;
    }

    Point a;
    double width, height;
};

template <std::size_t Bytes>
struct Lanes {
    static constexpr std::size_t count = Bytes / sizeof(double);
    using V = simd::Vector<double, Bytes>;
    using I = simd::Vector<std::int64_t, Bytes>;
};

/// The largest so far in each lane, and where it is.
template <std::size_t Bytes>
struct Best {
    typename Lanes<Bytes>::V area = typename Lanes<Bytes>::V{} - 1;
    typename Lanes<Bytes>::I place{};

    GATEHOUSE_INLINE void take(const typename Lanes<Bytes>::V& seen,
                               const typename Lanes<Bytes>::I& where)
    {
        const auto larger = seen > area;
        area = larger ? seen : area;
        place = larger ? where : place;
    }
};

struct Chosen {
    double area = -1;
    std::uint64_t row = 0;

    GATEHOUSE_INLINE void take(double seen, std::uint64_t where)
    {
        if (seen > area || (seen == area && where < row)) {
            area = seen;
            row = where;
        }
    }
};

template <std::size_t Bytes, bool Numbered>
class Buckets {
public:
    using L = Lanes<Bytes>;

    explicit Buckets(const Points& of) noexcept : x_(of.x.data()), y_(of.y.data()) {}

    GATEHOUSE_INLINE Point at(std::uint64_t i) const
    {
        return {Numbered ? static_cast<double>(i) : x_[i], y_[i]};
    }

    GATEHOUSE_INLINE Point mean(std::uint64_t begin, std::uint64_t end) const
    {
        const auto count = static_cast<double>(end - begin);
        const double x = Numbered ? (static_cast<double>(begin) + static_cast<double>(end - 1)) / 2
                                  : sum(x_ + begin, end - begin) / count;
        return {x, sum(y_ + begin, end - begin) / count};
    }

    GATEHOUSE_INLINE Chosen largest(std::uint64_t begin, std::uint64_t end,
                                    const Triangle& triangle) const
    {
        Best<Bytes> even, odd;
        typename L::V x{}, y, area;
        typename L::I place{};
        for (std::size_t lane = 0; lane < L::count; ++lane) {
            place[lane] = static_cast<std::int64_t>(begin + lane);
        }
        std::uint64_t i = begin;
        for (; i + 2 * L::count <= end; i += 2 * L::count) {
            load(x, y, i, place);
            triangle.area(area, x, y);
            even.take(area, place);
            place += static_cast<std::int64_t>(L::count);
            load(x, y, i + L::count, place);
            triangle.area(area, x, y);
            odd.take(area, place);
            place += static_cast<std::int64_t>(L::count);
        }
        Chosen chosen;
        for (std::size_t lane = 0; lane < L::count; ++lane) {
            chosen.take(even.area[lane], static_cast<std::uint64_t>(even.place[lane]));
            chosen.take(odd.area[lane], static_cast<std::uint64_t>(odd.place[lane]));
        }
        for (; i < end; ++i) {
            const Point point = at(i);
            double last = 0;
            triangle.area(last, point.x, point.y);
            chosen.take(last, i);
        }
        return chosen;
    }

private:
    GATEHOUSE_INLINE static double sum(const double* values, std::size_t count)
    {
        typename L::V sums[4]{};
        std::size_t i = 0;
        for (; i + 4 * L::count <= count; i += 4 * L::count) {
            for (std::size_t part = 0; part < 4; ++part) {
                typename L::V value;
                simd::load(value, values + i + part * L::count);
                sums[part] += value;
            }
        }
        const typename L::V together = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        double total = 0;
        for (std::size_t lane = 0; lane < L::count; ++lane) {
            total += together[lane];
        }
        for (; i < count; ++i) {
            total += values[i];
        }
        return total;
    }

    GATEHOUSE_INLINE void load(typename L::V& x, typename L::V& y, std::uint64_t i,
                               const typename L::I& place) const
    {
        simd::load(y, y_ + i);
        if constexpr (Numbered) {
            x = __builtin_convertvector(place, typename L::V);
        } else {
            simd::load(x, x_ + i);
        }
    }

    const double* x_;
    const double* y_;
};

template <std::size_t Bytes, bool Numbered>
GATEHOUSE_INLINE bool choose(const Points& of, std::uint64_t points, std::uint64_t* rows)
{
    const Buckets<Bytes, Numbered> buckets(of);
    const std::uint64_t size = of.y.size();
    const std::uint64_t parts = points - 2;
    const auto begin = [&](std::uint64_t part) { return 1 + part_begin(part, size - 2, parts); };
    double largest = 0;
    bool finite = std::isfinite(of.x_at(size - 1)) && std::isfinite(of.y[size - 1]);
    Point before = buckets.at(0);
    Point mean = buckets.mean(begin(0), begin(1));
    *rows++ = 0;
    for (std::uint64_t part = 0; part < parts; ++part) {
        finite = finite && std::isfinite(mean.x) && std::isfinite(mean.y);
        const bool last = part + 1 == parts;
        mean = last ? buckets.at(size - 1) : buckets.mean(begin(part + 1), begin(part + 2));
        const Chosen chosen = buckets.largest(begin(part), begin(part + 1), Triangle(before, mean));
        finite = finite && chosen.area >= 0 && std::isfinite(chosen.area);
        largest = std::max(largest, chosen.area);
        before = buckets.at(chosen.row);
        *rows++ = chosen.row;
    }
    *rows = size - 1;
    return finite && (largest > least_area || of.scaled);
}

template <std::size_t Bytes>
GATEHOUSE_INLINE bool choose(const Points& of, std::uint64_t points, std::uint64_t* rows)
{
    return of.x.empty() ? choose<Bytes, true>(of, points, rows)
                        : choose<Bytes, false>(of, points, rows);
}

GATEHOUSE_FOR_V4 bool choose64(const Points& of, std::uint64_t points, std::uint64_t* rows)
{
    return choose<64>(of, points, rows);
}

GATEHOUSE_FOR_V3 bool choose32(const Points& of, std::uint64_t points, std::uint64_t* rows)
{
    return choose<32>(of, points, rows);
}

bool choose(const Points& of, std::uint64_t points, std::uint64_t* rows, simd::Width width)
{
    switch (width) {
    case simd::Width::bytes64: return choose64(of, points, rows);
    case simd::Width::bytes32: return choose32(of, points, rows);
    default: return choose<16>(of, points, rows);
    }
}

/// The extremes of equal parts, between the first and the last; nothing when a y is not finite.
std::optional<Rows> preselection(const Points& of, std::uint64_t parts, simd::Width width)
{
    const std::uint64_t inner = of.y.size() - 2;
    Rows rows{0};
    rows.reserve(2 * parts + 2);
    for (std::uint64_t part = 0; part < parts; ++part) {
        const std::uint64_t begin = 1 + part_begin(part, inner, parts);
        const std::uint64_t end = 1 + part_begin(part + 1, inner, parts);
        const Extremes found = extremes(of.y.subspan(begin, end - begin), width);
        if (!found.finite) {
            return std::nullopt;
        }
        const auto [first, second] = std::minmax(found.least, found.greatest);
        rows.push_back(begin + first);
        if (first != second) {
            rows.push_back(begin + second);
        }
    }
    rows.push_back(of.y.size() - 1);
    return rows;
}

}  // namespace

std::optional<Rows> lttb(const Points& of, std::uint64_t points, simd::Width width)
{
    Rows rows(points);
    return choose(of, points, rows.data(), width) ? std::optional(std::move(rows)) : std::nullopt;
}

std::optional<Rows> minmax_lttb(const Points& of, std::uint64_t points, simd::Width width)
{
    if (of.y.size() <= preselected * points + 2) {
        return lttb(of, points, width);
    }
    const auto among = preselection(of, preselected * points / 2, width);
    if (!among) {
        return std::nullopt;
    }
    std::vector<double> x(among->size()), y(among->size());
    for (std::size_t i = 0; i < among->size(); ++i) {
        x[i] = of.x_at((*among)[i]);
        y[i] = of.y[(*among)[i]];
    }
    auto rows = lttb({x, y, of.scaled}, points, width);
    for (std::size_t i = 0; rows && i < rows->size(); ++i) {
        (*rows)[i] = (*among)[(*rows)[i]];
    }
    return rows;
}

}  // namespace gatehouse::steps
