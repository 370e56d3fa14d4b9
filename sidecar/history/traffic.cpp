#include "sidecar/history/traffic.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace gatehouse::history {

namespace {

constexpr double ns_in_ms = 1e6;

constexpr double bound_ms(std::size_t bucket)
{
    return static_cast<double>(telemetry::bucket_bounds_ns[bucket]) / ns_in_ms;
}

}  // namespace

void add(Traffic& to, const Traffic& more)
{
    std::transform(to.numbers.begin(), to.numbers.end(), more.numbers.begin(), to.numbers.begin(),
                   std::plus<>{});
}

Traffic since(const Traffic& before, const Traffic& now)
{
    Traffic between;
    std::transform(now.numbers.begin(), now.numbers.end(), before.numbers.begin(),
                   between.numbers.begin(),
                   [](Number number, Number then) { return number - (number < then ? 0 : then); });
    return between;
}

Traffic part_of(const Traffic& whole, Number index, Number parts)
{
    Traffic part = whole;
    for (Number& number : part.numbers) {
        // What is left over is dealt out one by one, at equal distances.
        const auto left = number % parts;
        number = number / parts + left * (index + 1) / parts - left * index / parts;
    }
    return part;
}

std::optional<double> quantile_ms(const Traffic& traffic, double q)
{
    const auto buckets = traffic.buckets();
    const auto all = std::accumulate(buckets.begin(), buckets.end(), Number{0});
    if (all == 0) {
        return std::nullopt;
    }
    const double rank = q * static_cast<double>(all);
    constexpr auto bounds = std::size(telemetry::bucket_bounds_ns);
    double below = 0;
    for (std::size_t i = 0; i < bounds; ++i) {
        const auto here = static_cast<double>(buckets[i]);
        if (here > 0 && below + here >= rank) {
            const double low = i == 0 ? 0 : bound_ms(i - 1);
            return low + (bound_ms(i) - low) * (rank - below) / here;
        }
        below += here;
    }
    return bound_ms(bounds - 1);
}

std::optional<double> mean_ms(const Traffic& traffic)
{
    if (traffic[Traffic::requests] == 0) {
        return std::nullopt;
    }
    return static_cast<double>(traffic[Traffic::duration_ns]) /
           static_cast<double>(traffic[Traffic::requests]) / ns_in_ms;
}

}  // namespace gatehouse::history
