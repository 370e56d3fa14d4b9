// gatehousectl check [--nginx] [--sources]
#include <CLI/CLI.hpp>

#include <memory>

#include "ctl/context.h"
#include "ctl/process.h"

namespace gatehouse::ctl {

namespace {

struct Checks {
    bool nginx = false;
    bool sources = false;
};

/// Runs one check and says so when it cannot be run at all.
int check_with(const std::string& program, const std::vector<std::string>& arguments)
{
    const int status = run_program(program, arguments, Output::inherit).status;
    if (status == 127 || status < 0) {
        complain("\"" + program + "\" cannot be run");
        return exit_failed;
    }
    return status;
}

int check(const Context& context, const Checks& checks)
{
    int status = check_with(gatehoused_program(), {"-t", "-c", context.config_file});
    if (status == exit_ok && checks.sources) {
        status = check_with(gatehoused_program(), {"--check-sources", "-c", context.config_file});
    }
    if (checks.nginx) {
        const int nginx = check_with("nginx", {"-t"});
        status = status == exit_ok && nginx != 0 ? int{exit_configuration} : status;
    }
    return status;
}

}  // namespace

void add_check(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("check", "check the sidecar's configuration");
    const auto checks = std::make_shared<Checks>();
    command->add_flag("--nginx", checks->nginx, "then nginx's, with nginx -t");
    command->add_flag("--sources", checks->sources, "then read the head of every source");
    command->callback([&run, checks] {
        run = [checks](const Context& context) { return check(context, *checks); };
    });
}

}  // namespace gatehouse::ctl
