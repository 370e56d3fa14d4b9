// Uploads as sources that are read once: what the datasets ask of the sources and the engine.
//
// Thread safety: all of it. It blocks.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "sidecar/config/types.h"
#include "sidecar/datasets/agent.h"
#include "sidecar/datasets/outcome.h"

namespace gatehouse::app {

/// What an upload may take, as the configuration has it now.
class ImportLimits {
public:
    void set(const config::Engine& engine)
    {
        const std::lock_guard lock{mutex_};
        engine_ = engine;
    }
    config::Engine get() const
    {
        const std::lock_guard lock{mutex_};
        return engine_;
    }

private:
    mutable std::mutex mutex_;
    config::Engine engine_;
};

/// A few bytes of Parquet may stand for any number of rows.
inline constexpr std::uint64_t most_rows_of_upload = 100'000'000;

/// As datasets::ToParquet.
datasets::Outcome<datasets::Imported> import_to_parquet(
    const config::Engine& limits, const datasets::Import& import, const std::string& out,
    std::uint64_t most_rows = most_rows_of_upload);

/// As datasets::ToRun.
datasets::Outcome<datasets::NewRun> import_run(const config::Engine& limits,
                                               const datasets::Import& import);

}  // namespace gatehouse::app
