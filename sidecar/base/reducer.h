// What a computation's rows are fed to, batch by batch, when the table they make is not wanted:
// sums, samples, fits.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "sidecar/base/table.h"
#include "sidecar/base/table_builder.h"
#include "src/base/result.h"

namespace gatehouse::sidecar {

class Reducer {
public:
    virtual ~Reducer() = default;

    /// Takes in `rows` further rows. The views live for this call only. REQUIRES: one view for each
    /// column the reducer was made for.
    virtual Result<void> append(std::span<const VectorView> views, std::uint64_t rows) = 0;

    /// Bytes that grow with the rows taken in.
    virtual std::uint64_t bytes() const noexcept = 0;

    /// Rows held; those that were only summed do not count.
    virtual std::uint64_t rows_held() const noexcept { return 0; }

    /// What all rows come to. Called once, at the end.
    virtual Result<Table> finish() = 0;
};

/// Makes a reducer of rows with these columns, or says why they do not fit.
using MakeReducer =
    std::function<Result<std::unique_ptr<Reducer>>(std::span<const Column> columns)>;

}  // namespace gatehouse::sidecar
