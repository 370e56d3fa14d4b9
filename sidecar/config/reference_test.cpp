// The tables of docs/configuration.md are what the schema says. GATEHOUSE_UPDATE_DOCS=1 writes them
// anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "sidecar/config/schema.h"

namespace gatehouse::config {
namespace {

constexpr const char* document = "docs/configuration.md";
constexpr std::string_view begin_mark = "<!-- reference: written by the schema -->\n";
constexpr std::string_view end_mark = "<!-- end of reference -->\n";

json_t* get(const json_t* object, const char* key)
{
    return json_object_get(object, key);
}

std::string text(const json_t* object, const char* key)
{
    const char* value = json_string_value(get(object, key));
    return value == nullptr ? "" : value;
}

std::string compact(const json_t* value)
{
    char* dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    std::string out(dumped);
    free(dumped);
    return out;
}

json_t* definition(const std::string& name)
{
    return get(get(Schema::shipped().json(), "$defs"), name.c_str());
}

std::string referenced(const json_t* schema)
{
    const std::string reference = text(schema, "$ref");
    return reference.substr(std::min<std::size_t>(reference.rfind('/') + 1, reference.size()));
}

std::string code(const std::string& value)
{
    return '`' + value + '`';
}

std::string code_of(const json_t* value)
{
    return code(compact(value));
}

const std::map<std::string, std::string> type_names{{"text", "string"},
                                                    {"path", "path"},
                                                    {"duration", "[duration](#values)"},
                                                    {"size", "[size](#values)"},
                                                    {"mode", "octal mode"},
                                                    {"columns", "object: column to SQL type"},
                                                    {"source_path", "path or list of paths"},
                                                    {"refresh", "[refresh](#refresh)"},
                                                    {"step", "[step](#steps)"},
                                                    {"parameter", "[parameter](#parameters)"},
                                                    {"maintenance", "window"}};

std::string range_of(const json_t* schema)
{
    const json_t* least = get(schema, "minimum");
    const json_t* most = get(schema, "maximum");
    return least == nullptr || most == nullptr ? ""
                                               : ", " + compact(least) + " to " + compact(most);
}

std::string values_of(const json_t* list)
{
    std::string out;
    for (std::size_t i = 0; i < json_array_size(list); ++i) {
        out += (i == 0 ? "" : " ") + code_of(json_array_get(list, i));
    }
    return out;
}

std::string type_of(const json_t* schema)
{
    if (get(schema, "$ref") != nullptr) {
        const auto named = type_names.find(referenced(schema));
        return named != type_names.end() ? named->second : type_of(definition(referenced(schema)));
    }
    if (get(schema, "const") != nullptr) {
        return code_of(get(schema, "const"));
    }
    if (get(schema, "enum") != nullptr) {
        return values_of(get(schema, "enum"));
    }
    if (const json_t* items = get(schema, "items")) {
        return "list of " + type_of(items);
    }
    const std::string type = text(schema, "type");
    return type.empty() ? text(schema, "x-expected") : type + range_of(schema);
}

bool is_required(const json_t* object, const std::string& key)
{
    const json_t* required = get(object, "required");
    return required != nullptr && compact(required).find('"' + key + '"') != std::string::npos;
}

std::string default_of(const json_t* object, const char* key, const json_t* property)
{
    const json_t* value = get(property, "default");
    return value != nullptr ? code_of(value) : is_required(object, key) ? "required" : "";
}

std::string examples_of(const json_t* property)
{
    std::string out;
    const json_t* list = get(property, "examples");
    for (std::size_t i = 0; i < json_array_size(list); ++i) {
        out += (i == 0 ? "" : "<br>") + code_of(json_array_get(list, i));
    }
    return out;
}

/// Keys that every kind of check, rule or receiver has stand in a table of their own.
bool is_common(const json_t* property)
{
    const auto name = referenced(property);
    return name.starts_with("check_") || name.starts_with("alert_") ||
           name.starts_with("receiver_");
}

std::string rows(const json_t* object, bool common);

constexpr const char* table_head =
    "| key | type | default | meaning | example |\n|---|---|---|---|---|\n";

std::string table(const json_t* object)
{
    return table_head + rows(object, false);
}

std::string rows(const json_t* object, bool common)
{
    std::string out;
    const char* key = nullptr;
    json_t* property = nullptr;
    json_object_foreach(get(object, "properties"), key, property)
    {
        if (std::string_view(key) != "$comment" && is_common(property) == common) {
            const json_t* described = common ? definition(referenced(property)) : property;
            out += "| " + code(key) + " | " + type_of(property) + " | " +
                   default_of(object, key, described) + " | " + text(described, "description") +
                   " | " + examples_of(described) + " |\n";
        }
    }
    return out;
}

std::string section(const std::string& heading, const json_t* object)
{
    return "### " + heading + "\n\n" + text(object, "description") + "\n\n" + table(object) + '\n';
}

std::string top_level()
{
    const json_t* properties = get(Schema::shipped().json(), "properties");
    const json_t* include = get(properties, "include");
    std::string out = "### include\n\n" + text(include, "description") +
                      " Example: " + examples_of(include) + "\n\n";
    for (const char* name : {"link", "control", "api", "board", "engine"}) {
        out += section(name, definition(name));
    }
    out += "### sources\n\n" + text(get(properties, "sources"), "description") +
           " Names: " + text(definition("name"), "x-expected") + ".\n\n";
    return out;
}

/// A table for each alternative of a definition, by what its name has after `prefix`.
std::string kinds(const char* name, const std::string& prefix, const std::string& noun)
{
    const json_t* all = get(definition(name), "oneOf");
    std::string out;
    for (std::size_t i = 0; i < json_array_size(all); ++i) {
        const auto kind = referenced(json_array_get(all, i));
        out += "#### " + noun + " " + code(kind.substr(prefix.size())) + "\n\n" +
               text(definition(kind), "description") + "\n\n" + table(definition(kind)) + '\n';
    }
    return out;
}

std::string common_keys(const char* of_kind)
{
    return table_head + rows(definition(of_kind), true);
}

std::string checks()
{
    const json_t* properties = get(Schema::shipped().json(), "properties");
    return "### checks\n\n" + text(get(properties, "checks"), "description") +
           " Every check has these keys:\n\n" + common_keys("check_http") +
           "\nA window of `maintenance`:\n\n" + table(definition("maintenance")) + '\n' +
           kinds("check", "check_", "check");
}

std::string alerts()
{
    return section("alerts", definition("alerts")) + "Every rule has these keys:\n\n" +
           common_keys("rule_check") + '\n' + kinds("alert_rule", "rule_", "rule on") +
           "Every receiver has these keys:\n\n" + common_keys("receiver_webhook") + '\n' +
           kinds("receiver", "receiver_", "receiver") + "#### heartbeat\n\n" +
           text(definition("heartbeat"), "description") + "\n\n" + table(definition("heartbeat")) +
           '\n';
}

std::string reference()
{
    const json_t* properties = get(Schema::shipped().json(), "properties");
    std::string out = top_level();
    for (const char* kind :
         {"csv", "parquet", "json", "http", "sqlite", "postgres", "dataset", "caches", "history"}) {
        const json_t* source = definition(std::string("source_") + kind);
        out += "#### kind " + code(kind) + "\n\n" + text(source, "description") + "\n\n" +
               table(source) + '\n';
    }
    out += "### cards\n\n" + text(get(properties, "cards"), "description") + "\n\n" +
           table(definition("card")) + '\n';
    out += "#### refresh as an object\n\n" +
           table(json_array_get(get(definition("refresh"), "oneOf"), 3)) + '\n';
    out += "#### parameters\n\nA type alone, or an object. Names: " +
           text(definition("parameter_name"), "x-expected") + ".\n\n" +
           table(json_array_get(get(definition("parameter"), "oneOf"), 1)) + '\n';
    out += "#### steps\n\nEach step is an object whose one key names it.\n\n";
    const char* name = nullptr;
    json_t* step = nullptr;
    json_object_foreach(get(definition("step"), "properties"), name, step)
    {
        out += code(name) + ": " + text(step, "description") + "\n\n";
        out += get(step, "properties") != nullptr ? table(step) + '\n' : "";
    }
    out += section("on_demand", definition("on_demand"));
    out += section("state", definition("state"));
    out += section("datasets", definition("datasets"));
    out += section("caches", definition("caches"));
    out += "### identity\n\n" + text(definition("identity"), "description") + "\n\n";
    out += '#' + section("tokens", definition("tokens"));
    out += "#### jwks\n\n" +
           text(get(get(definition("identity"), "properties"), "jwks"), "description") + "\n\n" +
           text(definition("jwks"), "description") + "\n\n" + table(definition("jwks")) + '\n';
    out += section("audit", definition("audit"));
    out += checks() + section("health", definition("health")) + alerts();
    out += section("history", definition("history"));
    out += "### metrics\n\n" + text(get(properties, "metrics"), "description") + "\n\n" +
           table(definition("metric")) + '\n';
    return out + section("log", definition("log")) + section("sentry", definition("sentry"));
}

TEST(Reference, TheTablesOfTheDocumentAreTheSchemas)
{
    std::ifstream in(document);
    std::stringstream content;
    content << in.rdbuf();
    std::string all = content.str();
    const std::size_t begin = all.find(begin_mark);
    const std::size_t end = all.find(end_mark);
    ASSERT_LT(begin, end) << document;
    ASSERT_NE(end, std::string::npos) << document;
    const std::size_t from = begin + begin_mark.size();
    const std::string expected = '\n' + reference();
    if (std::getenv("GATEHOUSE_UPDATE_DOCS") != nullptr) {
        std::ofstream(document) << all.replace(from, end - from, expected);
        return;
    }
    EXPECT_EQ(all.substr(from, end - from), expected) << "GATEHOUSE_UPDATE_DOCS=1 writes it";
}

}  // namespace
}  // namespace gatehouse::config
