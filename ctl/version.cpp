// gatehousectl version
#include <CLI/CLI.hpp>

#include <iostream>

#include "ctl/context.h"
#include "ctl/table.h"

namespace gatehouse::ctl {

void add_version(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("version", "versions of this program and of the sidecar");
    command->callback([&run] {
        run = [](const Context& context) {
            int status = exit_ok;
            const auto body = context.get("/v1/version", status);
            const auto sidecar = body ? Json::parse(*body)["version"].text() : "";
            if (context.as_json()) {
                std::cout << "{\"gatehousectl\": \"" GATEHOUSE_VERSION "\", \"gatehoused\": "
                          << (body ? "\"" + sidecar + "\"" : "null") << "}\n";
                return status;
            }
            Table table{{"PROGRAM", "VERSION"}};
            table.add({"gatehousectl", GATEHOUSE_VERSION});
            table.add({"gatehoused", body ? sidecar : "not reached"});
            std::cout << table.text();
            return status;
        };
    });
}

}  // namespace gatehouse::ctl
