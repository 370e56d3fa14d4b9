#include "sidecar/app/executors.h"

#include <vector>

#include "sidecar/app/run_source.h"
#include "sidecar/app/run_state.h"
#include "sidecar/sources/sources.h"

namespace gatehouse::app {
namespace {

bool can_be_taken_over(const std::string& name, const config::Source& source,
                       const config::Config* before, const Databases& held)
{
    if (before == nullptr || !held.contains(name)) {
        return false;
    }
    const auto old = before->sources.find(name);
    return old != before->sources.end() && old->second == source;
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
                                 const config::Config* before, const Databases& held)
{
    Executors opened;
    opened.runs = open_runs(config.state);
    std::vector<sidecar::Relation> known;
    for (const auto& [name, source] : config.sources) {
        if (databases::is_database(source.kind)) {
            const auto notify = [changed, name = name] {
                if (changed) {
                    changed(name);
                }
            };
            opened.databases[name] = can_be_taken_over(name, source, before, held)
                                         ? held.at(name)
                                         : databases::open(source, notify);
            continue;
        }
        if (is_runs(source)) {
            continue;  // no files
        }
        // One that cannot be read now is reported by its cards.
        const Result<sources::Fingerprint> files = sources::fingerprint(source);
        Result<sidecar::Relation> relation =
            files ? sources::relation(source, *files) : files.error();
        if (relation) {
            known.push_back(std::move(*relation));
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
