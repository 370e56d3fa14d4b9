#include "sidecar/config/schema.h"

#include <gtest/gtest.h>

#include <set>

#include "sidecar/base/units.h"
#include "sidecar/config/formats.h"
#include "sidecar/config/load.h"
#include "sidecar/config/scan.h"

namespace gatehouse::config {
namespace {

/// What a schema says about a document: `LINE:COL message; hint`, one a line.
std::string verdict(const std::string& schema, const std::string& document)
{
    Tree tree;
    Diagnostics out;
    Node* root = scan(tree.files.emplace_back("t", document), tree, out);
    if (root == nullptr) {
        return "syntax";
    }
    Schema(schema).check(*root, out);
    out.sort();
    std::string text;
    for (const Diagnostic& d : out.list) {
        text += std::to_string(d.column) + ' ' + d.message + (d.hint.empty() ? "" : "; " + d.hint) +
                '\n';
    }
    return text;
}

TEST(Schema, Types)
{
    EXPECT_EQ(verdict(R"({"type": "integer"})", "1"), "");
    EXPECT_EQ(verdict(R"({"type": "integer"})", "1.0"),
              "");  // JSON Schema: an integer is a whole number
    EXPECT_EQ(verdict(R"({"type": "integer"})", "1.5"),
              "1 the document: expected an integer, got 1.5\n");
    EXPECT_EQ(verdict(R"({"type": "number"})", "1.5"), "");
    EXPECT_EQ(verdict(R"({"type": "boolean"})", "true"), "");
    EXPECT_EQ(verdict(R"({"type": "boolean"})", "\"true\""),
              "1 the document: expected a boolean, got \"true\"\n");
    EXPECT_EQ(verdict(R"({"type": "array"})", "{}"),
              "1 the document: expected a list, got an object\n");
    EXPECT_EQ(verdict(R"({"type": "string"})", "null"),
              "1 the document: expected a string, got null\n");
    EXPECT_EQ(verdict(R"({"type": "null"})", "null"), "");
}

TEST(Schema, Numbers)
{
    const char* schema = R"({"minimum": 1, "maximum": 10})";
    EXPECT_EQ(verdict(schema, "1"), "");
    EXPECT_EQ(verdict(schema, "10"), "");
    EXPECT_EQ(verdict(schema, "0"), "1 the document: 0 is less than 1\n");
    EXPECT_EQ(verdict(schema, "10.5"), "1 the document: 10.5 is more than 10\n");
    EXPECT_EQ(verdict(schema, "\"no number\""), "");
}

TEST(Schema, StringsCountCodePoints)
{
    EXPECT_EQ(verdict(R"({"maxLength": 2})", "\"öß\""), "");
    EXPECT_EQ(verdict(R"({"maxLength": 2})", "\"abc\""),
              "1 the document is longer than 2 characters\n");
    EXPECT_EQ(verdict(R"({"minLength": 1})", "\"\""), "1 the document must not be empty\n");
    EXPECT_EQ(verdict(R"({"minLength": 2})", "\"a\""),
              "1 the document is shorter than 2 characters\n");
}

TEST(Schema, PatternsEndAtTheVeryEnd)
{
    const char* schema = R"({"pattern": "^[a-z]+$", "x-expected": "a word"})";
    EXPECT_EQ(verdict(schema, "\"abc\""), "");
    EXPECT_EQ(verdict(schema, "\"abc\\n\""), "1 the document: \"abc\xEF\xBF\xBD\" is not a word\n");
    EXPECT_EQ(verdict(R"({"pattern": "b"})", "\"abc\""), "");
    // Exhausts the match limit instead of the machine.
    EXPECT_NE(verdict(R"({"pattern": "^(a+)+$"})", '"' + std::string(5000, 'a') + "!\""), "");
}

TEST(Schema, Constants)
{
    EXPECT_EQ(
        verdict(R"({"enum": ["red", "green"]})", "\"gren\""),
        "1 the document: \"gren\" is not one of \"red\", \"green\"; did you mean \"green\"?\n");
    EXPECT_EQ(verdict(R"({"const": "csv"})", "\"x\""), "1 the document: \"x\" is not \"csv\"\n");
    EXPECT_EQ(verdict(R"({"enum": ["a"]})", "5"), "1 the document: 5 is not \"a\"\n");
}

TEST(Schema, Objects)
{
    const char* schema =
        R"({"properties": {"name": {"type": "string"}}, "required": ["name", "path"],
        "patternProperties": {"^x-": true}, "additionalProperties": false})";
    EXPECT_EQ(verdict(schema, R"({"name": "a", "path": 1})"),
              "15 unknown key \"path\"; known: \"name\"\n");
    EXPECT_EQ(verdict(schema, R"({"nmae": "a", "x-y": 1})"),
              "1 missing key \"name\" in the document\n1 missing key \"path\" in the document\n"
              "2 unknown key \"nmae\"; did you mean \"name\"?\n");
    EXPECT_EQ(verdict(R"({"additionalProperties": {"type": "string"}})", R"({"a": 1})"),
              "7 \"a\": expected a string, got 1\n");
    EXPECT_EQ(verdict(R"({"propertyNames": {"pattern": "^[a-z]$", "x-expected": "a letter"}})",
                      R"({"A": 1})"),
              "2 key \"A\" is not a letter\n");
    EXPECT_EQ(verdict(R"({"minProperties": 1})", "{}"), "1 the document must not be empty\n");
    EXPECT_EQ(verdict(R"({"maxProperties": 1})", R"({"a": 1, "b": 2})"),
              "1 the document has more than 1 entries\n");
}

TEST(Schema, Lists)
{
    EXPECT_EQ(
        verdict(R"({"items": {"type": "string"}})", R"(["a", 1, true])"),
        "7 the document: expected a string, got 1\n10 the document: expected a string, got true\n");
    EXPECT_EQ(verdict(R"({"minItems": 1})", "[]"), "1 the document must not be empty\n");
    EXPECT_EQ(verdict(R"({"maxItems": 1})", "[1, 2]"), "1 the document has more than 1 entries\n");
    EXPECT_EQ(verdict(R"({"uniqueItems": true})", R"(["a", "b", "a"])"),
              "12 the document: \"a\" occurs twice\n");
}

TEST(Schema, References)
{
    const char* schema =
        R"({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"type": "string"}}})";
    EXPECT_EQ(verdict(schema, "\"x\""), "");
    EXPECT_EQ(verdict(schema, "1"), "1 the document: expected a string, got 1\n");
}

TEST(Schema, AlternativesByType)
{
    const char* schema = R"({"x-expected": "a word or a list", "oneOf": [
        {"const": "all"}, {"type": "string", "pattern": "^[0-9]+$"}, {"type": "array", "minItems": 1}]})";
    EXPECT_EQ(verdict(schema, "\"all\""), "");
    EXPECT_EQ(verdict(schema, "\"12\""), "");
    EXPECT_EQ(verdict(schema, "[1]"), "");
    EXPECT_EQ(verdict(schema, "\"al\""),
              "1 the document: expected a word or a list, got \"al\"; did you mean \"all\"?\n");
    EXPECT_EQ(verdict(schema, "[]"), "1 the document must not be empty\n");
    EXPECT_EQ(verdict(schema, "5"), "1 the document: expected a word or a list, got 5\n");
}

TEST(Schema, AlternativesByKind)
{
    const char* schema = R"({"oneOf": [
        {"type": "object", "properties": {"kind": {"const": "csv"}, "skip": {"type": "integer"}},
         "additionalProperties": false},
        {"type": "object", "properties": {"kind": {"const": "json"}}, "additionalProperties": false}]})";
    EXPECT_EQ(verdict(schema, R"({"kind": "csv", "skip": 1})"), "");
    EXPECT_EQ(verdict(schema, R"({"kind": "json", "skip": 1})"),
              "18 unknown key \"skip\"; known: \"kind\"\n");
    EXPECT_EQ(verdict(schema, R"({"kind": "jsn"})"),
              "10 \"kind\": \"jsn\" is not one of \"csv\", \"json\"; did you mean \"json\"?\n");
    EXPECT_EQ(verdict(schema, "{}"),
              "1 missing key \"kind\" in the document; one of \"csv\", \"json\"\n");
    EXPECT_EQ(verdict(schema, R"({"kind": 5})"),
              "10 \"kind\": 5 is not one of \"csv\", \"json\"\n");
}

TEST(Schema, AlternativesByWhatTheyAreOn)
{
    const char* schema = R"({"oneOf": [
        {"type": "object", "properties": {"on": {"const": "check"}}, "additionalProperties": false},
        {"type": "object", "properties": {"on": {"const": "card"}}, "additionalProperties": false}]})";
    EXPECT_EQ(verdict(schema, R"({"on": "card"})"), "");
    EXPECT_EQ(verdict(schema, R"({"on": "chek"})"),
              "8 \"on\": \"chek\" is not one of \"check\", \"card\"; did you mean \"check\"?\n");
    EXPECT_EQ(verdict(schema, "{}"),
              "1 missing key \"on\" in the document; one of \"check\", \"card\"\n");
}

TEST(Schema, SecretsAreNotShown)
{
    const char* schema = R"({"properties": {"s": {"x-secret": true, "enum": ["hunter1"]}}})";
    EXPECT_EQ(verdict(schema, R"({"s": "hunter2"})"), "7 \"s\": ••• is not \"hunter1\"\n");
}

// The shipped schema must stay inside what the checker knows, or a rule would silently not hold.

const std::set<std::string> known_keywords{"$schema",       "$id",
                                           "$comment",      "$defs",
                                           "$ref",          "title",
                                           "description",   "default",
                                           "examples",      "type",
                                           "const",         "enum",
                                           "properties",    "patternProperties",
                                           "propertyNames", "additionalProperties",
                                           "required",      "minProperties",
                                           "maxProperties", "items",
                                           "minItems",      "maxItems",
                                           "uniqueItems",   "minimum",
                                           "maximum",       "minLength",
                                           "maxLength",     "pattern",
                                           "format",        "oneOf",
                                           "x-expected",    "x-noun",
                                           "x-secret",      "x-unused"};

template <class Visit>
void for_each_schema(json_t* schema, const std::string& pointer, Visit visit)
{
    visit(schema, pointer);
    const char* key = nullptr;
    json_t* value = nullptr;
    for (const char* map : {"properties", "patternProperties", "$defs"}) {
        json_object_foreach(json_object_get(schema, map), key, value)
        {
            for_each_schema(value, pointer + '/' + map + '/' + key, visit);
        }
    }
    for (const char* one : {"items", "additionalProperties", "propertyNames"}) {
        if (json_t* inner = json_object_get(schema, one); json_is_object(inner)) {
            for_each_schema(inner, pointer + '/' + one, visit);
        }
    }
    std::size_t index = 0;
    json_array_foreach(json_object_get(schema, "oneOf"), index, value)
    {
        for_each_schema(value, pointer + "/oneOf/" + std::to_string(index), visit);
    }
}

json_t* shipped()
{
    return const_cast<json_t*>(Schema::shipped().json());
}

TEST(ShippedSchema, UsesOnlyWhatTheCheckerKnows)
{
    ASSERT_TRUE(json_is_object(shipped()));
    for_each_schema(shipped(), "#", [](json_t* schema, const std::string& pointer) {
        const char* key = nullptr;
        json_t* value = nullptr;
        json_object_foreach(schema, key, value)
        {
            EXPECT_TRUE(known_keywords.contains(key)) << pointer << ' ' << key;
        }
        const json_t* format = json_object_get(schema, "format");
        EXPECT_TRUE(format == nullptr || is_format(json_string_value(format))) << pointer;
        const json_t* type = json_object_get(schema, "type");
        EXPECT_TRUE(type == nullptr || json_is_string(type)) << pointer;
        if (const char* reference = json_string_value(json_object_get(schema, "$ref"))) {
            const json_t* defs = json_object_get(shipped(), "$defs");
            EXPECT_NE(json_object_get(defs, reference + 8), nullptr) << pointer << ' ' << reference;
        }
        EXPECT_TRUE(json_object_get(schema, "oneOf") == nullptr ||
                    json_object_get(schema, "x-expected") != nullptr)
            << pointer;
    });
}

TEST(ShippedSchema, EveryObjectIsClosed)
{
    for_each_schema(shipped(), "#", [](json_t* schema, const std::string& pointer) {
        if (json_object_get(schema, "properties") != nullptr) {
            EXPECT_TRUE(json_is_false(json_object_get(schema, "additionalProperties"))) << pointer;
        }
    });
}

/// `value` in the form dump() gives it.
std::string normal(json_t* value)
{
    if (const char* text = json_string_value(value)) {
        const auto duration = sidecar::parse_duration(text);
        return duration ? sidecar::format_duration(*duration) : text;
    }
    char* text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    std::string out(text);
    free(text);
    return out;
}

TEST(ShippedSchema, ItsDefaultsAreTheStructs)
{
    Config config;
    config.sources["s"].kind = "csv";
    config.cards["c"].name = "c";
    config.log.file = "/log";  // the keys of one are there only with it
    const std::string text = dump(config);
    const Json all(json_loads(text.c_str(), 0, nullptr));
    ASSERT_NE(all, nullptr) << text;
    const json_t* defs = json_object_get(shipped(), "$defs");
    const std::map<std::string, json_t*> sections{
        {"link", json_object_get(all.get(), "link")},
        {"control", json_object_get(all.get(), "control")},
        {"api", json_object_get(all.get(), "api")},
        {"board", json_object_get(all.get(), "board")},
        {"datasets", json_object_get(all.get(), "datasets")},
        {"caches", json_object_get(all.get(), "caches")},
        {"history", json_object_get(all.get(), "history")},
        {"engine", json_object_get(all.get(), "engine")},
        {"log", json_object_get(all.get(), "log")},
        {"source_csv", json_object_get(json_object_get(all.get(), "sources"), "s")},
        {"card", json_object_get(json_object_get(all.get(), "cards"), "c")}};
    std::size_t compared = 0;
    for (const auto& [name, values] : sections) {
        const char* key = nullptr;
        json_t* property = nullptr;
        json_object_foreach(json_object_get(json_object_get(defs, name.c_str()), "properties"), key,
                            property)
        {
            if (json_t* value = json_object_get(property, "default")) {
                ASSERT_NE(json_object_get(values, key), nullptr) << name << '/' << key;
                EXPECT_EQ(normal(value), normal(json_object_get(values, key)))
                    << name << '/' << key;
                ++compared;
            }
        }
    }
    EXPECT_GE(compared, 18u);
}

TEST(ShippedSchema, ItsExamplesFollowIt)
{
    for_each_schema(shipped(), "#", [](json_t* schema, const std::string& pointer) {
        std::size_t index = 0;
        json_t* example = nullptr;
        json_array_foreach(json_object_get(schema, "examples"), index, example)
        {
            Json wrapped(json_deep_copy(schema));
            json_object_set(wrapped.get(), "$defs", json_object_get(shipped(), "$defs"));
            char* rule = json_dumps(wrapped.get(), 0);
            char* value = json_dumps(example, JSON_ENCODE_ANY);
            EXPECT_EQ(verdict(rule, value), "") << pointer;
            free(rule);
            free(value);
        }
    });
}

}  // namespace
}  // namespace gatehouse::config
