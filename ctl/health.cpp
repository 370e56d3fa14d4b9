// gatehousectl health [CHECK] [--now]: exits as a monitoring plugin does.
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "ctl/context.h"
#include "ctl/table.h"

namespace gatehouse::ctl {

namespace {

struct Arguments {
    std::string check;
    bool now = false;
};

int exit_of(const std::string& state)
{
    return state == "up" ? 0 : state == "degraded" ? 1 : 2;
}

std::string shown(const std::string& text)
{
    return text.empty() ? "-" : text;
}

std::string state_of(const Json& check)
{
    return check["state"].text() + (check["excused"].flag() ? " (excused)" : "");
}

std::string page(const Json& health, const std::vector<Json>& checks)
{
    Table table{{"CHECK", "KIND", "SEVERITY", "STATE", "SINCE", "CHECKED", "MESSAGE"}};
    for (const auto& check : checks) {
        table.add({check["name"].text(), check["kind"].text(), check["severity"].text(),
                   state_of(check), shown(check["since"].text()), shown(check["checked_at"].text()),
                   shown(check["message"].text())});
    }
    const auto message = health["message"].text();
    return "state: " + health["state"].text() + (message.empty() ? "" : " (" + message + ")") +
           "\n" + (checks.empty() ? "no checks are configured\n" : table.text());
}

int run_health(const Context& context, const Arguments& arguments)
{
    int status = exit_ok;
    const auto target =
        arguments.check.empty() ? "/v1/health/run" : "/v1/health/" + arguments.check + "/run";
    const auto body = arguments.now ? context.post(target, status, std::chrono::seconds{60})
                                    : context.get("/v1/health", status);
    if (!body) {
        return status == exit_failed ? int{exit_configuration} : status;  // 1 says degraded
    }
    const auto health = Json::parse(*body);
    std::vector<Json> checks;
    for (const auto& check : health["checks"].items()) {
        if (arguments.check.empty() || check["name"].text() == arguments.check) {
            checks.push_back(check);
        }
    }
    if (!arguments.check.empty() && checks.empty()) {
        complain("health: there is no check \"" + arguments.check + "\"");
        return exit_configuration;
    }
    std::cout << (context.as_json() ? *body + "\n" : page(health, checks));
    return exit_of(arguments.check.empty() ? health["state"].text()
                                           : checks.front()["state"].text());
}

}  // namespace

void add_health(CLI::App& app, Run& run)
{
    const auto arguments = std::make_shared<Arguments>();
    auto* command =
        app.add_subcommand("health", "how checks stand; exits 0 up, 1 degraded, 2 down");
    command->add_option("CHECK", arguments->check, "this one alone")->check(check_name);
    command->add_flag("--now", arguments->now, "run it first, or all");
    command->callback([&run, arguments] {
        run = [arguments](const Context& context) { return run_health(context, *arguments); };
    });
}

}  // namespace gatehouse::ctl
