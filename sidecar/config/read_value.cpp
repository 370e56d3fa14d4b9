#include "sidecar/config/read_value.h"

#include <cstdlib>
#include <limits>

#include "sidecar/base/units.h"

namespace gatehouse::config {

namespace {

template <class T, class U>
void assign(const std::optional<U>& value, T& out)
{
    if (value) {
        out = *value;
    }
}

/// An integer that the schema let through as `500.0` counts too.
std::optional<std::uint64_t> unsigned_of(const Node* node)
{
    const auto number = number_of(node);
    if (!number || *number < 0 || *number > 9e15) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(*number);
}

}  // namespace

void read(const Node* node, std::string& out)
{
    assign(text_of(node), out);
}

void read(const Node* node, std::optional<std::string>& out)
{
    assign(text_of(node), out);
}

void read(const Node* node, bool& out)
{
    assign(boolean_of(node), out);
}

void read(const Node* node, std::optional<bool>& out)
{
    assign(boolean_of(node), out);
}

void read(const Node* node, unsigned& out)
{
    const auto value = unsigned_of(node);
    if (value && *value <= std::numeric_limits<unsigned>::max()) {
        out = static_cast<unsigned>(*value);
    }
}

void read(const Node* node, std::uint64_t& out)
{
    assign(unsigned_of(node), out);
}

void read(const Node* node, std::optional<std::uint64_t>& out)
{
    assign(unsigned_of(node), out);
}

void read(const Node* node, std::vector<std::string>& out)
{
    if (node != nullptr && node->is_array()) {
        out = strings_of(node);
    }
}

void read_mode(const Node* node, unsigned& out)
{
    if (const auto text = text_of(node)) {
        out = static_cast<unsigned>(std::strtoul(text->c_str(), nullptr, 8));
    }
}

std::string absolute_path(const std::string& path, const std::string& directory)
{
    return path.empty() || path.front() == '/' ? path : directory + '/' + path;
}

void read_path(const Node* node, const std::string& directory, std::string& out)
{
    if (const auto text = text_of(node)) {
        out = absolute_path(*text, directory);
    }
}

std::string origin_of(const Node& node)
{
    const auto& token = node.name.empty() ? node.value : node.key;
    return node.file->path() + ':' + std::to_string(node.file->place(token.offset).line);
}

void read_size(const Node* node, std::uint64_t& out)
{
    if (const auto text = text_of(node)) {
        assign(sidecar::parse_size(*text), out);
    }
}

void read_duration(const Node* node, Milliseconds& out)
{
    if (const auto text = text_of(node)) {
        assign(sidecar::parse_duration(*text), out);
    }
}

void read_duration(const Node* node, std::optional<Milliseconds>& out)
{
    if (const auto text = text_of(node)) {
        assign(sidecar::parse_duration(*text), out);
    }
}

std::vector<std::string> strings_of(const Node* node)
{
    std::vector<std::string> out;
    if (auto text = text_of(node)) {
        out.push_back(std::move(*text));
    } else if (node != nullptr && node->is_array()) {
        for (const Node* child : node->children) {
            if (auto item = text_of(child)) {
                out.push_back(std::move(*item));
            }
        }
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> pairs_of(const Node* node)
{
    std::vector<std::pair<std::string, std::string>> out;
    if (node != nullptr && node->is_object()) {
        for (const Node* child : node->children) {
            if (auto text = text_of(child)) {
                out.emplace_back(child->name, std::move(*text));
            }
        }
    }
    return out;
}

}  // namespace gatehouse::config
