// A source of kind history as relations of SQL, by what it is of:
//
//     traffic   NAME        one row of each endpoint and step
//               NAME_all    one of each step: all endpoints together
//               NAME_total  one of each endpoint, and one of all together: all steps together
//     checks    NAME        one of each check and step
//     results   NAME        one of each result that is kept
//
// Thread safety: free functions; the book is locked by itself. What reads it blocks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/relation.h"
#include "sidecar/config/types.h"
#include "sidecar/history/book.h"
#include "sidecar/sources/sources.h"
#include "src/base/result.h"

namespace gatehouse::app {

bool is_of_history(const config::Source& source);
std::vector<std::string> sources_of_history(const config::Config& config);

/// Over the state's database; without one, of what memory holds.
std::shared_ptr<history::Book> open_book(const config::State& state);
history::Connect connect_history(const config::State& state);

/// Equal as long as no step was finished and no result came.
sources::Fingerprint fingerprint_of_history(const history::Book* book,
                                            const config::Source& source);

/// `sql`: of the card; relations that it does not name are not made. Nothing: all are.
Result<std::vector<sidecar::Relation>> relations_of_history(
    history::Book* book, const config::Source& source,
    const std::optional<std::string>& sql = std::nullopt);

}  // namespace gatehouse::app
