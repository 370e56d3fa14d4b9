// The catalogue of cards, for people and programs that look for data: what there is, how current it
// is, and why it is not where it is not.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::catalogue {

struct ListedCard {
    std::string name;
    std::string path;
    std::string shape;
    std::string refresh;
    std::string state;   ///< fresh, stale, failed, pending; of one computed on demand: on_demand
    std::string reason;  ///< of the last failure, where the last computation failed
    std::vector<std::string> formats;
    std::vector<std::string> require;
    std::int64_t last_refresh_ms = 0;  ///< Unix, verified at; 0: never
    std::int64_t last_change_ms = 0;   ///< Unix; 0: never
    std::optional<std::int64_t> next_refresh_ms;
    std::optional<std::uint64_t> rows;
    std::uint64_t bytes = 0;              ///< of all formats and encodings
    std::optional<std::size_t> variants;  ///< kept now
};

/// JSON; times as RFC 3339, ages in seconds.
std::string catalogue_json(const std::vector<ListedCard>& cards, std::int64_t now_ms);

}  // namespace gatehouse::catalogue
