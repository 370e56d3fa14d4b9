// gatehousectl source list | test NAME
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "ctl/context.h"
#include "ctl/table.h"

namespace gatehouse::ctl {

namespace {

constexpr std::chrono::seconds test_limit{60};

std::string joined(const Json& texts)
{
    std::string all;
    for (const auto& text : texts.items()) {
        all.append(all.empty() ? "" : " ").append(text.text());
    }
    return all;
}

/// By the last read, whoever read it.
std::string state_of(const Json& source)
{
    return !source["up"] ? "-" : source["up"].flag() ? "up" : "down";
}

std::string last_read(const Json& source)
{
    return source["age_ms"] ? human_duration(source["age_ms"].number()) + " ago" : "-";
}

/// Of a database: how many connections are in use, of how many that are kept, and who waits.
std::string connections(const Json& pool)
{
    if (!pool) {
        return "-";
    }
    const auto count = [&](const char* what) { return std::to_string(pool[what].number()); };
    const auto some = [&](const char* what) {
        return pool[what].number() == 0 ? "" : ", " + count(what) + " " + what;
    };
    return count("in_use") + " of " + count("size") + ", " + count("idle") + " idle" +
           some("overflow") + some("waiting");
}

int list(const Context& context)
{
    int status = exit_ok;
    const auto body = context.get("/v1/sources", status);
    if (!body) {
        return status;
    }
    if (context.as_json()) {
        std::cout << *body << "\n";
        return exit_ok;
    }
    Table table{{"NAME", "KIND", "WATCH", "STATE", "READ", "CONNECTIONS", "CARDS", "FROM"}};
    std::string failures;
    for (const auto& source : Json::parse(*body)["sources"].items()) {
        const auto from = source["url"] ? source["url"].text() : joined(source["paths"]);
        table.add({source["name"].text(), source["kind"].text(),
                   source["watch"].flag() ? "yes" : "no", state_of(source), last_read(source),
                   connections(source["pool"]), joined(source["cards"]), from});
        if (source["error"]) {
            failures += "\n" + source["name"].text() + " is down: " + source["error"].text() + "\n";
        }
    }
    std::cout << table.text() << failures;
    return exit_ok;
}

int test(const Context& context, const std::string& name)
{
    int status = exit_ok;
    const auto body = context.post("/v1/sources/" + name + "/test", status, test_limit);
    if (!body) {
        return status;
    }
    if (context.as_json()) {
        std::cout << *body << "\n";
        return exit_ok;
    }
    const auto result = Json::parse(*body);
    Table files{{"FILE", "SIZE"}};
    for (const auto& file : result["files"].items()) {
        files.add(
            {file["path"].text(), human_bytes(static_cast<std::uint64_t>(file["bytes"].number()))});
    }
    Table columns{{"COLUMN", "TYPE"}};
    for (const auto& column : result["columns"].items()) {
        columns.add({column["name"].text(), column["type"].text()});
    }
    std::cout << files.text() << "\n" << columns.text();
    return exit_ok;
}

}  // namespace

void add_source(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("source", "what cards are computed from");
    command->require_subcommand(1);
    command->add_subcommand("list", "all sources")->callback([&run] { run = list; });
    const auto name = std::make_shared<std::string>();
    auto* tested = command->add_subcommand("test", "read the head of a source");
    tested->add_option("NAME", *name)->required()->check(check_name);
    tested->callback(
        [&run, name] { run = [name](const Context& context) { return test(context, *name); }; });
}

}  // namespace gatehouse::ctl
