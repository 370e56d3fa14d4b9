// gatehousectl token create | list | show | rotate | revoke | verify | import
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "ctl/context.h"
#include "ctl/credential.h"
#include "ctl/token_import.h"
#include "ctl/token_table.h"
#include "ctl/url.h"
#include "src/base/json_escape.h"

namespace gatehouse::ctl {

namespace {

constexpr std::chrono::seconds change_limit{30};

struct Arguments {
    std::vector<std::string> ids;
    std::string name, user, plan, expires, not_before, overlap;
    std::vector<std::string> scopes, networks;
    CredentialPlace token;
    std::string address;
    std::string file = "-";
    bool dry_run = false;
};

/// A JSON object of what was said.
class Body {
public:
    Body& add(const char* key, const std::string& text)
    {
        if (!text.empty()) {
            append_json_string(member(key), text);
        }
        return *this;
    }

    Body& add(const char* key, const std::vector<std::string>& texts)
    {
        if (texts.empty()) {
            return *this;
        }
        auto& out = member(key);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            out += i == 0 ? '[' : ',';
            append_json_string(out, texts[i]);
        }
        out += ']';
        return *this;
    }

    std::string text() const { return text_.empty() ? "{}" : text_ + '}'; }

private:
    std::string& member(const char* key)
    {
        text_ += text_.empty() ? '{' : ',';
        append_json_string(text_, key);
        return text_ += ':';
    }

    std::string text_;
};

std::string check_id(const std::string& id)
{
    constexpr std::size_t size = 8;
    const bool sound = id.size() == size && id.find_first_not_of(
                                                "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                "abcdefghijklmnopqrstuvwxyz") == id.npos;
    return sound ? "" : "a token's id has 8 letters and digits: those after \"gth_\"";
}

/// The token alone on stdout, so that it can go straight into a file or a secret store.
void print_issued(const Context& context, const std::string& body)
{
    if (context.as_json()) {
        std::cout << body << "\n";
        return;
    }
    const auto issued = Json::parse(body);
    std::cout << issued["token"].text() << std::endl;
    std::cerr << token_page(issued) << "Keep it now: it cannot be shown again.\n";
    if (const auto end = issued["old_secret_ends_at"]) {
        std::cerr << "The old secret stays good until " << end.text() << ".\n";
    }
}

int create(const Context& context, const Arguments& arguments)
{
    const auto body = Body{}
                          .add("name", arguments.name)
                          .add("user", arguments.user)
                          .add("scopes", arguments.scopes)
                          .add("plan", arguments.plan)
                          .add("networks", arguments.networks)
                          .add("expires", arguments.expires)
                          .add("not_before", arguments.not_before)
                          .text();
    int status = exit_ok;
    if (const auto answer = context.post("/v1/tokens", status, change_limit, body)) {
        print_issued(context, *answer);
    }
    return status;
}

int rotate(const Context& context, const Arguments& arguments)
{
    const auto body =
        Body{}.add("overlap", arguments.overlap).add("expires", arguments.expires).text();
    int status = exit_ok;
    if (const auto answer = context.post("/v1/tokens/" + arguments.ids.front() + "/rotate", status,
                                         change_limit, body)) {
        print_issued(context, *answer);
    }
    return status;
}

int revoke(const Context& context, const Arguments& arguments)
{
    int status = exit_ok;
    for (const auto& id : arguments.ids) {
        const auto answer = context.post("/v1/tokens/" + id + "/revoke", status, change_limit);
        if (!answer) {
            return status;
        }
        if (context.as_json()) {
            std::cout << *answer << "\n";
        } else {
            const auto token = Json::parse(*answer);
            std::cout << id << ": revoked (" << token["name"].text() << " of "
                      << token["user"].text() << ")\n";
        }
    }
    return status;
}

int show(const Context& context, const Arguments& arguments)
{
    int status = exit_ok;
    if (const auto body = context.get("/v1/tokens/" + arguments.ids.front(), status)) {
        std::cout << (context.as_json() ? *body + "\n" : token_page(Json::parse(*body)));
    }
    return status;
}

/// Page by page; in one table or one object.
int list(const Context& context, const Arguments& arguments)
{
    const auto user =
        arguments.user.empty() ? std::string{} : "&user=" + percent_encoded(arguments.user);
    std::vector<Json> tokens;
    std::int64_t after = 0;
    do {
        int status = exit_ok;
        const auto body = context.get("/v1/tokens?after=" + std::to_string(after) + user, status);
        if (!body) {
            return status;
        }
        const auto page = Json::parse(*body);
        for (auto& token : page["tokens"].items()) {
            tokens.push_back(std::move(token));
        }
        after = page["after"].number();
    } while (after > 0);
    if (!context.as_json()) {
        std::cout << token_table(tokens);
        return exit_ok;
    }
    std::cout << "{\"tokens\": [";
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        std::cout << (i == 0 ? "" : ",\n") << tokens[i].dump();
    }
    std::cout << "]}\n";
    return exit_ok;
}

// --- verify ---

int verify(const Context& context, const Arguments& arguments)
{
    const auto token = read_credential("token verify", arguments.token);
    if (!token) {
        return exit_usage;
    }
    int status = exit_ok;
    const auto body = Body{}.add("token", *token).add("address", arguments.address).text();
    const auto answer = context.post("/v1/tokens/verify", status, change_limit, body);
    if (!answer) {
        return status;
    }
    const auto verdict = Json::parse(*answer);
    const bool accepted = verdict["accepted"].flag();
    if (context.as_json()) {
        std::cout << *answer << "\n";
    } else {
        std::cout << (accepted ? "accepted" : "refused: " + verdict["reason"].text()) << "\n"
                  << (verdict["id"] ? token_page(verdict) : "");
    }
    return accepted ? exit_ok : exit_refused;
}

int import_all(const Context& context, const Arguments& arguments)
{
    return import_tokens(context, {arguments.file, arguments.expires, arguments.dry_run});
}

// --- the command line ---

using Action = int (*)(const Context&, const Arguments&);

void on_run(CLI::App& command, Run& run, const std::shared_ptr<Arguments>& arguments, Action action)
{
    command.callback([&run, arguments, action] {
        run = [arguments, action](const Context& context) { return action(context, *arguments); };
    });
}

void add_create(CLI::App& tokens, Run& run, const std::shared_ptr<Arguments>& arguments)
{
    auto* command = tokens.add_subcommand("create", "make a token, and print it once");
    command->add_option("NAME,--name", arguments->name, "what it is for")->required();
    command->add_option("--user,--owner", arguments->user,
                        "whose it is: what the app is told; default: the name");
    command
        ->add_option("--scope,--scopes", arguments->scopes,
                     "what its holder may do; several, or a list with commas")
        ->delimiter(',')
        ->allow_extra_args(false);
    command->add_option("--plan", arguments->plan, "for limits by plan");
    command
        ->add_option("--from,--network,--cidr", arguments->networks,
                     "a network it may be used from; several, or a list with commas")
        ->delimiter(',')
        ->allow_extra_args(false);
    command->add_option("--expires", arguments->expires,
                        "30d, 2027-01-31, 2027-01-31T12:00:00Z or never; default: 90d, or what "
                        "the configuration says");
    command->add_option("--not-before", arguments->not_before, "when it begins to be good");
    on_run(*command, run, arguments, create);
}

void add_rotate(CLI::App& tokens, Run& run, const std::shared_ptr<Arguments>& arguments)
{
    auto* command = tokens.add_subcommand("rotate", "a new secret for a token, printed once");
    command->add_option("ID", arguments->ids)->required()->expected(1)->check(check_id);
    command->add_option("--overlap", arguments->overlap,
                        "for how long the old secret stays good; default: 24h");
    command->add_option("--expires", arguments->expires,
                        "as of create; default: as long from now as it was made for");
    on_run(*command, run, arguments, rotate);
}

void add_verify(CLI::App& tokens, Run& run, const std::shared_ptr<Arguments>& arguments)
{
    auto* command = tokens.add_subcommand(
        "verify", "whether a token is good, and why not; read from standard input");
    auto* argument = command->add_option("TOKEN", arguments->token.argument,
                                         "visible to others on this machine: better not");
    command->add_option("--token-file", arguments->token.file, "the first line of this file")
        ->excludes(argument);
    command->add_option("--from", arguments->address, "the client's address");
    on_run(*command, run, arguments, verify);
}

void add_import(CLI::App& tokens, Run& run, const std::shared_ptr<Arguments>& arguments)
{
    auto* command = tokens.add_subcommand(
        "import", R"(tokens made elsewhere: {"TOKEN": {"user": "…", "scope": "read"}, …})");
    command->add_option("FILE", arguments->file, "JSON; default: standard input");
    command->add_option("--expires", arguments->expires,
                        "of those that do not say it; as of create");
    command->add_flag("--dry-run", arguments->dry_run, "only check");
    on_run(*command, run, arguments, import_all);
}

}  // namespace

void add_token(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("token", "API tokens");
    command->require_subcommand(1);
    const auto arguments = std::make_shared<Arguments>();
    add_create(*command, run, arguments);
    auto* listed = command->add_subcommand("list", "all tokens");
    listed->add_option("--user,--owner", arguments->user, "of this user alone");
    on_run(*listed, run, arguments, list);
    auto* shown = command->add_subcommand("show", "one token");
    shown->add_option("ID", arguments->ids)->required()->expected(1)->check(check_id);
    on_run(*shown, run, arguments, show);
    add_rotate(*command, run, arguments);
    auto* revoked = command->add_subcommand("revoke", "end tokens, in every worker at once");
    revoked->add_option("ID", arguments->ids)->required()->check(check_id);
    on_run(*revoked, run, arguments, revoke);
    add_verify(*command, run, arguments);
    add_import(*command, run, arguments);
}

}  // namespace gatehouse::ctl
