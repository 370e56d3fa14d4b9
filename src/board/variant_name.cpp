// The key of a variant, taken apart again.
#include <algorithm>
#include <utility>

#include "src/board/key_text.h"
#include "src/board/variant_key.h"

namespace gatehouse::board {

namespace {

std::optional<KeyParameter> parameter_of(std::string_view pair)
{
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) {
        return std::nullopt;
    }
    auto name = decoded(pair.substr(0, equals));
    auto value = decoded(pair.substr(equals + 1));
    if (!name || !value) {
        return std::nullopt;
    }
    return KeyParameter{std::move(*name), std::move(*value)};
}

}  // namespace

std::optional<VariantName> split_variant_key(std::string_view key)
{
    const auto path_size = std::min(key.find('?'), key.size());
    auto path = decoded(key.substr(0, path_size));
    if (!path) {
        return std::nullopt;
    }
    VariantName name{std::move(*path), {}};
    for (auto rest = key.substr(path_size); !rest.empty();) {
        rest.remove_prefix(1);
        const auto pair = rest.substr(0, rest.find('&'));
        auto parameter = parameter_of(pair);
        if (!parameter || name.parameters.size() == most_variant_parameters) {
            return std::nullopt;
        }
        name.parameters.push_back(std::move(*parameter));
        rest.remove_prefix(pair.size());
    }
    const auto joined = join_variant_key(name.path, name.parameters);
    return joined && joined.key == key ? std::optional{std::move(name)} : std::nullopt;
}

}  // namespace gatehouse::board
