#include "sidecar/app/options.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace gatehouse::app {

namespace {

/// --help and --version exit with 0, all else is a usage error.
int report(const CLI::App& app, const CLI::ParseError& error)
{
    return app.exit(error, std::cout, std::cerr) == 0 ? exit_ok : exit_usage;
}

}  // namespace

ParsedOptions parse_options(int argc, const char* const* argv)
{
    Options options;
    bool test = false, dump = false, once = false, check_sources = false, schema = false;
    std::string migrate_to;  // empty: it was given without one
    CLI::App app{"gatehoused: computes cards from data sources and publishes them to nginx",
                 "gatehoused"};
    app.set_help_flag("-h,--help", "show this and exit");
    app.set_version_flag("-V,--version", std::string{"gatehoused "} + GATEHOUSE_VERSION);
    app.add_option("-c,--config", options.config_file, "configuration file")
        ->envname("GATEHOUSE_CONFIG")
        ->capture_default_str();
    app.add_option("-p,--prefix", options.prefix,
                   "what relative paths are relative to (default: the configuration's directory)");
    app.add_option("-l,--log-level", options.log_level, "debug, info, warn (or warning), error")
        ->envname("GATEHOUSE_LOG_LEVEL")
        ->check(CLI::IsMember({"debug", "info", "warning", "warn", "error"}));
    auto* modes = app.add_option_group("modes");
    modes->add_flag("-t,--check", test, "test the configuration and exit");
    modes->add_flag("-T,--dump", dump, "test the configuration, print it in effect and exit");
    modes->add_flag("--once", once, "compute all cards, write the board file and exit");
    modes->add_flag("--check-sources", check_sources, "read the head of every source and exit");
    modes->add_flag("--schema", schema,
                    "show which version the tables of \"state\" have and which one this gatehoused "
                    "wants, and exit");
    const auto* migrate =
        modes
            ->add_option("--migrate", migrate_to,
                         "bring the tables of \"state\" to this version, up or down, and exit "
                         "(default: the one this gatehoused wants)")
            ->expected(0, 1)
            ->check(CLI::Range(std::int64_t{0}, sidecar::state_version));
    modes->require_option(0, 1);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return {options, report(app, error)};
    }
    if (!migrate_to.empty()) {
        options.schema = std::stoll(migrate_to);
    }
    options.mode = test            ? Mode::test
                   : dump          ? Mode::dump
                   : once          ? Mode::once
                   : check_sources ? Mode::check_sources
                   : schema        ? Mode::schema
                   : *migrate      ? Mode::migrate
                                   : Mode::serve;
    return {options, std::nullopt};
}

}  // namespace gatehouse::app
