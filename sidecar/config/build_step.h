// A step's options, from the file and back. Internal to build.
#pragma once

#include <optional>
#include <vector>

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// `{"downsample": {"points": 500}}`: the one key names the step. Nothing when there is no key.
std::optional<Step> step_of(const Node& node);

/// Those of a list that have a name.
std::vector<Step> steps_of(const Node* node);

/// As the file would write them.
Json steps_as_json(const std::vector<Step>& steps);

}  // namespace gatehouse::config
