// gatehousectl card list | show NAME | refresh NAME [--dependents] | refresh --all | export NAME
// [--format FORMAT]
#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ctl/card_table.h"
#include "ctl/context.h"
#include "ctl/table.h"

namespace gatehouse::ctl {

namespace {

constexpr std::chrono::seconds computation_limit{300};

int list(const Context& context)
{
    int status = exit_ok;
    if (const auto body = context.get("/v1/cards", status)) {
        std::cout << (context.as_json() ? *body + "\n" : card_table(Json::parse(*body)["cards"]));
    }
    return status;
}

void print_card(const Json& card)
{
    Table table{{"", ""}};
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty()) {
            table.add({key, value});
        }
    };
    add("name", card["name"].text());
    add("path", card["path"].text());
    add("state", card["state"].text());
    add("restored",
        card["restored"].flag() ? "from the board file; not computed since the start" : "");
    add("refresh", card["refresh"].text());
    add("shape", card["shape"].text());
    add("computed at", card["computed_at"].text());
    add("verified at", card["verified_at"].text());
    add("next run", card["next_run"].text());
    add("took", card["variants"] ? "" : human_duration(card["duration_ms"].number()));
    if (const auto failure = card["failure"]) {
        add("fails since", failure["since"].text());
        add("error", failure["error"].text());
    }
    if (const auto variants = card["variants"]) {
        add("answers kept", std::to_string(variants["kept"].number()));
        add("size", human_bytes(static_cast<std::uint64_t>(variants["bytes"].number())));
        add("computed", std::to_string(variants["computed"].number()));
        add("failed", std::to_string(variants["failed"].number()));
        add("error", variants["error"].text());
    }
    const auto text = table.text();
    std::cout << text.substr(text.find('\n') + 1);
}

int show(const Context& context, const std::string& name)
{
    int status = exit_ok;
    const auto body = context.get("/v1/cards/" + name, status);
    if (!body) {
        return status;
    }
    if (context.as_json()) {
        std::cout << *body << "\n";
        return exit_ok;
    }
    const auto card = Json::parse(*body);
    print_card(card);
    if (card["variants"]) {
        return exit_ok;
    }
    Table bodies{{"FORMAT", "ENCODING", "SIZE", "ETAG"}};
    for (const auto& representation : card["bodies"].items()) {
        bodies.add({representation["format"].text(), representation["encoding"].text(),
                    human_bytes(static_cast<std::uint64_t>(representation["bytes"].number())),
                    representation["etag"].text()});
    }
    std::cout << "\n" << bodies.text();
    return exit_ok;
}

int refresh_one(const Context& context, const std::string& name)
{
    int status = exit_ok;
    const auto body = context.post("/v1/cards/" + name + "/refresh", status, computation_limit);
    if (!body) {
        return status;
    }
    if (context.as_json()) {
        std::cout << *body << "\n";
        return exit_ok;
    }
    const auto result = Json::parse(*body);
    if (result["generation"].number() == 0) {
        std::cout << name << ": " << result["forgotten"].number()
                  << " answers forgotten; each is computed when somebody asks\n";
        return exit_ok;
    }
    std::cout << name << ": " << (result["changed"].flag() ? "published" : "unchanged")
              << ", generation " << result["generation"].number() << ", " << result["rows"].number()
              << " rows, " << human_duration(result["duration_ms"].number()) << "\n";
    return exit_ok;
}

struct Arguments {
    std::string name;
    std::string format = "json";
    bool all = false;
    bool dependents = false;
    bool wait = false;
};

using Names = std::vector<std::string>;

Names texts(const Json& list)
{
    Names out;
    for (const auto& text : list.items()) {
        out.push_back(text.text());
    }
    return out;
}

/// By card: the cards it reads.
std::map<std::string, Names> graph_of(const Json& cards)
{
    std::map<std::string, Names> graph;
    for (const auto& card : cards.items()) {
        graph[card["name"].text()] = texts(card["cards"]);
    }
    return graph;
}

/// Of the named cards and those that read them, or of all, each after those it reads.
Names in_order(const std::map<std::string, Names>& graph, const Arguments& arguments)
{
    Names order;
    std::set<std::string> done, wanted{arguments.name};
    for (bool more = true; more;) {
        more = false;
        for (const auto& [name, reads] : graph) {
            const auto is_done = [&](const auto& inner) { return done.contains(inner); };
            if (done.contains(name) || !std::all_of(reads.begin(), reads.end(), is_done)) {
                continue;
            }
            const auto is_wanted = [&](const auto& inner) { return wanted.contains(inner); };
            if (arguments.all || wanted.contains(name) ||
                std::any_of(reads.begin(), reads.end(), is_wanted)) {
                wanted.insert(name);
                order.push_back(name);
            }
            done.insert(name);
            more = true;
        }
    }
    return order;
}

/// Goes on after a failure; the status is that of the first.
int refresh(const Context& context, const Arguments& arguments)
{
    if (!arguments.all && !arguments.dependents) {
        return refresh_one(context, arguments.name);
    }
    int status = exit_ok;
    const auto body = context.get("/v1/cards", status);
    if (!body) {
        return status;
    }
    const auto order = in_order(graph_of(Json::parse(*body)["cards"]), arguments);
    if (order.empty() && !arguments.all) {
        return refresh_one(context, arguments.name);  // which says that there is no such card
    }
    for (const auto& name : order) {
        const int one = refresh_one(context, name);
        status = status == exit_ok ? one : status;
    }
    return status;
}

int export_body(const Context& context, const std::string& name, const std::string& format)
{
    int status = exit_ok;
    const auto body = context.get("/v1/cards/" + name + "/body?format=" + format, status);
    if (body &&
        !std::cout.write(body->data(), static_cast<std::streamsize>(body->size())).flush()) {
        complain("standard output cannot be written");
        return exit_failed;
    }
    return status;
}

}  // namespace

void add_card(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("card", "what is served");
    command->require_subcommand(1);
    const auto arguments = std::make_shared<Arguments>();
    const auto named = [&](const char* verb, const char* help) {
        auto* sub = command->add_subcommand(verb, help);
        sub->add_option("NAME", arguments->name)->required()->check(check_name);
        return sub;
    };
    command->add_subcommand("list", "all cards")->callback([&run] { run = list; });
    named("show", "one card and its representations")->callback([&run, arguments] {
        run = [arguments](const Context& context) { return show(context, arguments->name); };
    });
    auto* refreshed = command->add_subcommand(
        "refresh", "compute a card and those that it reads now, and wait for the outcome");
    refreshed->add_option("NAME", arguments->name)->check(check_name);
    refreshed->add_flag("--all", arguments->all, "every card, each after those that it reads");
    refreshed->add_flag("--dependents", arguments->dependents, "the card, then those that read it");
    refreshed->add_flag("--wait", arguments->wait, "wait for the outcome, as it does anyway");
    refreshed->callback([&run, arguments] {
        if (arguments->all == !arguments->name.empty()) {
            throw CLI::ValidationError{"card refresh needs either NAME or --all"};
        }
        run = [arguments](const Context& context) { return refresh(context, *arguments); };
    });
    auto* exported = named("export", "a card's bytes, as served, on standard output");
    exported->add_option("--format", arguments->format, "json, columns, csv or ndjson")
        ->check(CLI::IsMember({"json", "columns", "csv", "ndjson"}))
        ->capture_default_str();
    exported->callback([&run, arguments] {
        run = [arguments](const Context& context) {
            return export_body(context, arguments->name, arguments->format);
        };
    });
}

}  // namespace gatehouse::ctl
