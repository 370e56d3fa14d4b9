// Tokens that were made elsewhere, and what becomes of a list of them.
//
// Thread safety: as of the store.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sidecar/config/types.h"
#include "sidecar/identity/outcome.h"
#include "sidecar/identity/table_maker.h"
#include "sidecar/identity/token_request.h"
#include "sidecar/identity/token_store.h"

namespace gatehouse::identity {

struct ForeignToken {
    std::string text;
    TokenRequest request;
};

struct Imported {
    std::vector<WholeToken> tokens;
    std::size_t known = 0;  ///< that were there before, and stay as they are
};

/// An id that no token has.
Outcome<std::string> free_id(TokenStore& store);

/// All are sound, or it fails; they are put into the store unless it is a dry run. REQUIRES: a
/// Transaction, which the caller ends.
Outcome<Imported> import_foreign(TokenStore& store, const std::vector<ForeignToken>& tokens,
                                 const config::Tokens& limits, std::int64_t now_s, bool dry_run);

}  // namespace gatehouse::identity
