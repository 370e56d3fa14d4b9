#include "sidecar/identity/resources.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "sidecar/base/clock.h"
#include "sidecar/base/json_writer.h"
#include "sidecar/base/log.h"
#include "sidecar/identity/request_json.h"
#include "sidecar/identity/token_json.h"
#include "src/http/query.h"

namespace gatehouse::identity {

namespace {

namespace log = sidecar::log;
using sidecar::Answer;
using sidecar::ApiRequest;
using sidecar::JsonWriter;
using Reply = std::function<void(Answer)>;

constexpr std::int64_t most_listed = 10'000;

std::int64_t now_s()
{
    return sidecar::unix_ms() / 1000;
}

int status_of(Failure::Kind kind)
{
    switch (kind) {
    case Failure::Kind::request: return 400;
    case Failure::Kind::unknown: return 404;
    case Failure::Kind::conflict: return 409;
    case Failure::Kind::unavailable: return 503;
    }
    return 500;
}

Answer failed(const Failure& failure)
{
    return {status_of(failure.kind), failure.message};
}

Answer refused(const Error& error)
{
    return {400, error.message};
}

template <class Value>
Answer told(const Value& value)
{
    JsonWriter json;
    write(json, value, now_s());
    return {200, json.take()};
}

/// An answer for the outcome, after `heard` has been called with the value.
template <class Value, class Heard>
TokenAgent::Done<Value> answer_with(Reply reply, Heard heard)
{
    return [reply = std::move(reply), heard = std::move(heard)](const Outcome<Value>& outcome) {
        if (!outcome) {
            return reply(failed(outcome.failure()));
        }
        heard(*outcome);
        reply(told(*outcome));
    };
}

void log_token(const char* event, const Token& token)
{
    log::info(event, {{"id", token.id}, {"token", token.name}, {"user", token.user}});
}

/// A parameter of the query, decoded; empty where it is absent.
Result<std::string> text_in(std::string_view query, const char* name)
{
    char text[longest_token_text];
    const auto decoded = http::percent_decode(http::find_parameter(query, name).raw_value, text);
    if (!decoded) {
        return Error{std::string{name} + " is not well encoded, or too long"};
    }
    return std::string{*decoded};
}

// --- each resource ---

void create(TokenAgent& agent, const ApiRequest& request, const Reply& reply)
{
    const auto asked = parse_token_request(request.body);
    if (!asked) {
        return reply(refused(asked.error()));
    }
    agent.create(*asked, answer_with<IssuedToken>(reply, [](const IssuedToken& issued) {
        log_token("token created", issued.token);
    }));
}

void rotate(TokenAgent& agent, const ApiRequest& request, const Reply& reply)
{
    auto asked = parse_rotate_request(request.body);
    if (!asked) {
        return reply(refused(asked.error()));
    }
    asked->id = request.name;
    agent.rotate(*asked, answer_with<IssuedToken>(reply, [](const IssuedToken& issued) {
        log_token("token rotated", issued.token);
    }));
}

void revoke(TokenAgent& agent, const ApiRequest& request, const Reply& reply)
{
    agent.revoke(request.name, [reply](const Outcome<Token>& outcome) {
        if (!outcome) {
            return reply(failed(outcome.failure()));
        }
        log_token("token revoked", *outcome);
        JsonWriter json;
        json.open_object();
        write_members(json, *outcome, now_s());
        json.close_object();
        reply({200, json.take()});
    });
}

ImportStep import_step(std::string_view query)
{
    if (http::find_parameter(query, "dry_run").raw_value == "true") {
        return ImportStep::check;
    }
    const bool more = http::find_parameter(query, "more").raw_value == "true";
    return more ? ImportStep::keep : ImportStep::keep_last;
}

void import_parts(TokenAgent& agent, const ApiRequest& request, const Reply& reply)
{
    auto tokens = parse_foreign_tokens(request.body);
    if (!tokens) {
        return reply(refused(tokens.error()));
    }
    const auto expires = text_in(request.query, "expires");
    if (!expires) {
        return reply(refused(expires.error()));
    }
    for (auto& token : *tokens) {
        if (!token.request.expires && !expires->empty()) {
            token.request.expires = *expires;
        }
    }
    const auto step = import_step(request.query);
    agent.import(std::move(*tokens), step,
                 answer_with<Imported>(reply, [step](const Imported& imported) {
                     if (step != ImportStep::check) {
                         log::info("tokens imported",
                                   {{"tokens", imported.tokens.size()}, {"known", imported.known}});
                     }
                 }));
}

void show(TokenAgent& agent, const ApiRequest& request, const Reply& reply)
{
    agent.show(request.name, answer_with<WholeToken>(reply, [](const WholeToken&) {}));
}

void verify(TokenAgent& agent, const ApiRequest& request, const Reply& reply)
{
    const auto asked = parse_verify_request(request.body);
    if (!asked) {
        return reply(refused(asked.error()));
    }
    JsonWriter json;
    write(json, agent.verify(asked->token, asked->address));
    reply({200, json.take()});
}

// --- list ---

Result<std::int64_t> number_in(std::string_view query, const char* name, std::int64_t otherwise)
{
    const auto found = http::find_parameter(query, name);
    if (found.count == http::QueryParameter::Count::none) {
        return otherwise;
    }
    std::int64_t number = 0;
    const auto* end = found.raw_value.data() + found.raw_value.size();
    const auto [stop, error] = std::from_chars(found.raw_value.data(), end, number);
    if (error != std::errc{} || stop != end || number < 0) {
        return Error{std::string{name} + " must be a whole number"};
    }
    return number;
}

Result<TokenFilter> filter_of(std::string_view query)
{
    TokenFilter filter;
    const auto after = number_in(query, "after", filter.after);
    const auto most = number_in(query, "most", filter.most);
    if (!after || !most) {
        return after ? most.error() : after.error();
    }
    filter.after = *after;
    filter.most = std::clamp<std::int64_t>(*most, 1, most_listed);
    auto user = text_in(query, "user");
    if (!user) {
        return user.error();
    }
    filter.user = std::move(*user);
    return filter;
}

Answer listed(const std::vector<Token>& tokens, std::int64_t most)
{
    JsonWriter json;
    json.open_object().key("tokens").open_array();
    for (const auto& token : tokens) {
        json.open_object();
        write_members(json, token, now_s());
        json.close_object();
    }
    json.close_array();
    if (std::ssize(tokens) == most) {
        json.member("after", tokens.back().number);  // there may be more behind it
    }
    json.close_object();
    return {200, json.take()};
}

void list(TokenAgent& agent, const ApiRequest& request, const Reply& reply)
{
    const auto filter = filter_of(request.query);
    if (!filter) {
        return reply(refused(filter.error()));
    }
    agent.list(*filter, [reply, most = filter->most](const Outcome<std::vector<Token>>& outcome) {
        reply(outcome ? listed(*outcome, most) : failed(outcome.failure()));
    });
}

using Handler = void (*)(TokenAgent&, const ApiRequest&, const Reply&);

struct Row {
    std::string_view method, before, after;
    bool named;
    Handler handler;
};

constexpr Row rows[] = {
    {"GET", "/v1/tokens", "", false, list},
    {"POST", "/v1/tokens", "", false, create},
    {"POST", "/v1/tokens/import", "", false, import_parts},
    {"POST", "/v1/tokens/verify", "", false, verify},
    {"GET", "/v1/tokens/", "", true, show},
    {"POST", "/v1/tokens/", "/rotate", true, rotate},
    {"POST", "/v1/tokens/", "/revoke", true, revoke},
};

}  // namespace

std::vector<sidecar::Resource> token_resources(const std::function<TokenAgent*()>& agent)
{
    std::vector<sidecar::Resource> resources;
    for (const auto& row : rows) {
        resources.push_back(
            {row.method, row.before, row.after, row.named,
             [agent, handler = row.handler](const ApiRequest& request, const Reply& reply) {
                 auto* tokens = agent();
                 if (tokens == nullptr) {
                     return reply({409,
                                   "tokens need a place to be kept: set \"path\" of "
                                   "\"state\" in the configuration"});
                 }
                 handler(*tokens, request, reply);
             }});
    }
    return resources;
}

}  // namespace gatehouse::identity
