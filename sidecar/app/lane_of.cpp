#include "sidecar/app/lane_of.h"

#include <algorithm>

#include "sidecar/app/history_source.h"
#include "sidecar/app/run_source.h"
#include "sidecar/databases/database.h"

namespace gatehouse::app {

namespace {

constexpr std::size_t most_aside = 8;

/// Of a database: what it takes besides the places, so that none waits in vain for a connection.
std::size_t aside_of(const config::DatabaseOptions& database, std::size_t places)
{
    const std::size_t connections = database.pool_size + database.max_overflow;
    return std::min(most_aside, connections - std::min(connections, places));
}

}  // namespace

sidecar::Lane lane_of(const config::Config& config, const std::vector<std::string>& sources,
                      const std::multiset<std::string>& being_made)
{
    sidecar::Lane lane{"", config.engine.workers, most_aside};
    for (const auto& name : sources) {
        const auto source = config.sources.find(name);
        if (source == config.sources.end()) {
            continue;
        }
        if (databases::is_database(source->second.kind)) {
            lane.name += name + ' ';
            lane.aside = std::min(lane.aside, aside_of(source->second.database, lane.places));
        } else if (is_runs(source->second) || is_of_history(source->second)) {
            lane.name += "(state) ";  // no name of a source
        } else if (being_made.contains(name)) {
            lane.name += name + ' ';
        }
    }
    return lane;
}

sidecar::Lane lane_of_looks()
{
    return {"", 1, most_aside};
}

/// A source that trickles takes its whole timeout, at each fetch.
sidecar::Lane lane_of_fetches()
{
    return {"", 4, 28};
}

}  // namespace gatehouse::app
