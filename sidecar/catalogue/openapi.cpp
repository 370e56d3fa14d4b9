#include "sidecar/catalogue/openapi.h"

#include <algorithm>
#include <array>

#include "sidecar/base/json_writer.h"

namespace gatehouse::catalogue {

namespace {

using sidecar::JsonWriter;
using sidecar::Parameter;
using sidecar::ParameterType;

struct Option {
    const char* name;
    bool config::QueryOptions::*allowed;
    const char* type;
    const char* description;
};

constexpr std::array<Option, 6> options{
    {{"fields", &config::QueryOptions::fields, "string", "Columns, separated by commas."},
     {"filter", &config::QueryOptions::filter, "string",
      "Conditions, separated by commas: a column, one of = != < <= > >= ~, and a value."},
     {"sort", &config::QueryOptions::sort, "string",
      "Columns, separated by commas, - before those in descending order."},
     {"limit", &config::QueryOptions::limit, "integer", "Rows at most."},
     {"cursor", &config::QueryOptions::cursor, "string",
      "The rows after those of an earlier answer, whose field Link has the URL."},
     {"points", &config::QueryOptions::points, "integer", "Points of each series at most."}}};

struct Status {
    int code;
    const char* description;
};

/// What a card's requests may get beside 200.
std::vector<Status> statuses_of(const config::Card& card)
{
    std::vector<Status> all{{304, "The client has this answer already."}};
    if (card.has_variants()) {
        all.push_back({400, "A parameter is not valid; `invalid-params` says which, and why."});
    }
    if (!card.require.empty()) {
        all.push_back({401, "The request needs a token."});
        all.push_back({403, "The token lacks a scope."});
    }
    if (card.empty_is_not_found) {
        all.push_back({404, "There is nothing of that name."});
    }
    all.push_back({429, "Too many requests; `Retry-After` says when to come again."});
    all.push_back({503,
                   "The data are too old, or cannot be read; `Retry-After` says when to come "
                   "again."});
    return all;
}

std::string type_of(ParameterType type)
{
    switch (type) {
    case ParameterType::integer: return "integer";
    case ParameterType::number: return "number";
    case ParameterType::boolean: return "boolean";
    default: return "string";
    }
}

const char* format_of(ParameterType type)
{
    switch (type) {
    case ParameterType::integer: return "int64";
    case ParameterType::number: return "double";
    case ParameterType::date: return "date";
    case ParameterType::datetime: return "date-time";
    default: return nullptr;
    }
}

void write_default(JsonWriter& json, const sidecar::ArgumentValue& value)
{
    struct Writer {
        JsonWriter& json;
        void operator()(std::monostate) const {}
        void operator()(bool on) const { json.member("default", on); }
        void operator()(std::int64_t whole) const { json.member("default", whole); }
        void operator()(double real) const { json.member("default", real); }
        void operator()(const std::string& text) const { json.member("default", text); }
    };
    std::visit(Writer{json}, value);
}

void write_schema(JsonWriter& json, const Parameter& parameter)
{
    json.open_object().member("type", type_of(parameter.type));
    if (const char* format = format_of(parameter.type)) {
        json.member("format", format);
    }
    if (parameter.minimum) {
        json.member("minimum", *parameter.minimum);
    }
    if (parameter.maximum) {
        json.member("maximum", *parameter.maximum);
    }
    if (parameter.type == ParameterType::string) {
        json.member("maxLength", parameter.max_length);
        if (!parameter.pattern.empty()) {
            json.member("pattern", parameter.pattern);
        }
    }
    if (!parameter.values.empty()) {
        json.key("enum").open_array();
        for (const std::string& value : parameter.values) {
            json.value(value);
        }
        json.close_array();
    }
    write_default(json, parameter.fallback);
    json.close_object();
}

void write_parameter(JsonWriter& json, const Parameter& parameter, bool in_path)
{
    json.open_object().member("name", parameter.name).member("in", in_path ? "path" : "query");
    json.member("required", in_path || parameter.required);
    if (!parameter.description.empty()) {
        json.member("description", parameter.description);
    }
    write_schema(json.key("schema"), parameter);
    json.close_object();
}

void write_format_parameter(JsonWriter& json, const config::Card& card)
{
    json.open_object().member("name", "format").member("in", "query").member("required", false);
    json.member("description", "The form of the answer, in place of Accept.");
    json.key("schema").open_object().member("type", "string").key("enum").open_array();
    for (const std::string& format : card.formats) {
        json.value(format);
    }
    json.close_array().close_object().close_object();
}

void write_parameters(JsonWriter& json, const config::Card& card)
{
    json.key("parameters").open_array();
    for (const Parameter& parameter : card.params) {
        const bool in_path = card.path.find("/{" + parameter.name + '}') != std::string::npos;
        write_parameter(json, parameter, in_path);
    }
    for (const Option& option : options) {
        if (card.query.*(option.allowed)) {
            json.open_object().member("name", option.name).member("in", "query");
            json.member("required", false).member("description", option.description);
            json.key("schema").open_object().member("type", option.type);
            json.close_object().close_object();
        }
    }
    write_format_parameter(json, card);
    json.close_array();
}

void write_content(JsonWriter& json, const DescribedCard& described)
{
    const auto has = [&](const char* format) {
        const auto& formats = described.card->formats;
        return std::find(formats.begin(), formats.end(), format) != formats.end();
    };
    json.key("content").open_object();
    if (has("json") || has("columns")) {
        json.key("application/json").open_object().key("schema");
        json.raw(has("json") ? answer_schema(described) : "{}").close_object();
    }
    for (const auto& [format, type] :
         {std::pair{"csv", "text/csv"}, std::pair{"ndjson", "application/x-ndjson"}}) {
        if (has(format)) {
            json.key(type).open_object().key("schema").open_object();
            json.member("type", "string").close_object().close_object();
        }
    }
    json.close_object();
}

void write_responses(JsonWriter& json, const DescribedCard& described)
{
    json.key("responses").open_object().key("200").open_object();
    json.member("description", "The card's data.");
    write_content(json, described);
    json.close_object();
    for (const Status& status : statuses_of(*described.card)) {
        json.key(std::to_string(status.code)).open_object();
        json.member("description", status.description);
        if (status.code >= 400) {
            json.key("content").open_object().key("application/problem+json").open_object();
            json.key("schema").open_object().member("$ref", "#/components/schemas/Problem");
            json.close_object().close_object().close_object();
        }
        json.close_object();
    }
    json.close_object();
}

void write_security(JsonWriter& json, const config::Card& card)
{
    json.key("security").open_array();
    if (!card.require.empty()) {
        for (const char* scheme : {"bearer", "token"}) {
            json.open_object().key(scheme).open_array().close_array().close_object();
        }
    }
    json.close_array();
}

void write_operation(JsonWriter& json, const DescribedCard& described)
{
    const config::Card& card = *described.card;
    json.key(card.path).open_object().key("get").open_object();
    json.member("operationId", card.name).member("summary", "Card " + card.name);
    json.key("tags").open_array().value("cards").close_array();
    write_security(json, card);
    write_parameters(json, card);
    write_responses(json, described);
    json.close_object().close_object();
}

constexpr const char* components = R"({
"securitySchemes":{"bearer":{"type":"http","scheme":"bearer"},"token":{"type":"apiKey","in":"header","name":"X-API-Token"}},
"schemas":{"Problem":{"type":"object","description":"Problem details (RFC 9457).","properties":{
"type":{"type":"string","format":"uri-reference"},"title":{"type":"string"},"status":{"type":"integer"},
"detail":{"type":"string"},"instance":{"type":"string","format":"uri-reference"},"request_id":{"type":"string"},
"invalid-params":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"reason":{"type":"string"}},"required":["name","reason"]}},
"violated-policies":{"type":"array","items":{"type":"string"}}},"required":["type","title","status"]}}})";

}  // namespace

std::string openapi_json(const std::vector<DescribedCard>& cards)
{
    JsonWriter json;
    json.open_object().member("openapi", "3.1.0").key("info").open_object();
    json.member("title", "Cards of this Gatehouse").member("version", GATEHOUSE_VERSION);
    json.member("description", "Data that are computed once and served from memory.");
    json.key("license").open_object().member("name", "As the data's owner says");
    json.member("identifier", "LicenseRef-Data").close_object().close_object();
    json.key("servers").open_array().open_object().member("url", "/").close_object().close_array();
    json.key("tags").open_array().open_object().member("name", "cards");
    json.member("description", "One answer on one path each.").close_object().close_array();
    json.key("paths").open_object();
    for (const DescribedCard& described : cards) {
        write_operation(json, described);
    }
    json.close_object().key("components").raw(components).close_object();
    return json.take();
}

}  // namespace gatehouse::catalogue
