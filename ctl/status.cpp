// gatehousectl status
#include <CLI/CLI.hpp>

#include <iostream>

#include "ctl/card_table.h"
#include "ctl/context.h"
#include "ctl/table.h"

namespace gatehouse::ctl {

namespace {

std::string size_of(const Json& bytes)
{
    return human_bytes(static_cast<std::uint64_t>(bytes.number()));
}

void print_lateness(const Json& lateness)
{
    if (lateness["runs"].number() > 0) {
        std::cout << "refreshes      begin within " << lateness["p50_ms"].number() << " ms (half), "
                  << lateness["p99_ms"].number() << " ms (99 %), " << lateness["max_ms"].number()
                  << " ms (all) of their time\n";
    }
}

void print_sidecar(const Json& status)
{
    const auto board = status["board"];
    const auto file = board["file"].text();
    std::cout << "gatehoused " << status["version"].text() << ", pid " << status["pid"].number()
              << ", up " << human_duration(status["uptime_ms"].number()) << "\n"
              << "configuration  " << status["configuration"]["file"].text() << ", loaded "
              << status["configuration"]["loaded_at"].text() << "\n"
              << "board          generation " << board["generation"].number() << ", "
              << size_of(board["bytes"]) << " of " << size_of(board["memory_limit"]) << ", file "
              << (file.empty() ? "off" : file) << "\n";
    print_lateness(status["lateness"]);
}

void print_workers(const Json& workers)
{
    if (workers.items().empty()) {
        std::cout << "\nno nginx worker is connected\n";
        return;
    }
    Table table{{"PID", "WORKER", "NGINX", "MODULE", "GENERATION", "QUEUED", "PUBLISH TO VISIBLE"}};
    for (const auto& worker : workers.items()) {
        const auto latency = worker["latency_ms"];
        table.add({std::to_string(worker["pid"].number()),
                   std::to_string(worker["worker"].number()), worker["nginx"].text(),
                   worker["module"].text(), std::to_string(worker["applied_generation"].number()),
                   std::to_string(worker["queued"].number()),
                   latency ? "median " + std::to_string(latency["median"].number()) + " ms, max " +
                                 std::to_string(latency["max"].number()) + " ms"
                           : "-"});
    }
    std::cout << "\n" << table.text();
}

/// Those of sources, and what is being computed; how other cards are is in their own table.
void print_caches(const Json& caches)
{
    Table table{{"CACHE", "KIND", "EXISTS", "SIZE", "STATE", "SINCE"}};
    bool any = false;
    for (const auto& cache : caches.items()) {
        const bool warm = cache["warm"].flag();
        const auto percent = static_cast<int>(cache["progress"].real() * 100);
        if (cache["kind"].text() == "card" && (warm || percent == 0)) {
            continue;
        }
        any = true;
        table.add({cache["name"].text(), cache["kind"].text(),
                   cache["exists"].flag() ? "yes" : "no", size_of(cache["size_bytes"]),
                   warm ? "warm" : std::to_string(percent) + " %",
                   cache["since"] ? cache["since"].text() : "-"});
    }
    if (any) {
        std::cout << "\n" << table.text();
    }
}

int print_status(const Context& context)
{
    int status = exit_ok;
    const auto body = context.get("/v1/status", status);
    if (!body) {
        return status;
    }
    if (context.as_json()) {
        std::cout << *body << "\n";
        return exit_ok;
    }
    const auto found = Json::parse(*body);
    print_sidecar(found);
    print_workers(found["workers"]);
    print_caches(found["caches"]);
    std::cout << "\n" << card_table(found["cards"]);
    return exit_ok;
}

}  // namespace

void add_status(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("status", "the sidecar, its workers and cards");
    command->callback([&run] { run = print_status; });
}

}  // namespace gatehouse::ctl
