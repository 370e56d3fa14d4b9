// The OpenAPI 3.1 description of all cards: made of the configuration, and of the columns that each
// card's last result had.
//
// Thread safety: free functions without state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/table.h"
#include "sidecar/config/types.h"

namespace gatehouse::catalogue {

/// A card, and its columns where a result of it is known.
struct DescribedCard {
    const config::Card* card = nullptr;
    std::optional<std::vector<sidecar::Column>> columns = std::nullopt;
};

/// JSON. Names, paths, parameters and types; no SQL, no source, no place in a file.
std::string openapi_json(const std::vector<DescribedCard>& cards);

/// The JSON Schema (2020-12) of a card's answer in the format json; `{}` where its columns are not
/// known.
std::string answer_schema(const DescribedCard& card);

}  // namespace gatehouse::catalogue
