// gatehousectl reload [--wait]
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "ctl/context.h"

namespace gatehouse::ctl {

namespace {

constexpr std::chrono::seconds verdict_limit{60};

int reload(const Context& context, bool wait)
{
    int status = exit_ok;
    const auto body =
        context.post(wait ? "/v1/reload" : "/v1/reload?wait=false", status, verdict_limit);
    if (!body) {
        return status;
    }
    if (context.as_json()) {
        std::cout << *body << "\n";
        return exit_ok;
    }
    if (!wait) {
        std::cout << "reload asked for; the verdict is in the sidecar's log\n";
        return exit_ok;
    }
    const auto cards = Json::parse(*body)["cards"];
    std::cout << "reloaded: " << cards["added"].number() << " cards added, "
              << cards["changed"].number() << " changed, " << cards["removed"].number()
              << " removed, " << cards["unchanged"].number() << " unchanged\n";
    return exit_ok;
}

}  // namespace

void add_reload(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand(
        "reload", "have the sidecar take up its configuration anew, whole or not at all");
    const auto wait = std::make_shared<bool>(false);
    command->add_flag("--wait", *wait, "wait for the verdict; exit 3 with the errors if refused");
    command->callback(
        [&run, wait] { run = [wait](const Context& context) { return reload(context, *wait); }; });
}

}  // namespace gatehouse::ctl
