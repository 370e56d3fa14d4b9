// From the checked document to plain values: defaults filled in, paths made absolute.
#pragma once

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// Values of a wrong type count as not given, so that this runs on documents with errors too.
/// `directory`: what relative paths are relative to.
Config build(const Node& root, const std::string& file, const std::string& directory);

}  // namespace gatehouse::config
