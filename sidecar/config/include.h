// The main file and every file it includes, as one document.
#pragma once

#include "sidecar/config/node.h"
#include "sidecar/config/substitute.h"

namespace gatehouse::config {

class Schema;

struct IncludeLimits {
    static constexpr unsigned depth = 8;
    static constexpr std::size_t files = 1000;
};

/// Reads `file`, then what its "include" names: globs relative to the including file, in sorted
/// order, recursively. Each file is scanned, substituted and checked against `schema` by itself.
/// Sections are merged; a key that two files give is an error that names both places. Null when the
/// main file is no JSON; otherwise the merged document, with whatever could be read.
Node* read_document(const std::string& file, const Variables& variables, const Schema& schema,
                    Tree& tree, Diagnostics& out);

}  // namespace gatehouse::config
