// Objects, lists and alternatives.
#include <algorithm>
#include <iterator>
#include <set>

#include "sidecar/base/pattern.h"
#include "sidecar/config/schema_checker.h"

namespace gatehouse::config {

namespace {

// So few that a message names them all.
constexpr std::size_t few_keys = 5;

std::vector<std::string> known_keys(const json_t* schema)
{
    std::vector<std::string> out;
    json_t* properties = json_object_get(schema, "properties");
    for (void* at = json_object_iter(properties); at != nullptr;
         at = json_object_iter_next(properties, at)) {
        out.emplace_back(json_object_iter_key(at));
    }
    return out;
}

/// The keys that tell alternatives apart.
constexpr const char* tags[] = {"kind", "on"};

const json_t* constant_of(const json_t* branch, const char* key)
{
    const json_t* properties = json_object_get(branch, "properties");
    return json_object_get(json_object_get(properties, key), "const");
}

/// Null: the branch has none.
const char* tag_of(const json_t* branch)
{
    const auto* found = std::find_if(std::begin(tags), std::end(tags), [&](const char* tag) {
        return constant_of(branch, tag) != nullptr;
    });
    return found == std::end(tags) ? nullptr : *found;
}

/// Whether a value of this JSON type could be what the branch describes.
bool same_type(const json_t* branch, const Node& node)
{
    const std::string type = annotation(branch, "type");
    if (const json_t* constant = json_object_get(branch, "const")) {
        return json_typeof(constant) == node.type();
    }
    switch (node.type()) {
    case JSON_OBJECT: return type == "object";
    case JSON_ARRAY: return type == "array";
    case JSON_STRING: return type == "string";
    case JSON_TRUE:
    case JSON_FALSE: return type == "boolean";
    default: return false;
    }
}

std::string compact(const json_t* value)
{
    const std::unique_ptr<char, decltype(&free)> text(
        json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY), &free);
    return text ? text.get() : "";
}

}  // namespace

void SchemaChecker::check_array(Node& node, const json_t* schema)
{
    check_count(node, schema, "minItems", "maxItems");
    if (json_is_true(json_object_get(schema, "uniqueItems"))) {
        check_unique(node);
    }
    if (const json_t* items = json_object_get(schema, "items")) {
        for (Node* child : node.children) {
            check(*child, items);
        }
    }
}

void SchemaChecker::check_unique(const Node& node)
{
    std::set<std::string> seen;
    for (const Node* child : node.children) {
        const bool scalar = !child->is_object() && !child->is_array();
        if (scalar && !seen.insert(compact(child->json.get())).second) {
            error(out_, *child, At::value,
                  label_of(node) + ": " + describe(*child) + " occurs twice");
        }
    }
}

void SchemaChecker::check_count(const Node& node, const json_t* schema, const char* least,
                                const char* most)
{
    const auto count = static_cast<json_int_t>(node.children.size());
    const json_t* minimum = json_object_get(schema, least);
    const json_t* maximum = json_object_get(schema, most);
    const bool few = minimum != nullptr && count < json_integer_value(minimum);
    const bool many = maximum != nullptr && count > json_integer_value(maximum);
    if (!few && !many) {
        return;
    }
    const std::string expected = annotation(schema, "x-expected");
    const std::string bound = std::to_string(json_integer_value(few ? minimum : maximum));
    error(out_, node, At::value,
          label_of(node) + (!expected.empty() ? ": expected " + expected
                            : count == 0      ? " must not be empty"
                            : few             ? " has fewer than " + bound + " entries"
                                              : " has more than " + bound + " entries"));
}

void SchemaChecker::check_object(Node& node, const json_t* schema)
{
    check_required(node, schema);
    check_count(node, schema, "minProperties", "maxProperties");
    for (Node* member : node.children) {
        check_member(*member, schema);
    }
}

void SchemaChecker::check_required(const Node& node, const json_t* schema)
{
    const json_t* required = json_object_get(schema, "required");
    for (std::size_t i = 0; i < json_array_size(required); ++i) {
        const char* name = json_string_value(json_array_get(required, i));
        if (find(&node, name) == nullptr) {
            error(out_, node, At::key,
                  "missing key \"" + std::string(name) + "\" in " + label_of(node));
        }
    }
}

void SchemaChecker::check_member(Node& member, const json_t* schema)
{
    if (out_.full()) {
        return;
    }
    if (const json_t* names = json_object_get(schema, "propertyNames")) {
        check_name(member, resolve(names));
    }
    const json_t* properties = json_object_get(schema, "properties");
    const json_t* known = json_object_getn(properties, member.name.data(), member.name.size());
    if (known == nullptr) {
        known = pattern_schema(member, schema);
    }
    const json_t* others = json_object_get(schema, "additionalProperties");
    if (known != nullptr) {
        check(member, known);
    } else if (json_is_false(others)) {
        unknown_key(member, schema);
    } else if (json_is_object(others)) {
        check(member, others);
    }
}

const json_t* SchemaChecker::pattern_schema(const Node& member, const json_t* schema) const
{
    json_t* patterns = json_object_get(schema, "patternProperties");
    for (void* at = json_object_iter(patterns); at != nullptr;
         at = json_object_iter_next(patterns, at)) {
        if (sidecar::matches(json_object_iter_key(at), member.name)) {
            return json_object_iter_value(at);
        }
    }
    return nullptr;
}

void SchemaChecker::check_name(const Node& member, const json_t* schema)
{
    const std::string noun = annotation(
        json_object_get(json_object_get(root_, "properties"), member.parent->name.c_str()),
        "x-noun");
    if (!sidecar::matches(annotation(schema, "pattern"), member.name)) {
        error(out_, member, At::key,
              (noun.empty() ? "key " : noun + " name ") + in_quotes(member.name) + " is not " +
                  annotation(schema, "x-expected"));
    }
}

void SchemaChecker::unknown_key(const Node& member, const json_t* schema)
{
    const std::string noun = annotation(schema, "x-noun");
    const std::vector<std::string> keys = known_keys(schema);
    std::string hint = hint_for(member.name, keys);
    if (hint.empty() && keys.size() <= few_keys) {
        hint = "known: " + joined(keys);
    }
    error(out_, member, At::key,
          "unknown " + (noun.empty() ? "key" : noun) + ' ' + in_quotes(member.name),
          std::move(hint));
}

void SchemaChecker::check_one_of(Node& node, const json_t* schema)
{
    const json_t* branches = json_object_get(schema, "oneOf");
    if (branches == nullptr || check_kind(node, branches)) {
        return;
    }
    std::vector<const json_t*> candidates;
    for (std::size_t i = 0; i < json_array_size(branches); ++i) {
        const json_t* branch = json_array_get(branches, i);
        if (same_type(resolve(branch), node)) {
            candidates.push_back(branch);
        }
    }
    check_branches(node, schema, candidates);
}

void SchemaChecker::check_branches(Node& node, const json_t* schema,
                                   const std::vector<const json_t*>& branches)
{
    if (branches.size() == 1) {
        check(node, branches.front());
        return;
    }
    std::vector<std::string> constants;
    for (const json_t* branch : branches) {
        if (passes(node, branch)) {
            return;
        }
        if (const std::string constant = annotation(branch, "const"); !constant.empty()) {
            constants.push_back(constant);
        }
    }
    error(out_, node, At::value,
          label_of(node) + ": expected " + annotation(schema, "x-expected") + ", got " +
              describe(node),
          node.secret ? "" : hint_for(text_of(&node).value_or(""), constants));
}

/// Whether the alternatives are told apart by a tag; then everything about the node is reported.
bool SchemaChecker::check_kind(Node& node, const json_t* branches)
{
    const char* const tag = tag_of(resolve(json_array_get(branches, 0)));
    if (!node.is_object() || tag == nullptr) {
        return false;
    }
    const Node* kind = find(&node, tag);
    std::vector<std::string> kinds;
    for (std::size_t i = 0; i < json_array_size(branches); ++i) {
        const json_t* branch = resolve(json_array_get(branches, i));
        kinds.emplace_back(json_string_value(constant_of(branch, tag)));
        if (text_of(kind) == kinds.back()) {
            check(node, branch);
            return true;
        }
    }
    if (kind == nullptr) {
        error(out_, node, At::key, "missing key " + in_quotes(tag) + " in " + label_of(node),
              one_of(kinds));
    } else {
        error(out_, *kind, At::value,
              in_quotes(tag) + ": " + describe(*kind) + " is not " + one_of(kinds),
              hint_for(text_of(kind).value_or(""), kinds));
    }
    return true;
}

bool SchemaChecker::passes(Node& node, const json_t* schema)
{
    Diagnostics silent;
    SchemaChecker(root_, silent).check(node, schema);
    return silent.ok();
}

}  // namespace gatehouse::config
