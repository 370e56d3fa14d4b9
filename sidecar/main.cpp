// gatehoused: reads a configuration, then serves it, or does one thing and exits.
#include "sidecar/app/daemon.h"
#include "sidecar/app/modes.h"
#include "sidecar/app/options.h"
#include "sidecar/base/log.h"

int main(int argc, char** argv)
{
    using namespace gatehouse;

    const auto [options, exit] = app::parse_options(argc, argv);
    if (exit) {
        return *exit;
    }
    auto config = app::load_or_explain(options);
    if (!config) {
        return app::exit_configuration;
    }
    sidecar::log::configure(config->log.format,
                            options.log_level.empty() ? config->log.level : options.log_level);
    app::limit_memory(*config);
    switch (options.mode) {
    case app::Mode::test: return app::test(*config);
    case app::Mode::dump: return app::dump(*config);
    case app::Mode::once: return app::compute_once(*config);
    case app::Mode::check_sources: return app::check_sources(*config);
    case app::Mode::schema: return app::show_schema(*config);
    case app::Mode::migrate: return app::migrate(*config, options.schema);
    case app::Mode::serve: break;
    }
    return app::Daemon{options, std::move(*config)}.run();
}
