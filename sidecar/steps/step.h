// A step: one row of the registry.
#pragma once

#include <string_view>

#include "sidecar/steps/steps.h"

namespace gatehouse::steps {

struct Kind {
    std::string_view name;

    /// Unknown options, options that lack or are out of range.
    Result<void> (*check)(const config::Step& step);

    /// REQUIRES: check(step) succeeded.
    Result<sidecar::Table> (*apply)(const config::Step& step, const sidecar::Table& table);
};

extern const Kind downsample;

}  // namespace gatehouse::steps
