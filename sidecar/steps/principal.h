// Principal components from columns' moments.
//
// Thread safety: a free function without state.
#pragma once

#include <cstdint>
#include <vector>

#include "sidecar/steps/moments.h"

namespace gatehouse::steps {

struct Principal {
    std::vector<double> means;       ///< of the columns
    std::vector<double> deviations;  ///< what a column is divided by; 1 without scaling
    /// Of each component its direction, of length 1; the entry of largest magnitude is positive.
    std::vector<std::vector<double>> loadings;
    std::vector<double> variances;  ///< along each component, of N - 1 degrees of freedom
    std::vector<double> ratios;     ///< of the variance of all columns together; NaN if that is 0
};

/// The first `count` components, by variance. With `scale` columns are divided by their standard
/// deviation (of N degrees of freedom) unless that is 0. REQUIRES: moments.rows() >= 2;
/// 1 <= count <= columns.
Principal principal(const Moments& moments, std::size_t columns, std::size_t count, bool scale);

}  // namespace gatehouse::steps
