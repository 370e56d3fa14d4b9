// A source of kind caches: caches and cards, a row of each, as a relation of SQL.
#include <utility>

#include "sidecar/app/caching.h"
#include "sidecar/base/vector_writer.h"

namespace gatehouse::app {

namespace {

using sidecar::TypeId;
using sidecar::VectorWriter;

/// Columns under construction, by their names.
struct Columns {
    std::vector<sidecar::Column> columns;
    std::vector<sidecar::Vector> vectors;

    template <class Write>
    void add(const char* name, TypeId type, const std::vector<sidecar::CacheState>& states,
             Write write)
    {
        VectorWriter writer{{.id = type}};
        for (const auto& state : states) {
            write(writer, state);
        }
        columns.push_back({name, {.id = type}});
        vectors.push_back(std::move(writer).finish());
    }
};

}  // namespace

bool is_of_caches(const config::Source& source)
{
    return source.kind == "caches";
}

std::vector<std::string> sources_of_caches(const config::Config& config)
{
    std::vector<std::string> names;
    for (const auto& [name, source] : config.sources) {
        if (is_of_caches(source)) {
            names.push_back(name);
        }
    }
    return names;
}

sources::Fingerprint fingerprint_of_caches(const Caching& caching)
{
    sources::Fingerprint seen;
    seen.mark = std::to_string(caching.states.get().version);
    return seen;
}

sidecar::Relation relation_of_caches(const Caching& caching, const config::Source& source)
{
    using State = sidecar::CacheState;
    constexpr std::int64_t us_in_ms = 1000;
    const auto states = caching.states.get().states;
    Columns all;
    all.add("name", TypeId::text, states,
            [](auto& to, const State& state) { to.text(state.name); });
    all.add("kind", TypeId::text, states,
            [](auto& to, const State& state) { to.text(state.kind); });
    all.add("exists", TypeId::boolean, states,
            [](auto& to, const State& state) { to.cell(state.exists); });
    all.add("size_bytes", TypeId::int64, states, [](auto& to, const State& state) {
        to.cell(static_cast<std::int64_t>(state.size_bytes));
    });
    all.add("warm", TypeId::boolean, states,
            [](auto& to, const State& state) { to.cell(state.warm); });
    all.add("progress", TypeId::float64, states,
            [](auto& to, const State& state) { to.cell(state.progress); });
    all.add("since", TypeId::timestamp_tz, states, [](auto& to, const State& state) {
        state.since_ms == 0 ? to.null() : to.cell(state.since_ms * us_in_ms);
    });
    all.add("error", TypeId::text, states, [](auto& to, const State& state) {
        state.error.empty() ? to.null() : to.text(state.error);
    });
    return {
        .name = source.name,
        .rows = {sidecar::Table{std::move(all.columns), std::move(all.vectors), states.size()}}};
}

}  // namespace gatehouse::app
