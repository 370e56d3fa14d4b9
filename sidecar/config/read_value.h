// Reads a node into a variable of the fitting type; a node that is missing or of another type
// leaves it as it is.
#pragma once

#include "sidecar/config/node.h"
#include "sidecar/config/types.h"

namespace gatehouse::config {

void read(const Node* node, std::string& out);
void read(const Node* node, std::optional<std::string>& out);
void read(const Node* node, bool& out);
void read(const Node* node, std::optional<bool>& out);
void read(const Node* node, unsigned& out);
void read(const Node* node, std::uint64_t& out);
void read(const Node* node, std::optional<std::uint64_t>& out);
void read(const Node* node, std::vector<std::string>& out);

/// An octal mode such as "0640".
void read_mode(const Node* node, unsigned& out);

/// A relative one is relative to `directory`.
std::string absolute_path(const std::string& path, const std::string& directory);
void read_path(const Node* node, const std::string& directory, std::string& out);

/// "FILE:LINE" of the key, or of an element.
std::string origin_of(const Node& node);

void read_size(const Node* node, std::uint64_t& out);
void read_duration(const Node* node, Milliseconds& out);
void read_duration(const Node* node, std::optional<Milliseconds>& out);

/// A string is a list of one; other elements are left out.
std::vector<std::string> strings_of(const Node* node);

/// The members whose values are strings, in the order of the file.
std::vector<std::pair<std::string, std::string>> pairs_of(const Node* node);

}  // namespace gatehouse::config
