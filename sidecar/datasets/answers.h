// Datasets as JSON.
#pragma once

#include <string>
#include <vector>

#include "sidecar/datasets/agent.h"

namespace gatehouse::datasets {

std::string json_of(const Summary& summary);

/// `{"datasets": […]}`
std::string json_of(const std::vector<Summary>& summaries);

}  // namespace gatehouse::datasets
