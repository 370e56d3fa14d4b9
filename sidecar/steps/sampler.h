// Keeps all rows that pass by, or so many of each class.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sidecar/base/table_builder.h"
#include "sidecar/steps/classes.h"
#include "sidecar/steps/options.h"
#include "sidecar/steps/reservoir.h"

namespace gatehouse::steps {

class Sampler {
public:
    /// `kept`: the columns of a row that are wanted, in this order. No size: every row.
    Sampler(Columns columns, Indices kept, std::optional<std::uint64_t> size, std::uint64_t seed);

    /// Rows of Classes::none are left out.
    void take(std::span<const sidecar::VectorView> views, std::uint64_t rows,
              std::span<const std::uint32_t> classes, const Classes& known);

    std::uint64_t bytes() const noexcept { return builder_.bytes(); }
    std::uint64_t rows() const noexcept { return builder_.rows(); }

    /// The rows kept, of class after class as they are numbered, in the order they came; `counts`:
    /// how many of each.
    sidecar::Table table(std::vector<std::uint64_t>& counts);

private:
    struct OneClass {
        Reservoir reservoir;
        std::vector<std::uint64_t> places;  ///< of the rows kept, in the builder
    };

    void take_all(std::span<const sidecar::VectorView> views, std::uint64_t rows);
    void keep(std::span<const sidecar::VectorView> views, std::uint64_t row, OneClass& of);

    Indices kept_;
    std::vector<sidecar::Column> columns_;
    std::optional<std::uint64_t> size_;
    std::uint64_t seed_;
    std::vector<OneClass> classes_;
    sidecar::TableBuilder builder_;  ///< every row that was ever chosen
};

}  // namespace gatehouse::steps
