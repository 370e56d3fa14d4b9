// gatehousectl identity show | rotate [--overlap TIME | --at-once]
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "ctl/context.h"
#include "ctl/table.h"
#include "src/base/json_writer.h"

namespace gatehouse::ctl {

namespace {

struct Arguments {
    std::string overlap;
    bool at_once = false;
};

std::string page(const Json& identity)
{
    Table table{{"KID", "STATE"}};
    for (const auto& key : identity["keys"].items()) {
        table.add({key["kid"].text(), key["state"].text()});
    }
    auto text = table.text();
    if (identity["old_one_ends_at"]) {
        text += "the new key signs from " + identity["signs_with_new_at"].text() +
                " on; the old one is shown until " + identity["old_one_ends_at"].text() + "\n";
    }
    return text;
}

int print(const Context& context, const std::optional<std::string>& body, int status)
{
    if (body) {
        std::cout << (context.as_json() ? *body + "\n" : page(Json::parse(*body)));
    }
    return status;
}

int show(const Context& context)
{
    int status = exit_ok;
    const auto body = context.get("/v1/identity/keys", status);
    return print(context, body, status);
}

int rotate(const Context& context, const Arguments& arguments)
{
    JsonWriter wish;
    wish.open_object().member("at_once", arguments.at_once);
    if (!arguments.overlap.empty()) {
        wish.member("overlap", arguments.overlap);
    }
    wish.close_object();
    int status = exit_ok;
    const auto body =
        context.post("/v1/identity/rotate", status, std::chrono::seconds{10}, wish.text());
    return print(context, body, status);
}

}  // namespace

void add_identity(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("identity", "the key that signs $gate_identity");
    command->require_subcommand(1);
    command->add_subcommand("show", "which keys apps must know")->callback([&run] { run = show; });
    const auto arguments = std::make_shared<Arguments>();
    auto* rotated = command->add_subcommand("rotate", "a new key in place of the one that signs");
    auto* overlap = rotated->add_option(
        "--overlap", arguments->overlap,
        "for how long the new key is shown before it signs, and the old one after; default: 10m");
    rotated
        ->add_flag("--at-once", arguments->at_once,
                   "sign with the new one now, and believe the old one no longer")
        ->excludes(overlap);
    rotated->callback([&run, arguments] {
        run = [arguments](const Context& context) { return rotate(context, *arguments); };
    });
}

}  // namespace gatehouse::ctl
