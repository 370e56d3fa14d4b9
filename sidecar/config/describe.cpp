// How messages name and show a value.
#include "sidecar/config/schema.h"

namespace gatehouse::config {

namespace {

/// As the file writes it; after substitution the number itself.
std::string number(const Node& node)
{
    if (node.substituted && json_is_integer(node.json.get())) {
        return std::to_string(*integer_of(&node));
    }
    return node.substituted ? std::to_string(*number_of(&node))
                            : printable(node.file->text(node.value).substr(0, 40));
}

}  // namespace

std::string label_of(const Node& node)
{
    const Node* at = &node;
    while (at->key.length == 0 && at->parent != nullptr) {
        at = at->parent;
    }
    return at->key.length == 0 ? "the document" : in_quotes(at->name);
}

std::string describe(const Node& node)
{
    if (node.secret) {
        return "•••";
    }
    switch (node.type()) {
    case JSON_STRING: return in_quotes(text_of(&node).value_or(""));
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "a list";
    case JSON_TRUE: return "true";
    case JSON_FALSE: return "false";
    case JSON_NULL: return "null";
    default: return number(node);
    }
}

}  // namespace gatehouse::config
