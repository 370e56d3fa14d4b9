// What requests may say to a card. Internal to the configuration.
#pragma once

#include <string>
#include <vector>

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

/// In the order of the file. A default that is no value of its parameter counts as not given.
std::vector<sidecar::Parameter> params_of(const Node* node);

/// The text that a default is read from: the string itself, a number or a boolean as a request
/// would write it. Nothing for null, lists and objects.
std::optional<std::string> default_text(const Node& node);

QueryOptions query_options_of(const Node* node);

/// The options that are on, in the order documents list them.
std::vector<std::string> names_of(const QueryOptions& options);

/// The `{name}` segments of a card's path, in their order.
std::vector<std::string> names_in_path(std::string_view path);

/// What schema and types alone cannot say about the requests that a card takes.
void check_requests(const Node& node, const Card& card, Diagnostics& out);

}  // namespace gatehouse::config
