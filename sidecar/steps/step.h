// A step: one row of the registry. It either transforms a table, or takes rows in batch by batch.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "sidecar/base/reducer.h"
#include "sidecar/steps/steps.h"

namespace gatehouse::steps {

class SharedMoments;

struct Kind {
    std::string_view name;

    /// Unknown options, options that lack or are out of range.
    Result<void> (*check)(const config::Step& step);

    /// REQUIRES, here and below: check(step) succeeded. Null where there is `reduce`.
    Result<sidecar::Table> (*apply)(const config::Step& step,
                                    const sidecar::Table& table) = nullptr;

    /// Rows with these columns. Sums that several steps need are made once, in `moments`, which
    /// sees each batch first.
    Result<std::unique_ptr<sidecar::Reducer>> (*reduce)(const config::Step& step,
                                                        std::span<const sidecar::Column> columns,
                                                        SharedMoments& moments) = nullptr;

    /// Whether the result is one row by nature; null: never.
    bool (*is_one_row)(const config::Step& step) = nullptr;
};

extern const Kind downsample;
extern const Kind aggregate;
extern const Kind correlation;
extern const Kind pca;
extern const Kind class_means;
extern const Kind parts;

/// The row of that name; null when there is none.
const Kind* find(std::string_view name) noexcept;

/// The same error, said to be that of the step.
Error in_step(const config::Step& step, const Error& error);

}  // namespace gatehouse::steps
