// Tokens as the control API tells them.
#pragma once

#include <cstdint>
#include <string_view>

#include "sidecar/base/json_writer.h"
#include "sidecar/identity/token_keeper.h"
#include "src/auth/token_tables.h"

namespace gatehouse::identity {

/// "active", "revoked", "expired", "not_yet_valid"
std::string_view state_of(const Token& token, std::int64_t now_s);

/// Members of an object that the caller opens and closes.
void write_members(sidecar::JsonWriter& json, const Token& token, std::int64_t now_s);

void write(sidecar::JsonWriter& json, const WholeToken& whole, std::int64_t now_s);
void write(sidecar::JsonWriter& json, const IssuedToken& issued, std::int64_t now_s);
void write(sidecar::JsonWriter& json, const Imported& imported, std::int64_t now_s);
void write(sidecar::JsonWriter& json, const auth::TokenVerdict& verdict);

}  // namespace gatehouse::identity
