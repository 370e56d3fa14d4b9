// gatehousectl limit list | show ZONE KEY… | reset ZONE KEY… | reset ZONE --all | top [ZONE]
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "ctl/context.h"
#include "ctl/limit_table.h"
#include "ctl/url.h"
#include "ctl/usage.h"
#include "src/limit/window.h"

namespace gatehouse::ctl {

namespace {

/// A zone of a gigabyte has 64 million cells to look at.
constexpr std::chrono::seconds reset_limit{60};

struct Arguments {
    std::string zone;
    std::vector<std::string> keys;
    bool hex = false;
    bool text = false;
    bool all = false;
    std::string rate;
    std::string quota;
    std::string burst;
    unsigned most = 20;
};

std::string check_zone(const std::string& name)
{
    constexpr std::size_t longest = 64;
    const bool sound = !name.empty() && name.size() <= longest &&
                       name.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "0123456789_-.") == name.npos;
    return sound ? "" : "a zone's name has 1 to 64 letters, digits, _, - and .";
}

std::string query_of(const Arguments& arguments, const std::string& key)
{
    std::string query = "?key=" + percent_encoded(key);
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) {
            query += std::string{"&"} + name + "=" + percent_encoded(value);
        }
    };
    add("form", arguments.hex ? "hex" : arguments.text ? "text" : "");
    add("rate", arguments.rate);
    add("quota", arguments.quota);
    add("burst", arguments.burst);
    return query;
}

int list(const Context& context)
{
    int status = exit_ok;
    if (const auto body = context.get("/v1/limits", status)) {
        std::cout << (context.as_json() ? *body + "\n" : zone_table(Json::parse(*body)["zones"]));
    }
    return status;
}

int show(const Context& context, const Arguments& arguments)
{
    int status = exit_ok;
    std::vector<KeyStanding> found;
    for (const auto& key : arguments.keys) {
        const auto body =
            context.get("/v1/limits/" + arguments.zone + "/key" + query_of(arguments, key), status);
        if (!body) {
            return status;
        }
        if (context.as_json()) {
            std::cout << *body << "\n";
        } else {
            found.push_back({key, Json::parse(*body)});
        }
    }
    if (!context.as_json()) {
        std::cout << standing_table(found);
    }
    return status;
}

int reset_one(const Context& context, const Arguments& arguments, const std::string& what,
              const std::string& query)
{
    int status = exit_ok;
    const auto body =
        context.post("/v1/limits/" + arguments.zone + "/reset" + query, status, reset_limit);
    if (!body) {
        return status;
    }
    if (context.as_json()) {
        std::cout << *body << "\n";
        return status;
    }
    const auto cells = Json::parse(*body)["cells"].number();
    std::cout << arguments.zone << ": " << what << ": "
              << (cells == 0 ? "nothing was held against it"
                             : "reset, " + std::to_string(cells) + " cells freed")
              << "\n";
    return status;
}

int reset(const Context& context, const Arguments& arguments)
{
    if (arguments.all != arguments.keys.empty()) {
        complain(arguments.all ? "limit reset: --all is every key, name none beside it"
                               : "limit reset: name a key, or all of them with --all");
        return exit_usage;
    }
    if (arguments.all) {
        return reset_one(context, arguments, "all keys", "?all=true");
    }
    for (const auto& key : arguments.keys) {
        const int status = reset_one(context, arguments, key, query_of(arguments, key));
        if (status != exit_ok) {
            return status;
        }
    }
    return exit_ok;
}

int top(const Context& context, const Arguments& arguments)
{
    int status = exit_ok;
    auto target = "/v1/top-keys?most=" + std::to_string(arguments.most);
    if (!arguments.zone.empty()) {
        target += "&zone=" + arguments.zone;
    }
    if (const auto body = context.get(target, status)) {
        std::cout << (context.as_json() ? *body + "\n" : top_table(Json::parse(*body)["zones"]));
    }
    return status;
}

void add_key_options(CLI::App& command, Arguments& arguments)
{
    auto* hex = command.add_flag("--hex", arguments.hex, "keys are hexadecimal, for any bytes");
    command.add_flag("--text", arguments.text, "keys are taken as they stand, addresses too")
        ->excludes(hex);
    command.add_option("--rate", arguments.rate,
                       "where the zone's rate is a variable: which one is meant, such as 10r/s");
    command.add_option("--quota", arguments.quota,
                       "where the zone's quota is a variable: which one is meant");
}

using Action = int (*)(const Context&, const Arguments&);

void on_run(CLI::App& command, Run& run, const std::shared_ptr<Arguments>& arguments, Action action)
{
    command.callback([&run, arguments, action] {
        run = [arguments, action](const Context& context) { return action(context, *arguments); };
    });
}

}  // namespace

void add_limit(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("limit", "the zones of limits, and single keys");
    command->require_subcommand(1);
    const auto arguments = std::make_shared<Arguments>();
    command->add_subcommand("list", "all zones: how full, and what they did")->callback([&run] {
        run = list;
    });

    auto* shown = command->add_subcommand("show", "how keys stand in each window");
    shown->add_option("ZONE", arguments->zone)->required()->check(check_zone);
    shown->add_option("KEY", arguments->keys, "an address, or any text")->required();
    add_key_options(*shown, *arguments);
    shown
        ->add_option("--burst", arguments->burst,
                     "of the gate_limit that is meant; default: of each that uses the zone")
        ->check(whole_number(0, limit::largest_burst));
    on_run(*shown, run, arguments, show);

    auto* freed = command->add_subcommand("reset", "forget what is held against a key");
    freed->add_option("ZONE", arguments->zone)->required()->check(check_zone);
    freed->add_option("KEY", arguments->keys, "an address, or any text");
    freed->add_flag("--all", arguments->all, "every key of the zone");
    add_key_options(*freed, *arguments);
    on_run(*freed, run, arguments, reset);

    auto* topped = command->add_subcommand("top", "the keys that were refused most");
    topped->add_option("ZONE", arguments->zone, "default: every zone")->check(check_zone);
    topped->add_option("-n,--most", arguments->most, "keys of each zone")
        ->check(whole_number(1, 1000))
        ->capture_default_str();
    on_run(*topped, run, arguments, top);
}

}  // namespace gatehouse::ctl
