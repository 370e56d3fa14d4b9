#include "sidecar/steps/principal.h"

#include <algorithm>
#include <cmath>
#include <eigen3/Eigen/Eigenvalues>

namespace gatehouse::steps {
namespace {

/// Covariances in units of the largest column's, so that each is a number whatever the columns'
/// sizes.
class Covariances {
public:
    Covariances(const Moments& moments, std::size_t columns, bool scale)
        : moments_(moments), deviations_(columns, 1.0), scaled_(scale)
    {
        const auto rows = static_cast<double>(moments.rows());
        for (std::size_t i = 0; i < columns; ++i) {
            const double deviation = moments.unit(i) * std::sqrt(moments.comoment(i, i) / rows);
            if (scale && deviation > 0) {
                deviations_[i] = deviation;
            }
            unit_ = std::max(unit_, scale ? 1 : moments.unit(i));
        }
    }

    Eigen::MatrixXd matrix() const
    {
        const auto size = static_cast<Eigen::Index>(deviations_.size());
        const double freedom = static_cast<double>(moments_.rows()) - 1;
        Eigen::MatrixXd out(size, size);
        for (Eigen::Index i = 0; i < size; ++i) {
            for (Eigen::Index j = 0; j <= i; ++j) {
                out(i, j) = out(j, i) = moments_.comoment(i, j) / freedom * share(i) * share(j);
            }
        }
        return out;
    }

    const std::vector<double>& deviations() const noexcept { return deviations_; }
    double unit() const noexcept { return unit_; }

private:
    /// A column's unit, in the matrix's.
    double share(Eigen::Index i) const
    {
        const double own = moments_.unit(static_cast<std::size_t>(i));
        return scaled_     ? own / deviations_[static_cast<std::size_t>(i)]
               : unit_ > 0 ? own / unit_
                           : 0;
    }

    const Moments& moments_;
    std::vector<double> deviations_;
    bool scaled_;
    double unit_ = 0;
};

std::vector<double> with_fixed_sign(const Eigen::VectorXd& direction)
{
    Eigen::Index largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    const double sign = direction[largest] < 0 ? -1 : 1;
    std::vector<double> out;
    for (const double entry : direction) {
        out.push_back(entry * sign);
    }
    return out;
}

}  // namespace

Principal principal(const Moments& moments, std::size_t columns, std::size_t count, bool scale)
{
    const Covariances covariances(moments, columns, scale);
    const Eigen::MatrixXd matrix = covariances.matrix();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solved(matrix);
    Principal out;
    for (std::size_t i = 0; i < columns; ++i) {
        out.means.push_back(moments.mean(i));
    }
    out.deviations = covariances.deviations();
    const double total = matrix.trace();
    for (std::size_t k = 0; k < count; ++k) {
        const auto from_last = static_cast<Eigen::Index>(columns - 1 - k);
        const double value = std::max(0.0, solved.eigenvalues()[from_last]);
        out.loadings.push_back(with_fixed_sign(solved.eigenvectors().col(from_last)));
        out.variances.push_back(value * covariances.unit() * covariances.unit());
        out.ratios.push_back(value / total);
    }
    return out;
}

}  // namespace gatehouse::steps
