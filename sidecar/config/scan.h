// From the bytes of a file to a document whose every value knows its place.
//
// Comments (`//`, `/* */`) and a comma before a closing bracket are blanked with spaces, so that
// positions stay true. Our scanner finds the tokens; jansson decides what they mean, so numbers,
// escapes and UTF-8 are read by one parser.
#pragma once

#include "sidecar/config/node.h"

namespace gatehouse::config {

/// Limits that a configuration never needs to pass and a hostile one does.
struct ScanLimits {
    /// Of one load, all files together.
    static constexpr std::size_t bytes = 16u << 20;
    static constexpr unsigned depth = 64;
    static constexpr std::size_t values = 500'000;
};

/// Syntax errors (the first one) and duplicate keys (all) go to `out`. A document with duplicate
/// keys is returned all the same, the last value of each, so that later stages find what else is
/// wrong; null after a syntax error. REQUIRES: `file` is in tree.files and outlives the nodes.
Node* scan(const SourceFile& file, Tree& tree, Diagnostics& out);

/// Same length, comments and trailing commas replaced by spaces. An unterminated comment stays as
/// it is.
std::string blank_comments(std::string_view text);

}  // namespace gatehouse::config
