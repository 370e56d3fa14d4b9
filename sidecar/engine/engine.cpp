#include "sidecar/engine/engine.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/engine/computation.h"
#include "sidecar/engine/instance.h"

namespace gatehouse::engine {

using sidecar::Relation;
using sidecar::Table;

/// Holds the current instance. DuckDB cannot be told of a further file once it is locked, so a file
/// that is new (a glob that matches one more) takes a new instance; computations under way end on
/// the old one.
class Engine::State {
public:
    explicit State(const config::Engine& limits) : limits_(limits) {}

    const config::Engine& limits() const noexcept { return limits_; }

    Result<std::shared_ptr<const Instance>> instance_for(std::span<const Relation> relations)
    {
        const std::lock_guard lock(mutex_);
        for (const Relation& relation : relations) {
            files_[relation.name] = relation.files;
        }
        if (instance_ && knows_all(relations)) {
            return instance_;
        }
        Result<std::shared_ptr<const Instance>> opened = Instance::open(limits_, all_files());
        if (opened) {
            instance_ = *opened;
        }
        return opened;
    }

    /// No further computation gets this instance.
    void discard(const std::shared_ptr<const Instance>& broken)
    {
        const std::lock_guard lock(mutex_);
        if (instance_ == broken) {
            instance_.reset();
        }
    }

private:
    bool knows_all(std::span<const Relation> relations) const
    {
        return std::all_of(relations.begin(), relations.end(), [&](const Relation& relation) {
            return std::all_of(relation.files.begin(), relation.files.end(),
                               [&](const auto& file) { return instance_->files().contains(file); });
        });
    }

    std::set<std::string> all_files() const
    {
        std::set<std::string> all;
        for (const auto& [name, files] : files_) {
            all.insert(files.begin(), files.end());
        }
        return all;
    }

    const config::Engine limits_;
    std::mutex mutex_;
    std::shared_ptr<const Instance> instance_;
    std::map<std::string, std::vector<std::string>> files_;  ///< by relation, as last seen
};

Engine::Engine(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(const config::Engine& limits,
                                             std::span<const Relation> relations)
{
    auto state = std::make_unique<State>(limits);
    if (const auto instance = state->instance_for(relations); !instance) {
        return instance.error();
    }
    return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

namespace {

/// One computation, and what it did to its instance.
struct Attempt {
    Result<Table> table;
    Computation::Damage damage = Computation::Damage::none;
};

}  // namespace

Result<Table> Engine::compute(const config::Card& card, const sidecar::Arguments& arguments,
                              std::span<const Relation> relations, std::stop_token stop,
                              const sidecar::MakeReducer& make_reducer)
{
    using Damage = Computation::Damage;
    const auto attempt = [&]() -> Attempt {
        const auto instance = state_->instance_for(relations);
        if (!instance) {
            return {instance.error()};
        }
        const Result<Connection> connection = (*instance)->connect();
        if (!connection) {
            return {connection.error()};
        }
        Computation computation(*connection, state_->limits(), card, arguments, relations,
                                (*instance)->held_rows(), stop);
        Result<Table> table = computation.run(make_reducer);
        if (computation.damage() != Damage::none) {
            state_->discard(*instance);
        }
        return {std::move(table), computation.damage()};
    };
    Attempt made = attempt();
    // It was another's doing: on a new instance it may well succeed.
    return made.damage == Damage::done_before ? attempt().table : std::move(made.table);
}

}  // namespace gatehouse::engine
