#include "sidecar/app/executors.h"

#include <vector>

#include "sidecar/app/history_source.h"
#include "sidecar/app/run_source.h"
#include "sidecar/app/run_state.h"
#include "sidecar/sources/sources.h"

namespace gatehouse::app {
namespace {

/// Of the engine's memory: what rows of small files may take besides.
constexpr std::uint64_t share_of_files = 8;

/// What ran for the source before, if that is the same; else null.
template <class Running>
Running taken_over(const std::map<std::string, Running>* running, const config::Config* before,
                   const config::Source& source)
{
    if (before == nullptr || running == nullptr || !running->contains(source.name)) {
        return nullptr;
    }
    const auto old = before->sources.find(source.name);
    return old != before->sources.end() && old->second == source ? running->at(source.name)
                                                                 : nullptr;
}

}  // namespace

databases::Database* Executors::own_database(const config::Card& card) const
{
    const auto only = card.sources.size() == 1 && card.cards.empty()
                          ? databases.find(card.sources.front())
                          : databases.end();
    return only != databases.end() ? only->second.get() : nullptr;
}

Result<Executors> open_executors(const config::Config& config, const SourceChanged& changed,
                                 const config::Config* before, const Executors* running)
{
    Executors opened;
    opened.held_files = std::make_unique<HeldFiles>(config.engine.memory_limit / share_of_files);
    opened.runs = open_runs(config.state);
    std::vector<sidecar::Relation> known;
    for (const auto& [name, source] : config.sources) {
        if (databases::is_database(source.kind)) {
            const auto notify = [changed, name = name] {
                if (changed) {
                    changed(name);
                }
            };
            auto held = taken_over(running ? &running->databases : nullptr, before, source);
            opened.databases[name] = held ? std::move(held) : databases::open(source, notify);
            continue;
        }
        if (source.csv.append) {
            auto held = taken_over(running ? &running->growing : nullptr, before, source);
            auto file = held ? Result{std::move(held)} : GrowingFile::create();
            if (!file) {
                return file.error();
            }
            opened.growing[name] = std::move(*file);
            known.push_back({.name = name, .files = opened.growing[name]->may_open(source)});
            continue;
        }
        if (is_runs(source) || is_of_caches(source) || is_of_history(source) || source.cache) {
            continue;  // no files, or others
        }
        // One that cannot be read now is reported by its cards.
        if (const auto files = sources::fingerprint(source)) {
            known.push_back({.name = name, .files = sources::names_for_engine(*files)});
        }
    }
    Result<std::unique_ptr<engine::Engine>> engine = engine::Engine::open(config.engine, known);
    if (!engine) {
        return engine.error();
    }
    opened.engine = std::move(*engine);
    return opened;
}

}  // namespace gatehouse::app
