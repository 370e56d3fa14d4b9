// Fuzzes the key of a variant, made of a request and taken apart: whatever the bytes are, a key is
// short visible ASCII, comes apart into what makes the same key again, and does so as a request.
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/board/variant_key.h"

namespace {

using namespace gatehouse::board;

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

void check_key(std::string_view key)
{
    require(key.size() <= longest_variant_key && key.starts_with('/'));
    for (const char c : key) {
        require(c > ' ' && c < '\x7f');
    }
    const auto name = split_variant_key(key);
    require(name.has_value());
    require(name->parameters.size() <= most_variant_parameters);
    require(join_variant_key(name->path, name->parameters).key == key);

    const auto path_size = std::min(key.find('?'), key.size());
    const auto query = key.substr(std::min(path_size + 1, key.size()));
    std::array<char, longest_variant_key> again;
    require(variant_key(name->path, query, again).key == key);
}

void check_request(std::string_view path, std::string_view query)
{
    // On the heap, so that what lies outside is seen.
    const std::string own_path{path};
    const std::string own_query{query};
    std::array<char, longest_variant_key> buffer;
    if (const auto made = variant_key(own_path, own_query, buffer)) {
        check_key(made.key);
        require(split_variant_key(made.key)->path == own_path);
    } else {
        require(!describe(made.flaw).empty());
    }
}

void check_target(std::string_view target)
{
    if (const auto path = normalized_path(target)) {
        require(path->starts_with('/') && path->find("//") == std::string::npos);
        require(path->find("/../") == std::string::npos && path->find('\0') == std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto path = text.substr(0, text.find('?'));
    check_request(path, text.substr(std::min(path.size() + 1, text.size())));
    check_request(text, {});
    check_request("/a", text);
    check_target(text);
    if (split_variant_key(text)) {
        check_key(text);
    }
    return 0;
}
