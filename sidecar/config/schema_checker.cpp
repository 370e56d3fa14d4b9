// Values: references, types, constants, strings, numbers.
#include "sidecar/config/schema_checker.h"

#include <charconv>
#include <cmath>

#include "sidecar/base/pattern.h"
#include "sidecar/base/suggest.h"
#include "sidecar/config/formats.h"

namespace gatehouse::config {

namespace {

std::string string_or_empty(const json_t* value)
{
    const char* text = json_string_value(value);
    return text == nullptr ? "" : text;
}

bool has_type(const json_t* value, const std::string& type)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT: return type == "object";
    case JSON_ARRAY: return type == "array";
    case JSON_STRING: return type == "string";
    case JSON_INTEGER: return type == "integer" || type == "number";
    case JSON_REAL: {
        const double number = json_real_value(value);
        return type == "number" || (type == "integer" && std::trunc(number) == number);
    }
    case JSON_TRUE:
    case JSON_FALSE: return type == "boolean";
    case JSON_NULL: return type == "null";
    }
    return false;
}

std::string with_article(const std::string& type)
{
    if (type == "array") {
        return "a list";
    }
    const bool vowel = type == "integer" || type == "object";
    return (vowel ? "an " : "a ") + type;
}

template <class Number>
std::optional<Number> whole_number(const std::string& text)
{
    Number value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

/// The number or boolean that `text` spells; null when it spells none of that type.
Json coerced(const std::string& text, const std::string& type)
{
    if (type == "boolean" && (text == "true" || text == "false")) {
        return Json(json_boolean(text == "true"));
    }
    if (type == "integer" || type == "number") {
        if (const auto integer = whole_number<json_int_t>(text)) {
            return Json(json_integer(*integer));
        }
    }
    if (type == "number") {
        const auto real = whole_number<double>(text);
        return real && std::isfinite(*real) ? Json(json_real(*real)) : nullptr;
    }
    return nullptr;
}

std::vector<std::string> strings_of(const json_t* list)
{
    std::vector<std::string> out;
    for (std::size_t i = 0; i < json_array_size(list); ++i) {
        out.push_back(string_or_empty(json_array_get(list, i)));
    }
    return out;
}

bool contains(const json_t* list, const json_t* value)
{
    for (std::size_t i = 0; i < json_array_size(list); ++i) {
        if (json_equal(json_array_get(list, i), value) != 0) {
            return true;
        }
    }
    return false;
}

std::string number_text(const json_t* number)
{
    return json_is_integer(number) ? std::to_string(json_integer_value(number))
                                   : std::to_string(json_real_value(number));
}

}  // namespace

std::string annotation(const json_t* schema, const char* name)
{
    return string_or_empty(json_object_get(schema, name));
}

std::string joined(const std::vector<std::string>& names)
{
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "\"" : ", \"") + name + '"';
    }
    return out;
}

std::string one_of(const std::vector<std::string>& names)
{
    return (names.size() == 1 ? "" : "one of ") + joined(names);
}

std::string hint_for(const std::string& text, const std::vector<std::string>& names)
{
    const auto near = sidecar::did_you_mean(text, names);
    return near ? "did you mean \"" + *near + "\"?" : "";
}

const json_t* SchemaChecker::resolve(const json_t* schema) const
{
    const std::string reference = annotation(schema, "$ref");
    constexpr std::string_view definitions = "#/$defs/";
    if (!reference.starts_with(definitions)) {
        return schema;
    }
    const json_t* defs = json_object_get(root_, "$defs");
    return resolve(json_object_get(defs, reference.c_str() + definitions.size()));
}

void SchemaChecker::check(Node& node, const json_t* schema)
{
    if (out_.full()) {
        return;
    }
    const json_t* target = resolve(schema);
    if (target != schema) {
        check(node, target);
    }
    node.secret = node.secret || json_is_true(json_object_get(schema, "x-secret"));
    if (json_is_true(json_object_get(schema, "x-unused"))) {
        warning(out_, node, At::key, label_of(node) + " is not used by this version");
    }
    if (!check_type(node, schema)) {
        return;
    }
    check_constants(node, schema);
    check_one_of(node, schema);
    switch (node.type()) {
    case JSON_STRING: return check_string(node, schema);
    case JSON_INTEGER:
    case JSON_REAL: return check_number(node, schema);
    case JSON_ARRAY: return check_array(node, schema);
    case JSON_OBJECT: return check_object(node, schema);
    default: return;
    }
}

bool SchemaChecker::check_type(Node& node, const json_t* schema)
{
    const std::string type = annotation(schema, "type");
    if (type.empty() || has_type(node.json.get(), type)) {
        return true;
    }
    if (node.substituted && node.type() == JSON_STRING) {
        if (Json value = coerced(*text_of(&node), type)) {
            node.json = std::move(value);
            return true;
        }
    }
    const std::string expected = annotation(schema, "x-expected");
    error(out_, node, At::value,
          label_of(node) + ": expected " + (expected.empty() ? with_article(type) : expected) +
              ", got " + describe(node));
    return false;
}

void SchemaChecker::check_constants(const Node& node, const json_t* schema)
{
    const json_t* one = json_object_get(schema, "const");
    const json_t* many = json_object_get(schema, "enum");
    const bool wrong = (one != nullptr && json_equal(one, node.json.get()) == 0) ||
                       (many != nullptr && !contains(many, node.json.get()));
    if (!wrong) {
        return;
    }
    const std::vector<std::string> names =
        many != nullptr ? strings_of(many) : std::vector{string_or_empty(one)};
    error(out_, node, At::value,
          label_of(node) + ": " + describe(node) + " is not " + one_of(names),
          node.secret ? "" : hint_for(text_of(&node).value_or(""), names));
}

void SchemaChecker::check_string(const Node& node, const json_t* schema)
{
    const std::string text = *text_of(&node);
    const std::string format = annotation(schema, "format");
    const std::string expected = annotation(schema, "x-expected");
    const std::string pattern = annotation(schema, "pattern");
    const std::size_t found = out_.errors;
    check_length(node, schema, text);
    if (out_.errors > found) {
        return;
    }
    if (const auto complaint = check_format(format, text, expected)) {
        const std::string what = node.secret ? "is not valid" : complaint->message;
        error(out_, node, At::value, label_of(node) + ": " + describe(node) + ' ' + what,
              node.secret ? "" : complaint->hint);
    } else if (!pattern.empty() && !sidecar::matches(pattern, text)) {
        error(out_, node, At::value,
              label_of(node) + ": " + describe(node) + " is not " +
                  (expected.empty() ? "of the form " + pattern : expected));
    }
}

void SchemaChecker::check_length(const Node& node, const json_t* schema, const std::string& text)
{
    const json_t* least = json_object_get(schema, "minLength");
    const json_t* most = json_object_get(schema, "maxLength");
    const json_int_t length = count_code_points(text);
    if (least != nullptr && length < json_integer_value(least)) {
        error(out_, node, At::value,
              label_of(node) + (length == 0
                                    ? " must not be empty"
                                    : " is shorter than " + number_text(least) + " characters"));
    }
    if (most != nullptr && length > json_integer_value(most)) {
        const std::string unit = json_integer_value(most) == 1 ? " character" : " characters";
        error(out_, node, At::value,
              label_of(node) + " is longer than " + number_text(most) + unit);
    }
}

void SchemaChecker::check_number(const Node& node, const json_t* schema)
{
    const double value = *number_of(&node);
    const json_t* least = json_object_get(schema, "minimum");
    const json_t* most = json_object_get(schema, "maximum");
    if (least != nullptr && value < json_number_value(least)) {
        error(out_, node, At::value,
              label_of(node) + ": " + describe(node) + " is less than " + number_text(least));
    }
    if (most != nullptr && value > json_number_value(most)) {
        error(out_, node, At::value,
              label_of(node) + ": " + describe(node) + " is more than " + number_text(most));
    }
}

}  // namespace gatehouse::config
