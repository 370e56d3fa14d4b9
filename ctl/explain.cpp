// gatehousectl explain METHOD URL
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "ctl/context.h"
#include "ctl/credential.h"
#include "ctl/explain_request.h"
#include "ctl/explain_table.h"
#include "src/auth/explain_permission.h"
#include "src/base/json_writer.h"

namespace gatehouse::ctl {

namespace {

struct Arguments {
    std::string method;
    std::string url;
    std::vector<std::string> fields;
    std::string from;
    CredentialPlace token;
    ExplainQuestion question;
};

std::string check_field(const std::string& field)
{
    const auto colon = field.find(':');
    const bool sound =
        colon != 0 && colon != field.npos && field.find_first_of("\r\n") == field.npos;
    return sound ? "" : "a field is \"Name: value\"";
}

/// Empty: there is none. Nothing: it cannot be read.
std::optional<std::string> token_of(const Arguments& arguments)
{
    const auto& place = arguments.token;
    const bool has_one = !place.argument.empty() || !place.file.empty();
    return has_one ? read_credential("explain", place) : std::string{};
}

/// What the sidecar allows to be asked; it has complained where it does not.
std::optional<Json> permission_for(const Context& context, const Arguments& arguments,
                                   const std::string& target, int& status)
{
    JsonWriter body;
    body.open_object().member("method", arguments.method).member("target", target);
    body.member("from", arguments.from).close_object();
    const auto answer = context.post("/v1/explain", status, std::chrono::seconds{1}, body.text());
    return answer ? std::optional{Json::parse(*answer)} : std::nullopt;
}

bool is_coloured()
{
    return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
}

int show(const Context& context, const NginxAnswer& answer)
{
    const auto trace = Json::parse(answer.body);
    if (context.as_json()) {
        std::cout << answer.body;
    } else {
        std::cout << explain_table(trace, is_coloured());
    }
    return trace["answer"]["verdict"].text() == "admitted" ? exit_ok : exit_refused;
}

int ask(const Context& context, ExplainQuestion question)
{
    const std::chrono::milliseconds timeout{static_cast<long>(context.timeout_s * 1000)};
    const auto asked = ask_nginx(question, timeout);
    if (const auto* none = std::get_if<NoAnswer>(&asked)) {
        complain(none->message);
        return none->exit;
    }
    const auto& answer = std::get<NginxAnswer>(asked);
    if (answer.type != auth::explain_media_type) {
        complain("what answers " + question.url + " (with " + std::to_string(answer.status) +
                 ") does not explain: it is no nginx with Gatehouse, or not one that this sidecar "
                 "is linked with; \"gatehousectl status\" lists those, --to names the one to ask");
        return exit_failed;
    }
    return show(context, answer);
}

int explain(const Context& context, const Arguments& arguments)
{
    const auto parsed = parse_explain_url(arguments.url);
    if (const auto* why = std::get_if<std::string>(&parsed)) {
        complain("explain: \"" + arguments.url + "\" is " + *why);
        return exit_usage;
    }
    const auto token = token_of(arguments);
    if (!token) {
        return exit_usage;
    }
    const auto& url = std::get<ExplainUrl>(parsed);
    int status = exit_ok;
    const auto permission = permission_for(context, arguments, url.target, status);
    if (!permission) {
        return status;
    }
    auto question = arguments.question;
    question.url = url.origin + (*permission)["path"].text();
    question.fields = arguments.fields;
    question.fields.push_back((*permission)["field"].text() + ": " +
                              (*permission)["permission"].text());
    if (!token->empty()) {
        question.fields.push_back("Authorization: Bearer " + *token);
    }
    return ask(context, std::move(question));
}

}  // namespace

void add_explain(CLI::App& app, Run& run)
{
    auto* command =
        app.add_subcommand("explain", "what nginx would do with a request, without sending it on");
    const auto arguments = std::make_shared<Arguments>();
    command->add_option("METHOD", arguments->method, "GET, POST, …")->required();
    command->add_option("URL", arguments->url, "http or https")->required();
    command->add_option("-H,--header", arguments->fields, "a field of the request; several")
        ->allow_extra_args(false)
        ->check(check_field);
    command->add_option("--from", arguments->from, "the address of the client");
    auto* token = command->add_option("--token", arguments->token.argument,
                                      "Authorization: Bearer; visible to others on this machine");
    command->add_option("--token-file", arguments->token.file, "the same, from a file; -: stdin")
        ->excludes(token);
    command->add_option("--to", arguments->question.to,
                        "where nginx listens: HOST:PORT or unix:PATH; default: as the URL says");
    command->add_option("--ca", arguments->question.ca_file, "whose certificates are believed");
    command->add_flag("--insecure", arguments->question.insecure, "any certificate will do");
    command->callback([&run, arguments] {
        run = [arguments](const Context& context) { return explain(context, *arguments); };
    });
}

}  // namespace gatehouse::ctl
