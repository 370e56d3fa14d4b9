// A JSON document in which every value knows where it was written.
//
// Nodes of all files of one load live in one Tree, so merging documents moves pointers. A scalar's
// value is a jansson value; members and elements are the node's children. Thread safety: none.
#pragma once

#include <jansson.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/config/diagnostics.h"
#include "sidecar/config/source_file.h"

namespace gatehouse::config {

struct JsonDecref {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};
using Json = std::unique_ptr<json_t, JsonDecref>;

/// Another reference to a borrowed value.
inline Json share(json_t* value)
{
    return Json(json_incref(value));
}

struct Node {
    const SourceFile* file = nullptr;
    Token key;         ///< with its quotes; empty for elements and the document
    Token value;       ///< objects and arrays: the opening bracket
    std::string name;  ///< the key, decoded
    Json json;         ///< for objects and arrays only its type counts
    Node* parent = nullptr;
    std::vector<Node*> children;  ///< in the order of the file
    bool substituted = false;     ///< held a variable, so a number may be written as a string
    bool secret = false;          ///< never shown

    json_type type() const noexcept { return json_typeof(json.get()); }
    bool is_object() const noexcept { return json_is_object(json.get()); }
    bool is_array() const noexcept { return json_is_array(json.get()); }
};

/// Owns the nodes and the files they were read from; addresses are stable.
struct Tree {
    std::deque<SourceFile> files;
    std::deque<Node> nodes;
};

/// The member of that name; null when `node` is null, no object, or has none.
const Node* find(const Node* node, std::string_view name);
Node* find(Node* node, std::string_view name);

/// The value, when the node is there and of that type.
std::optional<std::string> text_of(const Node* node);
std::optional<std::int64_t> integer_of(const Node* node);
std::optional<double> number_of(const Node* node);
std::optional<bool> boolean_of(const Node* node);

/// The node and all below it as a value of its own.
Json json_of(const Node& node);

/// RFC 6901; empty for the document.
std::string pointer_of(const Node& node);

/// `FILE:LINE:COL` of the key, or of the value when there is no key.
std::string place_of(const Node& node);

/// Which of a node's tokens a finding is about.
enum class At { key, value };

/// Finds of the node's key (elements and the document: value) or its value.
void report(Diagnostics& out, Severity severity, const Node& node, At at, std::string message,
            std::string hint = {});
void error(Diagnostics& out, const Node& node, At at, std::string message, std::string hint = {});
void warning(Diagnostics& out, const Node& node, At at, std::string message, std::string hint = {});

/// A finding about some bytes of a node's value.
void error(Diagnostics& out, const Node& node, Token token, std::string message,
           std::string hint = {});

/// A finding about some bytes of a file.
void error(Diagnostics& out, const SourceFile& file, Token token, std::string message,
           std::string hint = {});

/// A finding about a file as a whole.
void error(Diagnostics& out, const std::string& file, std::string message);

}  // namespace gatehouse::config
