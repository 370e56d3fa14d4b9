// From the database to the tables that workers read (src/auth/token_table.h).
//
// Thread safety: free functions; they block.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sidecar/identity/token_store.h"
#include "src/base/result.h"
#include "src/base/sealed_memory.h"

namespace gatehouse::identity {

struct MadeTable {
    std::shared_ptr<const SealedMemory> memory;
    std::uint64_t checksum = 0;
    std::int64_t revision = 0;  ///< of the tokens it holds
    std::size_t records = 0;
};

/// Every token. Reads by a connection of its own what is committed when it begins.
Result<MadeTable> make_base(const std::string& path);

/// A token with all its secrets.
struct WholeToken {
    Token token;
    std::vector<Secret> secrets;
};

/// These tokens, as changes to the base with that checksum.
Result<MadeTable> make_changes(std::span<const WholeToken* const> tokens, std::int64_t revision,
                               std::uint64_t base_checksum);

}  // namespace gatehouse::identity
