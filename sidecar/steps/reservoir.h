// Some of many rows, each with the same chance, chosen while they pass by: Li, Reservoir-Sampling
// Algorithms of Time Complexity O(n(1 + log(N/n))), ACM TOMS 1994, algorithm L. Which are chosen
// depends on the seed and on how many there are, on nothing else.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <random>

namespace gatehouse::steps {

class Reservoir {
public:
    Reservoir(std::uint64_t size, std::uint64_t seed);

    /// Rows that pass by before one is chosen.
    std::uint64_t skip() const noexcept { return next_ - seen_; }

    /// Lets `rows` rows pass by. REQUIRES: rows <= skip().
    void pass(std::uint64_t rows) noexcept { seen_ += rows; }

    /// Chooses the next row; returns the place, below `size`, that it takes. REQUIRES: skip() is 0.
    std::uint64_t choose();

private:
    /// Uniform in (0, 1), of 53 random bits.
    double uniform();
    void plan_next();

    std::uint64_t size_;
    std::uint64_t seen_ = 0;
    std::uint64_t next_ = 0;
    double weight_ = 1;
    std::mt19937_64 random_;
};

}  // namespace gatehouse::steps
