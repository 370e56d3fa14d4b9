#include "sidecar/config/build_params.h"

#include <array>
#include <charconv>
#include <utility>

#include "sidecar/config/read_value.h"

namespace gatehouse::config {

namespace {

using sidecar::Parameter;

constexpr std::array<std::pair<const char*, bool QueryOptions::*>, 6> options{
    {{"fields", &QueryOptions::fields},
     {"filter", &QueryOptions::filter},
     {"sort", &QueryOptions::sort},
     {"limit", &QueryOptions::limit},
     {"cursor", &QueryOptions::cursor},
     {"points", &QueryOptions::points}}};

std::string shortest(double value)
{
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

void read_number(const Node* node, std::optional<double>& out)
{
    if (const auto value = number_of(node)) {
        out = *value;
    }
}

void read_default(const Node* node, Parameter& out)
{
    if (node == nullptr) {
        return;
    }
    if (node->type() == JSON_NULL) {
        out.required = false;
        return;
    }
    const auto text = default_text(*node);
    auto value = text ? parse_value(out, *text) : Error{"is no value"};
    if (value) {
        out.required = false;
        out.fallback = std::move(*value);
    }
}

Parameter param_of(const Node& node)
{
    Parameter out;
    out.name = node.name;
    std::string type;
    read(&node, type);
    read(find(&node, "type"), type);
    out.type = sidecar::parameter_type_named(type).value_or(out.type);
    read_number(find(&node, "minimum"), out.minimum);
    read_number(find(&node, "maximum"), out.maximum);
    read(find(&node, "max_length"), out.max_length);
    read(find(&node, "pattern"), out.pattern);
    read(find(&node, "values"), out.values);
    read(find(&node, "description"), out.description);
    read_default(find(&node, "default"), out);
    return out;
}

}  // namespace

std::optional<std::string> default_text(const Node& node)
{
    if (const auto text = text_of(&node)) {
        return text;
    }
    if (const auto integer = integer_of(&node)) {
        return std::to_string(*integer);
    }
    if (const auto number = number_of(&node)) {
        return shortest(*number);
    }
    const auto boolean = boolean_of(&node);
    return boolean ? std::optional<std::string>{*boolean ? "true" : "false"} : std::nullopt;
}

std::vector<Parameter> params_of(const Node* node)
{
    std::vector<Parameter> out;
    if (node != nullptr && node->is_object()) {
        for (const Node* child : node->children) {
            out.push_back(param_of(*child));
        }
    }
    return out;
}

QueryOptions query_options_of(const Node* node)
{
    QueryOptions out;
    for (const std::string& name : strings_of(node)) {
        for (const auto& [known, member] : options) {
            out.*member = out.*member || name == known;
        }
    }
    return out;
}

std::vector<std::string> names_of(const QueryOptions& on)
{
    std::vector<std::string> out;
    for (const auto& [name, member] : options) {
        if (on.*member) {
            out.emplace_back(name);
        }
    }
    return out;
}

std::vector<std::string> names_in_path(std::string_view path)
{
    std::vector<std::string> out;
    for (auto open = path.find("/{"); open != path.npos; open = path.find("/{", open + 1)) {
        const auto close = path.find('}', open);
        if (close != path.npos) {
            out.emplace_back(path.substr(open + 2, close - open - 2));
        }
    }
    return out;
}

}  // namespace gatehouse::config
