#include "sidecar/config/node.h"

#include <algorithm>

namespace gatehouse::config {

namespace {

Token token_at(const Node& node, At at)
{
    return at == At::key && node.key.length > 0 ? node.key : node.value;
}

void append_escaped(std::string& out, std::string_view name)
{
    for (const char c : name) {
        if (c == '~' || c == '/') {
            out += c == '~' ? "~0" : "~1";
        } else {
            out += c;
        }
    }
}

std::string step_to(const Node& node)
{
    std::string out = "/";
    const auto& siblings = node.parent->children;
    if (node.parent->is_array()) {
        const auto at = std::find(siblings.begin(), siblings.end(), &node);
        return out + std::to_string(at - siblings.begin());
    }
    append_escaped(out, node.name);
    return out;
}

void add(Diagnostics& out, const SourceFile& file, Token token, const Node* node, Severity severity,
         std::string message, std::string hint)
{
    Diagnostic diagnostic;
    if (!out.full()) {
        const Place place = file.place(token.offset);
        Excerpt excerpt = file.excerpt(token);
        diagnostic = {severity,
                      file.path(),
                      place.line,
                      place.column,
                      excerpt.length,
                      std::move(message),
                      std::move(excerpt.text),
                      excerpt.mark,
                      node != nullptr ? pointer_of(*node) : "",
                      std::move(hint)};
    }
    diagnostic.severity = severity;
    out.add(std::move(diagnostic));
}

}  // namespace

const Node* find(const Node* node, std::string_view name)
{
    if (node == nullptr || !node->is_object()) {
        return nullptr;
    }
    const auto at = std::find_if(node->children.begin(), node->children.end(),
                                 [&](const Node* child) { return child->name == name; });
    return at == node->children.end() ? nullptr : *at;
}

Node* find(Node* node, std::string_view name)
{
    return const_cast<Node*>(find(static_cast<const Node*>(node), name));
}

std::optional<std::string> text_of(const Node* node)
{
    if (node == nullptr || !json_is_string(node->json.get())) {
        return std::nullopt;
    }
    return std::string(json_string_value(node->json.get()), json_string_length(node->json.get()));
}

std::optional<std::int64_t> integer_of(const Node* node)
{
    if (node == nullptr || !json_is_integer(node->json.get())) {
        return std::nullopt;
    }
    return json_integer_value(node->json.get());
}

std::optional<double> number_of(const Node* node)
{
    if (node == nullptr || !json_is_number(node->json.get())) {
        return std::nullopt;
    }
    return json_number_value(node->json.get());
}

std::optional<bool> boolean_of(const Node* node)
{
    if (node == nullptr || !json_is_boolean(node->json.get())) {
        return std::nullopt;
    }
    return json_is_true(node->json.get());
}

Json json_of(const Node& node)
{
    if (node.is_array()) {
        Json list(json_array());
        for (const Node* child : node.children) {
            json_array_append_new(list.get(), json_of(*child).release());
        }
        return list;
    }
    if (node.is_object()) {
        Json object(json_object());
        for (const Node* child : node.children) {
            json_object_setn_new(object.get(), child->name.data(), child->name.size(),
                                 json_of(*child).release());
        }
        return object;
    }
    return share(node.json.get());
}

std::string pointer_of(const Node& node)
{
    std::vector<std::string> steps;
    for (const Node* at = &node; at->parent != nullptr; at = at->parent) {
        steps.push_back(step_to(*at));
    }
    std::string out;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        out += *step;
    }
    return out;
}

std::string place_of(const Node& node)
{
    const Place place = node.file->place(token_at(node, At::key).offset);
    return node.file->path() + ':' + std::to_string(place.line) + ':' +
           std::to_string(place.column);
}

void report(Diagnostics& out, Severity severity, const Node& node, At at, std::string message,
            std::string hint)
{
    add(out, *node.file, token_at(node, at), &node, severity, std::move(message), std::move(hint));
}

void error(Diagnostics& out, const Node& node, At at, std::string message, std::string hint)
{
    report(out, Severity::error, node, at, std::move(message), std::move(hint));
}

void warning(Diagnostics& out, const Node& node, At at, std::string message, std::string hint)
{
    report(out, Severity::warning, node, at, std::move(message), std::move(hint));
}

void error(Diagnostics& out, const Node& node, Token token, std::string message, std::string hint)
{
    add(out, *node.file, token, &node, Severity::error, std::move(message), std::move(hint));
}

void error(Diagnostics& out, const SourceFile& file, Token token, std::string message,
           std::string hint)
{
    add(out, file, token, nullptr, Severity::error, std::move(message), std::move(hint));
}

void error(Diagnostics& out, const std::string& file, std::string message)
{
    Diagnostic diagnostic;
    diagnostic.file = file;
    diagnostic.message = std::move(message);
    out.add(std::move(diagnostic));
}

}  // namespace gatehouse::config
