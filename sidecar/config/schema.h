// The schema checker: the part of JSON Schema 2020-12 that conf/gatehouse.schema.json uses.
//
// Keywords: $ref (into $defs), type, const, enum, properties, patternProperties, propertyNames,
// additionalProperties, required, minProperties, maxProperties, items, minItems, maxItems,
// uniqueItems, minimum, maximum, minLength, maxLength, pattern, format, oneOf. A oneOf takes the
// branch of the value's "kind", "on" or type, so that its errors are about that branch alone.
// Annotations of ours: x-expected (words for a value), x-noun (what a key names), x-secret (never
// shown), x-unused (a warning).
//
// Thread safety: immutable once made.
#pragma once

#include "sidecar/config/node.h"

namespace gatehouse::config {

class Schema {
public:
    /// REQUIRES: `text` is a JSON object; otherwise everything is accepted.
    explicit Schema(std::string_view text);

    /// The shipped schema, compiled in.
    static const Schema& shipped();

    /// Reports everything wrong below `node`. Strings that held a variable become the number or
    /// boolean the schema wants there, and values marked x-secret become secret.
    void check(Node& node, Diagnostics& out) const;

    const json_t* json() const noexcept { return json_.get(); }

private:
    Json json_;
};

/// `"name"` of the node or the nearest one above it that has a key: how messages name a value.
std::string label_of(const Node& node);

/// The node's value in words: the text in quotes, `the number 5`, `an object`; "•••" when it is
/// secret.
std::string describe(const Node& node);

}  // namespace gatehouse::config
