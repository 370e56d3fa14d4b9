// gatehousectl: asks and tells a running gatehoused, and checks what it is to run on.
#include <CLI/CLI.hpp>

#include <iostream>

#include "ctl/context.h"
#include "ctl/usage.h"

namespace {

using namespace gatehouse::ctl;

constexpr Command commands[] = {add_check,   add_reload,   add_status, add_top,    add_card,
                                add_source,  add_limit,    add_token,  add_geoip,  add_dataset,
                                add_audit,   add_identity, add_jwt,    add_health, add_alert,
                                add_explain, add_version};

constexpr const char* footer =
    "Exit status: 0 ok, 1 failed, 2 usage, 3 configuration, 4 unreachable, 5 refused, 6 timeout";

}  // namespace

int main(int argc, char** argv)
{
    Context context;
    Run run;
    CLI::App app{"gatehousectl: the command line of Gatehouse", "gatehousectl"};
    app.add_option("-c,--config", context.config_file, "configuration file of the sidecar")
        ->envname("GATEHOUSE_CONFIG")
        ->capture_default_str();
    app.add_option("-s,--socket", context.socket,
                   "control socket (default: what the configuration says)")
        ->envname("GATEHOUSE_SOCKET");
    app.add_option("-o,--output", context.output, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    auto* timeout = app.add_option("--timeout", context.timeout_s, "seconds to wait for an answer")
                        ->check(seconds(0.001, 86'400))
                        ->capture_default_str();
    app.set_version_flag("-V,--version", std::string{"gatehousectl "} + GATEHOUSE_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(footer);
    app.failure_message(usage_error);
    for (const auto add : commands) {
        add(app, run);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error, std::cout, std::cerr) == 0 ? exit_ok : exit_usage;
    }
    context.timeout_given = timeout->count() > 0;
    return run(context);
}
