// Whether what was read is still what there is: of reading.h and compute_card.h.
#include <algorithm>
#include <optional>

#include "sidecar/app/history_source.h"
#include "sidecar/app/reading.h"
#include "sidecar/app/run_source.h"
#include "sidecar/engine/timeless.h"

namespace gatehouse::app {

using sources::Fingerprint;

namespace {

Result<Fingerprint> fingerprint_now(const Executors& executors, const config::Source& source)
{
    if (is_runs(source)) {
        return fingerprint_of_runs(executors.runs.get(), source);
    }
    if (is_of_caches(source) && executors.caching) {
        return fingerprint_of_caches(*executors.caching);
    }
    if (is_of_history(source)) {
        return fingerprint_of_history(executors.book.get(), source);
    }
    return sources::fingerprint(source);
}

bool same_files(const Executors& executors, const config::Config& config, const std::string& name,
                const Fingerprint& seen)
{
    const auto source = config.sources.find(name);
    const Result<Fingerprint> now =
        source == config.sources.end() ? Fingerprint{} : fingerprint_now(executors, source->second);
    const bool same = (now ? *now : Fingerprint{}) == seen;
    if (now && same && executors.reads) {
        executors.reads->note_unless_known(name);
    }
    return same;
}

}  // namespace

/// What a database or a growing file yields, or is known of caches or remembered, is of one moment;
/// other files have none.
bool stood_still(const Work& work)
{
    const auto of_one_moment = [&](const std::string& name) {
        const auto source = work.config.sources.find(name);
        return work.executors.databases.contains(name) || work.executors.growing.contains(name) ||
               (source != work.config.sources.end() &&
                (is_of_caches(source->second) || is_of_history(source->second)));
    };
    const auto same = [&](const auto& input) {
        return of_one_moment(input.first) ||
               same_files(work.executors, work.config, input.first, input.second);
    };
    return std::all_of(work.inputs.begin(), work.inputs.end(), same) &&
           (work.tables == nullptr || work.tables->are_current(work.inner));
}

bool yields_the_same(const Executors& executors, const config::Card& card)
{
    const auto is_database = [&](const auto& source) {
        return executors.databases.contains(source);
    };
    return std::none_of(card.sources.begin(), card.sources.end(), is_database) &&
           engine::is_timeless(card.sql);
}

bool rests_on_sources(const Executors& executors, const config::Card& card)
{
    return !std::holds_alternative<config::Every>(card.refresh) || yields_the_same(executors, card);
}

bool blames_a_cache(const Work& work, const Error& error)
{
    bool blamed = false;
    for (const auto& [name, files] : work.inputs) {
        const auto source = work.config.sources.find(name);
        if (source != work.config.sources.end() && source->second.cache && work.executors.caching &&
            error.message.find(work.config.caches.directory + '/' + name) != std::string::npos) {
            work.executors.caching->store.doubt(name);
            blamed = true;
        }
    }
    return blamed;
}

bool unchanged(const Executors& executors, const config::Config& config, const Inputs& inputs)
{
    return std::all_of(inputs.begin(), inputs.end(), [&](const auto& input) {
        const auto database = executors.databases.find(input.first);
        if (database == executors.databases.end()) {
            return same_files(executors, config, input.first, input.second);
        }
        const Result<std::optional<std::string>> now = database->second->mark();
        return now && *now && **now == input.second.mark;
    });
}

}  // namespace gatehouse::app
