// One pass of the schema over a document. Internal to Schema.
#pragma once

#include "sidecar/config/schema.h"

namespace gatehouse::config {

class SchemaChecker {
public:
    SchemaChecker(const json_t* root, Diagnostics& out) : root_(root), out_(out) {}

    void check(Node& node, const json_t* schema);

private:
    bool check_type(Node& node, const json_t* schema);
    void check_constants(const Node& node, const json_t* schema);
    void check_string(const Node& node, const json_t* schema);
    void check_length(const Node& node, const json_t* schema, const std::string& text);
    void check_number(const Node& node, const json_t* schema);
    void check_array(Node& node, const json_t* schema);
    void check_unique(const Node& node);
    void check_object(Node& node, const json_t* schema);
    void check_required(const Node& node, const json_t* schema);
    void check_member(Node& member, const json_t* schema);
    void check_name(const Node& member, const json_t* schema);
    void unknown_key(const Node& member, const json_t* schema);
    void check_count(const Node& node, const json_t* schema, const char* least, const char* most);
    void check_one_of(Node& node, const json_t* schema);
    void check_branches(Node& node, const json_t* schema,
                        const std::vector<const json_t*>& branches);
    bool check_kind(Node& node, const json_t* branches);
    bool passes(Node& node, const json_t* schema);

    const json_t* resolve(const json_t* schema) const;
    const json_t* pattern_schema(const Node& member, const json_t* schema) const;

    const json_t* root_;
    Diagnostics& out_;
};

/// A string annotation of a schema; empty when it is not there.
std::string annotation(const json_t* schema, const char* name);

/// `"a", "b"`; with `one of ` before it when there are several; the nearest to `text` as a hint.
std::string joined(const std::vector<std::string>& names);
std::string one_of(const std::vector<std::string>& names);
std::string hint_for(const std::string& text, const std::vector<std::string>& names);

}  // namespace gatehouse::config
