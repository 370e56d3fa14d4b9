// The datasets that the configuration declares: takes uploads, keeps them, tells of them.
//
// An upload goes to a file of its own, piece by piece, as fast as the disk takes it. Once it is
// whole it is read and kept, one upload after the other: of two for one dataset that come at once,
// the one that was whole later stands, or is added later. Those of other datasets wait a second at
// most, unless several take longer.
//
// Thread safety: none; lives on the loop, and works on threads of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sidecar/base/loop.h"
#include "sidecar/datasets/file_store.h"
#include "sidecar/datasets/order.h"
#include "sidecar/datasets/outcome.h"
#include "sidecar/datasets/run_store.h"

namespace gatehouse::datasets {

struct Summary {
    std::string name;
    bool runs = false;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    std::int64_t updated_ms = 0;  ///< 0: never
    sidecar::SqlColumns columns;
    std::string error;        ///< why the rest is not known
    std::vector<Run> list{};  ///< of runs, the newest first
};

/// Reads files into memory, as they are kept. A failure is the upload's fault.
using ToRun = std::function<Outcome<NewRun>(const Import& import)>;

class Upload;

struct Ports {
    sidecar::Loop& loop;
    ToParquet to_parquet;
    ToRun to_run;
    std::shared_ptr<RunStore> runs;  ///< null: no state is configured
    std::function<void(const std::string& dataset)> changed;
    std::function<std::int64_t()> now_ms;
};

class Agent {
public:
    explicit Agent(Ports ports);
    ~Agent();

    /// The first time, it clears what uploads have left that came to no end.
    void configure(const std::string& directory, Declared declared);

    /// Null: no dataset is called so.
    const Settings* find(const std::string& name) const;

    using Finished = std::function<void(Outcome<Done>)>;

    /// REQUIRES: it is declared.
    std::shared_ptr<Upload> begin(Order order, Finished finished);

    void list(std::function<void(std::vector<Summary>)> done) const;
    void describe(const std::string& name, std::function<void(Summary)> done) const;
    /// `run`: of a dataset of runs only that one.
    void drop(const std::string& name, std::optional<std::int64_t> run,
              std::function<void(Outcome<bool>)> done);

    /// Waits for what is being kept.
    bool finish(std::chrono::milliseconds limit);

private:
    friend class Upload;
    struct Shared;
    std::unique_ptr<Shared> shared_;
};

/// One upload. Calls `finished` once, unless it is aborted. REQUIRES: the agent, whenever it is
/// called.
class Upload : public std::enable_shared_from_this<Upload> {
public:
    Upload(Agent::Shared& shared, Settings settings, Order order, Agent::Finished finished);
    ~Upload();

    /// `more`: the next piece may come. Not called when it has failed.
    void take(std::string piece, std::function<void()> more);
    void end();
    void abort();

    std::uint64_t bytes() const noexcept { return bytes_; }

private:
    struct Work;
    void fail(Failure failure);

    Agent::Shared& shared_;
    std::shared_ptr<Work> work_;  ///< null: over
    Agent::Finished finished_;
    std::uint64_t bytes_ = 0;
};

}  // namespace gatehouse::datasets
