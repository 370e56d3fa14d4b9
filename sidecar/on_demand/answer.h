// What the sidecar itself answers to a request for an on-demand card: a snapshot's bytes by the
// rules that workers follow for the board's, or a problem.
//
// Thread safety: free functions without state.
#pragma once

#include "sidecar/base/api.h"
#include "sidecar/on_demand/work.h"

namespace gatehouse::on_demand {

/// A snapshot in the format and encoding that the request asks for, or 304 or 412 by its
/// conditions; a failure as a problem.
api::Response answer_to(const api::Request& request, const Reply& reply, std::int64_t now_unix_ms);

/// 400 with `invalid-params`.
api::Response refuse(const api::Request& request, const std::vector<InvalidParam>& invalid);

}  // namespace gatehouse::on_demand
