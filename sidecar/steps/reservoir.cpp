#include "sidecar/steps/reservoir.h"

#include <cmath>
#include <limits>

namespace gatehouse::steps {

namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

}  // namespace

Reservoir::Reservoir(std::uint64_t size, std::uint64_t seed)
    : size_(size), next_(size > 0 ? 0 : never), random_(seed)
{
}

double Reservoir::uniform()
{
    return (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53;
}

void Reservoir::plan_next()
{
    if (seen_ < size_) {
        next_ = seen_;
        return;
    }
    weight_ *= std::exp(std::log(uniform()) / static_cast<double>(size_));
    const double skipped = std::floor(std::log(uniform()) / std::log1p(-weight_));
    next_ = skipped < 0x1p62 ? seen_ + static_cast<std::uint64_t>(skipped) : never;
}

std::uint64_t Reservoir::choose()
{
    const bool filling = seen_ < size_;
    const std::uint64_t place = filling ? seen_ : random_() % size_;
    ++seen_;
    plan_next();
    return place;
}

}  // namespace gatehouse::steps
