// Sources of kind dataset: Daemon::configure_datasets.
#include "sidecar/app/daemon.h"
#include "sidecar/app/import.h"
#include "sidecar/app/run_state.h"
#include "sidecar/app/state_database.h"
#include "sidecar/base/clock.h"

namespace gatehouse::app {

std::shared_ptr<datasets::RunStore> open_runs(const config::State& state)
{
    return state.path.empty() && state.url.empty()
               ? nullptr
               : std::make_shared<datasets::RunStore>([state] { return open_state(state); });
}

void Daemon::configure_datasets()
{
    import_limits_.set(config().engine);
    if (!datasets_) {
        datasets_ = std::make_unique<datasets::Agent>(datasets::Ports{
            loop_,
            [this](const auto& import, const std::string& out) {
                return import_to_parquet(import_limits_.get(), import, out);
            },
            [this](const auto& import) { return import_run(import_limits_.get(), import); },
            open_runs(config().state),
            [this](const std::string& dataset) { on_source_event(dataset); },
            [] { return sidecar::unix_ms(); }});
    }
    datasets::Declared declared;
    for (const auto& [name, source] : config().sources) {
        if (source.kind == "dataset") {
            declared[name] = {source.paths.front(), source.runs, source.columns,
                              source.max_size.value_or(config().datasets.max_size)};
        }
    }
    datasets_->configure(config().datasets.directory, std::move(declared));
}

}  // namespace gatehouse::app
