#include "sidecar/steps/extremes.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gatehouse::steps {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// So many are looked at as a whole: only where a new extreme is, its place is looked for.
constexpr std::size_t block_size = 1024;

/// NaN times anything is NaN and so is an infinity times 0: `taint` of finite numbers stays 0.
struct Block {
    double least = infinity;
    double greatest = -infinity;
    double taint = 0;

    GATEHOUSE_INLINE void take(double value)
    {
        least = value < least ? value : least;
        greatest = value > greatest ? value : greatest;
        taint += value * 0;
    }
};

template <std::size_t Bytes>
struct Lanes {
    using V = simd::Vector<double, Bytes>;

    V least = V{} + infinity;
    V greatest = V{} - infinity;
    V taint = V{};

    GATEHOUSE_INLINE void take(const double* from)
    {
        V value;
        simd::load(value, from);
        least = value < least ? value : least;
        greatest = value > greatest ? value : greatest;
        taint += value * 0;
    }
};

template <std::size_t Bytes>
GATEHOUSE_INLINE void add_lanes(Block& to, const Lanes<Bytes>& lanes)
{
    for (std::size_t i = 0; i < Bytes / sizeof(double); ++i) {
        to.least = std::min(to.least, lanes.least[i]);
        to.greatest = std::max(to.greatest, lanes.greatest[i]);
        to.taint += lanes.taint[i];
    }
}

template <std::size_t Bytes>
GATEHOUSE_INLINE Block block_of(const double* values, std::size_t count)
{
    constexpr std::size_t lanes = Bytes / sizeof(double);
    Lanes<Bytes> even, odd;
    std::size_t i = 0;
    for (; i + 2 * lanes <= count; i += 2 * lanes) {
        even.take(values + i);
        odd.take(values + i + lanes);
    }
    Block block;
    add_lanes(block, even);
    add_lanes(block, odd);
    for (; i < count; ++i) {
        block.take(values[i]);
    }
    return block;
}

template <std::size_t Bytes>
GATEHOUSE_INLINE Extremes extremes_of(const double* values, std::size_t count)
{
    Block all;
    std::size_t least_block = count, greatest_block = count;
    for (std::size_t i = 0; i < count; i += block_size) {
        const Block block = block_of<Bytes>(values + i, std::min(block_size, count - i));
        least_block = block.least < all.least || least_block == count ? i : least_block;
        greatest_block =
            block.greatest > all.greatest || greatest_block == count ? i : greatest_block;
        all.least = std::min(all.least, block.least);
        all.greatest = std::max(all.greatest, block.greatest);
        all.taint += block.taint;
    }
    const auto place = [&](std::size_t from, double wanted) {
        const std::uint64_t at = std::find(values + from, values + count, wanted) - values;
        return at < count ? at : Extremes::none;
    };
    return {place(least_block, all.least), place(greatest_block, all.greatest), all.taint == 0};
}

GATEHOUSE_FOR_V4 Extremes extremes64(const double* values, std::size_t count)
{
    return extremes_of<64>(values, count);
}

GATEHOUSE_FOR_V3 Extremes extremes32(const double* values, std::size_t count)
{
    return extremes_of<32>(values, count);
}

}  // namespace

Extremes extremes(std::span<const double> values, simd::Width width) noexcept
{
    switch (width) {
    case simd::Width::bytes64: return extremes64(values.data(), values.size());
    case simd::Width::bytes32: return extremes32(values.data(), values.size());
    default: return extremes_of<16>(values.data(), values.size());
    }
}

}  // namespace gatehouse::steps
