#include "sidecar/control/api.h"

#include <algorithm>
#include <optional>

#include "sidecar/base/json_writer.h"
#include "sidecar/control/json.h"
#include "src/http/problem.h"
#include "src/http/query.h"

namespace gatehouse::control {

using sidecar::JsonWriter;

/// One request on its way through a route; `name` is what stands for {name} in the route's path.
struct Api::Call {
    std::string name;
    std::string_view query;
    Reply reply;
};

struct Api::Route {
    std::string_view method;
    std::string_view before;  ///< path up to the name, or the whole path
    std::string_view after;   ///< path from the name on; only where `named`
    bool named;
    void (Api::*handler)(const Call&);
};

const Api::Route Api::routes[] = {
    {"GET", "/v1/version", "", false, &Api::version},
    {"GET", "/v1/status", "", false, &Api::status},
    {"POST", "/v1/reload", "", false, &Api::reload},
    {"GET", "/v1/cards", "", false, &Api::cards},
    {"GET", "/v1/cards/", "", true, &Api::card},
    {"GET", "/v1/cards/", "/body", true, &Api::card_body},
    {"POST", "/v1/cards/", "/refresh", true, &Api::refresh},
    {"GET", "/v1/sources", "", false, &Api::sources},
    {"POST", "/v1/sources/", "/test", true, &Api::test_source},
};

namespace {

/// What stands between the two parts of a route's path; nothing when the path is another.
std::optional<std::string> match(std::string_view path, std::string_view before,
                                 std::string_view after, bool named)
{
    if (!named) {
        return path == before ? std::optional<std::string>{""} : std::nullopt;
    }
    if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
        !path.ends_with(after)) {
        return std::nullopt;
    }
    path.remove_prefix(before.size());
    path.remove_suffix(after.size());
    return path.find('/') == path.npos ? std::optional{std::string{path}} : std::nullopt;
}

void add_method(std::string& allow, std::string_view method)
{
    allow.append(allow.empty() ? "" : ", ").append(method);
}

Response ok(JsonWriter& json)
{
    return {200, "application/json", json.take(), {}};
}

Response response_of(sidecar::Answer answer)
{
    return answer.status < 400
               ? Response{answer.status, "application/json", std::move(answer.body), {}}
               : problem(answer.status, answer.body);
}

}  // namespace

Response problem(int status, std::string_view detail)
{
    http::Problem problem;
    problem.status = status;
    problem.detail = detail;
    return {status, std::string{http::problem_json_type}, http::problem_json(problem), {}};
}

void Api::handle(std::string_view method, std::string_view target, std::string_view body,
                 Reply reply)
{
    const auto mark = target.find('?');
    const auto path = target.substr(0, mark);
    const auto query = mark == target.npos ? std::string_view{} : target.substr(mark + 1);
    std::string allow;
    for (const auto& route : routes) {
        auto name = match(path, route.before, route.after, route.named);
        if (name && route.method == method) {
            return (this->*route.handler)({std::move(*name), query, std::move(reply)});
        }
        if (name) {
            add_method(allow, route.method);
        }
    }
    for (const auto& resource : services_.resources) {
        auto name = match(path, resource.before, resource.after, resource.named);
        if (name && resource.method == method) {
            return resource.handle(
                {std::move(*name), query, body},
                [reply](sidecar::Answer answer) { reply(response_of(std::move(answer))); });
        }
        if (name) {
            add_method(allow, resource.method);
        }
    }
    auto response = allow.empty() ? problem(404, "there is no such resource")
                                  : problem(405, "this resource answers " + allow);
    response.allow = allow;
    reply(std::move(response));
}

void Api::version(const Call& call)
{
    JsonWriter json;
    json.open_object().member("version", GATEHOUSE_VERSION).member("api", 1).close_object();
    call.reply(ok(json));
}

void Api::status(const Call& call)
{
    JsonWriter json;
    write(json, services_.status());
    call.reply(ok(json));
}

void Api::cards(const Call& call)
{
    JsonWriter json;
    json.open_object().key("cards").open_array();
    for (const auto& card : services_.status().cards) {
        write(json, card);
    }
    json.close_array().close_object();
    call.reply(ok(json));
}

void Api::card(const Call& call)
{
    for (const auto& card : services_.status().cards) {
        if (card.name == call.name) {
            JsonWriter json;
            write(json, card);
            return call.reply(ok(json));
        }
    }
    call.reply(problem(404, "there is no card \"" + call.name + "\""));
}

void Api::card_body(const Call& call)
{
    const auto wanted = http::find_format(call.query);
    using Kind = http::FormatQuery::Kind;
    if (wanted.kind == Kind::duplicate || wanted.kind == Kind::unknown) {
        return call.reply(problem(400, "format is one of json, columns, csv, ndjson, given once"));
    }
    for (const auto& card : services_.status().cards) {
        if (card.name != call.name) {
            continue;
        }
        if (card.variants) {
            return call.reply(problem(409, "card \"" + call.name +
                                               "\" is computed when somebody asks; ask nginx for " +
                                               card.path));
        }
        if (!card.snapshot) {
            return call.reply(problem(409, "card \"" + call.name + "\" has no data yet" +
                                               (card.error.empty() ? "" : ": " + card.error)));
        }
        const auto& view = card.snapshot->view();
        if (!view.encodings(wanted.format).contains(Encoding::identity)) {
            return call.reply(problem(406, "card \"" + call.name + "\" is not published as " +
                                               std::string{name_of(wanted.format)}));
        }
        const auto body = view.representation(wanted.format, Encoding::identity);
        return call.reply({200, std::string{body.content_type}, std::string{body.body}, {}});
    }
    call.reply(problem(404, "there is no card \"" + call.name + "\""));
}

void Api::refresh(const Call& call)
{
    const bool known = services_.refresh(call.name, [reply = call.reply](const auto& result) {
        JsonWriter json;
        write(json, result);
        reply(result.ok ? ok(json) : problem(502, result.error));
    });
    if (!known) {
        call.reply(problem(404, "there is no card \"" + call.name + "\""));
    }
}

void Api::sources(const Call& call)
{
    JsonWriter json;
    json.open_object().key("sources").open_array();
    for (const auto& source : services_.sources()) {
        write(json, source);
    }
    json.close_array().close_object();
    call.reply(ok(json));
}

void Api::test_source(const Call& call)
{
    const bool known = services_.test_source(call.name, [reply = call.reply](const auto& result) {
        JsonWriter json;
        write(json, result);
        reply(result.error.empty() ? ok(json) : problem(502, result.error));
    });
    if (!known) {
        call.reply(problem(404, "there is no source \"" + call.name + "\""));
    }
}

void Api::reload(const Call& call)
{
    if (http::find_parameter(call.query, "wait").raw_value == "false") {
        services_.reload([](const ReloadResult&) {});
        return call.reply({202, "application/json", "{}", {}});
    }
    services_.reload([reply = call.reply](const ReloadResult& result) {
        if (result.applied) {
            JsonWriter json;
            write(json, result);
            return reply(ok(json));
        }
        http::Problem refused;
        refused.status = 422;
        refused.title = "Configuration refused";
        const auto detail = result.summary + "; the running configuration stays";
        refused.detail = detail;
        const http::ProblemMember found{"diagnostics", result.diagnostics_json};
        refused.extra = {&found, 1};
        reply({422, std::string{http::problem_json_type}, http::problem_json(refused), {}});
    });
}

}  // namespace gatehouse::control
