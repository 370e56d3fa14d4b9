// gatehousectl alert list | silence RULE | unsilence ID | test RECEIVER
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <set>

#include "ctl/context.h"
#include "ctl/table.h"
#include "ctl/usage.h"
#include "src/base/json_writer.h"

namespace gatehouse::ctl {

namespace {

/// A receiver's timeout is five minutes at most.
constexpr std::chrono::seconds test_limit{60};

struct Arguments {
    std::string rule, target, duration, comment;
    std::string id;
    std::string receiver;
    bool all = false;
};

std::string shown(const std::string& text)
{
    return text.empty() ? "-" : text;
}

std::string state_of(const Json& alert)
{
    return alert["state"].text() + (alert["silence"] ? " (silenced)" : "");
}

std::string since(const Json& alert)
{
    const auto starts = alert["starts_at"].text();
    return starts.empty() ? alert["pending_at"].text() : starts;
}

std::string alert_table(const Json& overview, bool all)
{
    Table table{{"RULE", "TARGET", "SEVERITY", "STATE", "SINCE", "UNTIL", "SUMMARY"}};
    std::size_t rows = 0;
    for (const auto& alert : overview["alerts"].items()) {
        if (all || alert["state"].text() != "resolved") {
            table.add({alert["rule"].text(), alert["target"].text(), alert["severity"].text(),
                       state_of(alert), since(alert), shown(alert["ends_at"].text()),
                       alert["summary"].text()});
            ++rows;
        }
    }
    return rows == 0 ? "no alerts\n" : table.text();
}

std::string silence_table(const Json& overview)
{
    Table table{{"SILENCE", "RULE", "TARGET", "UNTIL", "COMMENT"}};
    const auto silences = overview["silences"].items();
    for (const auto& silence : silences) {
        table.add({std::to_string(silence["id"].number()), silence["rule"].text(),
                   silence["target"].text(), silence["until"].text(),
                   shown(silence["comment"].text())});
    }
    return silences.empty() ? "" : '\n' + table.text();
}

std::string receiver_table(const Json& overview)
{
    Table table{{"RECEIVER", "KIND", "DELIVERED", "FAILED", "DROPPED", "WAITING", "LAST ERROR"}};
    const auto receivers = overview["receivers"].items();
    for (const auto& one : receivers) {
        table.add({one["name"].text(), one["kind"].text(),
                   std::to_string(one["delivered"].number()),
                   std::to_string(one["failed"].number()), std::to_string(one["dropped"].number()),
                   std::to_string(one["waiting"].number()), shown(one["error"].text())});
    }
    return receivers.empty() ? "" : '\n' + table.text();
}

int list(const Context& context, const Arguments& arguments)
{
    int status = exit_ok;
    if (const auto body = context.get("/v1/alerts", status)) {
        const auto overview = Json::parse(*body);
        std::cout << (context.as_json() ? *body + "\n"
                                        : alert_table(overview, arguments.all) +
                                              silence_table(overview) + receiver_table(overview));
    }
    return status;
}

int silence(const Context& context, const Arguments& arguments)
{
    JsonWriter json;
    json.open_object().member("rule", arguments.rule).member("target", arguments.target);
    json.member("for", arguments.duration).member("comment", arguments.comment).close_object();
    int status = exit_ok;
    const auto body =
        context.post("/v1/alerts/silences", status, std::chrono::seconds{5}, json.text());
    if (body) {
        const auto made = Json::parse(*body);
        std::cout << (context.as_json() ? *body + "\n"
                                        : "silence " + std::to_string(made["id"].number()) + ": " +
                                              made["rule"].text() + " (" + made["target"].text() +
                                              ") until " + made["until"].text() + "\n");
    }
    return status;
}

int unsilence(const Context& context, const Arguments& arguments)
{
    int status = exit_ok;
    const auto body = context.post("/v1/alerts/silences/" + arguments.id + "/end", status,
                                   std::chrono::seconds{5});
    if (body) {
        std::cout << (context.as_json() ? *body + "\n" : "silence " + arguments.id + " ended\n");
    }
    return status;
}

int test(const Context& context, const Arguments& arguments)
{
    int status = exit_ok;
    const auto body =
        context.post("/v1/alerts/receivers/" + arguments.receiver + "/test", status, test_limit);
    if (body) {
        std::cout << (context.as_json() ? *body + "\n"
                                        : arguments.receiver + " has taken a message\n");
    }
    return status;
}

std::string check_rule(const std::string& name)
{
    return name == "*" ? "" : check_name(name);
}

}  // namespace

void add_alert(CLI::App& app, Run& run)
{
    const auto arguments = std::make_shared<Arguments>();
    auto* alert = app.add_subcommand("alert", "alerts, silences and those who are told");
    alert->require_subcommand(1);
    const auto runs = [&run, arguments](CLI::App* command,
                                        int (*function)(const Context&, const Arguments&)) {
        command->callback([&run, arguments, function] {
            run = [arguments, function](const Context& context) {
                return function(context, *arguments);
            };
        });
    };
    auto* listing = alert->add_subcommand("list", "alerts, silences, and how receivers fare");
    listing->add_flag("--all", arguments->all, "resolved ones, too");
    runs(listing, list);

    auto* silencing =
        alert->add_subcommand("silence", "tells nobody of a rule's alerts for a while");
    silencing->add_option("RULE", arguments->rule, "a rule, or \"*\" for all")
        ->required()
        ->check(check_rule);
    silencing->add_option("--target", arguments->target, "of this target alone");
    silencing->add_option("--for", arguments->duration, "how long, such as 2h")->required();
    silencing->add_option("--comment", arguments->comment, "why");
    runs(silencing, silence);

    auto* ending = alert->add_subcommand("unsilence", "ends a silence");
    ending->add_option("ID", arguments->id, "its number")
        ->required()
        ->check(whole_number(1, 1'000'000'000'000));
    runs(ending, unsilence);

    auto* testing = alert->add_subcommand("test", "sends a receiver a message for a trial");
    testing->add_option("RECEIVER", arguments->receiver, "its name")->required()->check(check_name);
    runs(testing, test);
}

}  // namespace gatehouse::ctl
