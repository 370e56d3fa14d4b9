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
#include "sidecar/engine/sessions.h"
#include "sidecar/engine/whole_table.h"

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

    /// Has an instance ready that may read them.
    Result<void> open_for(std::span<const Relation> relations)
    {
        const std::lock_guard lock(mutex_);
        const auto instance = instance_for(relations);
        return instance ? Result<void>{} : instance.error();
    }

    /// One that goes on with this SQL over such relations, or else a new one.
    Result<std::unique_ptr<Session>> session_for(const std::string& sql,
                                                 std::span<const Relation> relations)
    {
        const Shape shape = shape_of(relations);
        std::unique_lock lock(mutex_);
        const auto instance = instance_for(relations);
        if (!instance) {
            return instance.error();
        }
        if (auto session = shape.empty() ? nullptr : idle_.take(sql, shape)) {
            return session;
        }
        lock.unlock();
        return Session::open(*instance);
    }

    /// For the next computation of the kind.
    void give_back(std::unique_ptr<Session> session)
    {
        const std::lock_guard lock(mutex_);
        if (session->prepared && session->instance == instance_) {
            idle_.put(std::move(session));
        }
    }

    /// No further computation gets this instance.
    void discard(const std::shared_ptr<const Instance>& broken)
    {
        const std::lock_guard lock(mutex_);
        if (instance_ == broken) {
            idle_.clear();
            instance_.reset();
        }
    }

private:
    Result<std::shared_ptr<const Instance>> instance_for(std::span<const Relation> relations)
    {
        for (const Relation& relation : relations) {
            files_[relation.name] = relation.files;
        }
        if (instance_ && knows_all(relations)) {
            return instance_;
        }
        Result<std::shared_ptr<const Instance>> opened = Instance::open(limits_, all_files());
        if (opened) {
            idle_.clear();
            instance_ = *opened;
        }
        return opened;
    }

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
    Sessions idle_;                                          ///< all of instance_
};

Engine::Engine(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(const config::Engine& limits,
                                             std::span<const Relation> relations)
{
    auto state = std::make_unique<State>(limits);
    if (const auto opened = state->open_for(relations); !opened) {
        return opened.error();
    }
    return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

namespace {

/// One computation, and what it did to its instance.
struct Attempt {
    Result<Table> table;
    Computation::Damage damage = Computation::Damage::none;
};

Attempt run_on(Session& session, const config::Engine& limits, const config::Card& card,
               const sidecar::Arguments& arguments, std::span<const Relation> relations,
               const std::stop_token& stop, const sidecar::MakeReducer& make_reducer)
{
    Computation computation(session, limits, card, arguments, relations, stop);
    Result<Table> table = computation.run(make_reducer);
    return {std::move(table), computation.damage()};
}

}  // namespace

Result<Table> Engine::compute(const config::Card& card, const sidecar::Arguments& arguments,
                              std::span<const Relation> relations, std::stop_token stop,
                              const sidecar::MakeReducer& make_reducer)
{
    using Damage = Computation::Damage;
    if (auto whole = make_reducer ? std::nullopt : whole_table(card.sql, relations);
        whole && whole->rows() <= card.max_rows) {
        return std::move(*whole);
    }
    const auto attempt = [&]() -> Attempt {
        Result<std::unique_ptr<Session>> session = state_->session_for(card.sql, relations);
        if (!session) {
            return {session.error()};
        }
        Attempt made =
            run_on(**session, state_->limits(), card, arguments, relations, stop, make_reducer);
        if (made.damage != Damage::none) {
            state_->discard((*session)->instance);
        }
        state_->give_back(std::move(*session));
        return made;
    };
    Attempt made = attempt();
    // It was another's doing: on a new instance it may well succeed.
    return made.damage == Damage::done_before ? attempt().table : std::move(made.table);
}

}  // namespace gatehouse::engine
