// One computation of a card from its sources to a sealed snapshot: what the pool runs.
#pragma once

#include <functional>
#include <memory>

#include "sidecar/app/executors.h"
#include "sidecar/board/store.h"
#include "sidecar/cards/work.h"
#include "sidecar/config/types.h"

namespace gatehouse::app {

/// A configuration and what was opened for it: they live and go together.
struct Setup {
    config::Config config;
    Executors executors{};
};

/// Thread safety: the function may be called by several threads at once.
sidecar::Compute make_compute(std::shared_ptr<const Setup> setup,
                              std::shared_ptr<sidecar::Generations> generations);

}  // namespace gatehouse::app
