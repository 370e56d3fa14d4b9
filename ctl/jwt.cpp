// gatehousectl jwt keysets | verify [TOKEN] [--jwks FILE]… [--secret FILE] [--keyset NAME]…
#include <CLI/CLI.hpp>

#include <chrono>
#include <ctime>
#include <iostream>
#include <memory>

#include "ctl/context.h"
#include "ctl/credential.h"
#include "ctl/jwt_keys.h"
#include "ctl/table.h"
#include "ctl/usage.h"
#include "src/auth/jwt.h"
#include "src/base/json_writer.h"

namespace gatehouse::ctl {

namespace {

struct Arguments {
    CredentialPlace token;
    JwtKeyPlaces keys;
    std::vector<std::string> algorithms, issuers, audiences;
    std::int64_t leeway_s = auth::JwtPolicy{}.leeway_s;
};

std::string check_algorithm(const std::string& name)
{
    return auth::algorithm_named(name) ? "" : "\"" + name + "\" is no algorithm of gate_jwt_key";
}

auth::JwtPolicy policy_of(const Arguments& arguments)
{
    auth::JwtPolicy policy;
    for (const auto& name : arguments.algorithms) {
        if (!policy.algorithms) {
            policy.algorithms.emplace();
        }
        policy.algorithms->insert(*auth::algorithm_named(name));
    }
    policy.issuers = arguments.issuers;
    policy.audiences = arguments.audiences;
    policy.any_audience = policy.audiences.empty();  // as a location without gate_jwt_audience
    policy.leeway_s = arguments.leeway_s;
    return policy;
}

/// JSON of what one part of a token holds, whether or not anybody has signed it; null: none.
std::string part_of(std::string_view token, std::size_t number)
{
    for (; number > 0 && !token.empty(); --number) {
        token.remove_prefix(std::min(token.find('.'), token.size() - 1) + 1);
    }
    const auto text = auth::base64url_decode(token.substr(0, token.find('.')));
    const auto dumped = Json::parse(text.value_or(std::string{})).dump();
    return dumped.empty() ? "null" : dumped;
}

std::string date_of(std::int64_t unix_s)
{
    std::tm parts{};
    const std::time_t time = unix_s;
    std::array<char, 32> text{};
    const bool known = ::gmtime_r(&time, &parts) != nullptr &&
                       std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts) != 0;
    return known ? text.data() : "-";
}

std::string json_of(const auth::Verdict& verdict, std::string_view token)
{
    JsonWriter json;
    json.open_object().member("accepted", static_cast<bool>(verdict));
    json.member("reason", auth::reason_of(verdict.rejection));
    if (verdict) {
        json.member("algorithm", auth::name_of(verdict.algorithm));
        json.member("refused_from", date_of(verdict.expires_s));
    }
    json.key("header").raw(part_of(token, 0));
    json.key("claims").raw(part_of(token, 1)).close_object();
    return json.take() + "\n";
}

std::string text_of(const auth::Verdict& verdict, std::string_view token)
{
    std::string text = "accepted";
    if (verdict) {
        text += ", by " + std::string{auth::name_of(verdict.algorithm)} + ", until " +
                date_of(verdict.expires_s);
    } else {
        text = "refused: " + std::string{auth::reason_of(verdict.rejection)} +
               "\nWhat it says of itself, which proves nothing:";
    }
    return text + "\nheader " + part_of(token, 0) + "\nclaims " + part_of(token, 1) + "\n";
}

int verify(const Context& context, const Arguments& arguments)
{
    const auto token = read_credential("jwt verify", arguments.token);
    if (!token) {
        return exit_usage;
    }
    int status = exit_ok;
    const auto keysets = read_jwt_keys(context, arguments.keys, status);
    if (!keysets) {
        return status;
    }
    std::vector<const auth::Keyset*> views;
    for (const auto& keyset : *keysets) {
        views.push_back(&keyset);
    }
    const auto verifier = std::make_unique<auth::JwtVerifier>();
    const auto verdict = verifier->verify(*token, views, policy_of(arguments), std::time(nullptr));
    std::cout << (context.as_json() ? json_of(verdict, *token) : text_of(verdict, *token));
    return verdict ? exit_ok : exit_refused;
}

int keysets(const Context& context)
{
    int status = exit_ok;
    const auto body = context.get("/v1/keysets", status);
    if (!body) {
        return status;
    }
    if (context.as_json()) {
        std::cout << *body << "\n";
        return exit_ok;
    }
    Table table{{"NAME", "KEYS", "FETCHED", "ERROR"}};
    for (const auto& set : Json::parse(*body)["keysets"].items()) {
        const auto fetched = set["fetched_at"].text();
        const auto error = set["error"].text();
        table.add({set["name"].text(), std::to_string(set["keys"].number()),
                   fetched.empty() ? "never" : fetched, error.empty() ? "-" : error});
    }
    std::cout << table.text();
    return exit_ok;
}

void add_verify(CLI::App& jwt, Run& run)
{
    const auto arguments = std::make_shared<Arguments>();
    auto* command = jwt.add_subcommand(
        "verify", "whether a JSON Web Token is good, and why not; read from standard input");
    auto* token = command->add_option("TOKEN", arguments->token.argument,
                                      "visible to others on this machine: better not");
    command->add_option("--token-file", arguments->token.file, "the first line of this file")
        ->excludes(token);
    const auto add_list = [command](const char* name, std::vector<std::string>& list,
                                    const char* what) {
        return command->add_option(name, list, what)->allow_extra_args(false);
    };
    add_list("--jwks", arguments->keys.files, "a file with a JWK set; several");
    add_list("--keyset", arguments->keys.fetched,
             "a set that the sidecar fetches; without any keys: \"default\"");
    auto* secret = command->add_option("--secret", arguments->keys.secret, "a file with a secret");
    command->add_option("--alg", arguments->keys.secret_algorithm, "of the secret; default: HS256")
        ->needs(secret)
        ->check(check_algorithm);
    add_list("--algorithm", arguments->algorithms, "the only ones that are taken; several")
        ->delimiter(',')
        ->check(check_algorithm);
    add_list("--issuer", arguments->issuers, "who may have issued it; several");
    add_list("--audience", arguments->audiences, "whom it must be meant for; several");
    command->add_option("--leeway", arguments->leeway_s, "seconds that clocks may differ")
        ->check(whole_number(0, 300))
        ->capture_default_str();
    command->callback([&run, arguments] {
        run = [arguments](const Context& context) { return verify(context, *arguments); };
    });
}

}  // namespace

void add_jwt(CLI::App& app, Run& run)
{
    auto* command = app.add_subcommand("jwt", "JSON Web Tokens and the keys they are verified by");
    command->require_subcommand(1);
    add_verify(*command, run);
    command->add_subcommand("keysets", "the key sets that the sidecar fetches")->callback([&run] {
        run = keysets;
    });
}

}  // namespace gatehouse::ctl
