// The least and the greatest of many numbers, and where they are.
//
// Thread safety: a free function without state.
#pragma once

#include <cstdint>
#include <span>

#include "sidecar/steps/simd.h"

namespace gatehouse::steps {

struct Extremes {
    static constexpr std::uint64_t none = ~std::uint64_t{0};

    std::uint64_t least = none;     ///< the first of equal ones; none: there are only NaNs
    std::uint64_t greatest = none;  ///< the same
    bool finite = true;             ///< neither NaN nor infinities
};

/// NaNs are left out.
Extremes extremes(std::span<const double> values, simd::Width width = simd::width()) noexcept;

}  // namespace gatehouse::steps
