// gatehousectl card list | show NAME | refresh NAME | export NAME [--format FORMAT]
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

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
    add("refresh", card["refresh"].text());
    add("shape", card["shape"].text());
    add("computed at", card["computed_at"].text());
    add("verified at", card["verified_at"].text());
    add("next run", card["next_run"].text());
    add("took", human_duration(card["duration_ms"].number()));
    if (const auto failure = card["failure"]) {
        add("fails since", failure["since"].text());
        add("error", failure["error"].text());
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
    Table bodies{{"FORMAT", "ENCODING", "SIZE", "ETAG"}};
    for (const auto& representation : card["bodies"].items()) {
        bodies.add({representation["format"].text(), representation["encoding"].text(),
                    human_bytes(static_cast<std::uint64_t>(representation["bytes"].number())),
                    representation["etag"].text()});
    }
    std::cout << "\n" << bodies.text();
    return exit_ok;
}

int refresh(const Context& context, const std::string& name)
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
    std::cout << name << ": " << (result["changed"].flag() ? "published" : "unchanged")
              << ", generation " << result["generation"].number() << ", " << result["rows"].number()
              << " rows, " << human_duration(result["duration_ms"].number()) << "\n";
    return exit_ok;
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

struct Arguments {
    std::string name;
    std::string format = "json";
};

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
    named("refresh", "compute a card now and wait for the outcome")->callback([&run, arguments] {
        run = [arguments](const Context& context) { return refresh(context, arguments->name); };
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
