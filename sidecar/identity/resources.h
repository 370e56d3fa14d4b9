// What the control API tells of tokens, and does with them:
//
//   GET  /v1/tokens[?user=U][&after=NUMBER][&most=N]
//   POST /v1/tokens                    {"name": …, "user": …, "scopes": […], …} → the token, once
//   POST /v1/tokens/import[?dry_run=true]    {"TOKEN": {"user": …, "scope": …}, …}
//   POST /v1/tokens/verify             {"token": …, "address": …}
//   GET  /v1/tokens/ID
//   POST /v1/tokens/ID/rotate          {"overlap": …, "expires": …} → the new token, once
//   POST /v1/tokens/ID/revoke
//
// Thread safety: none; lives on the loop.
#pragma once

#include <functional>
#include <vector>

#include "sidecar/base/resource.h"
#include "sidecar/identity/token_agent.h"

namespace gatehouse::identity {

/// `agent`: null where no state is configured; then every answer says so.
std::vector<sidecar::Resource> token_resources(const std::function<TokenAgent*()>& agent);

}  // namespace gatehouse::identity
