// Asks the rules of a location about a request.
#pragma once

#include "ngx_module/glue/ngx.h"

#include "ngx_module/limit/conf.h"
#include "ngx_module/limit/request.h"

namespace gatehouse::limit_feature {

struct Verdict {
    RequestState* state = nullptr;  ///< nullptr: no rule applies
    const limit::Charge* refusing = nullptr;
    const Applied* refused_by = nullptr;
    ngx_msec_t delay_ms = 0;
};

/// Charges all rules of the stage, or if one refuses, none. `state`: of the request, if it has one.
/// REQUIRES: a main request.
Verdict ask(ngx_http_request_t& r, const StageRules& rules, Stage stage, RequestState* state);

/// For how long rules make a request wait: as limit_req, the longest of all.
ngx_msec_t delay_of(std::span<const Applied> applied) noexcept;

/// What the other stages have charged a request that this one refuses.
void take_back_other_stages(const RequestState& state, Stage refusing) noexcept;

/// Charges the rules that count this status. The first call decides, further ones do nothing.
void charge_by_status(RequestState& state, ngx_uint_t status) noexcept;

}  // namespace gatehouse::limit_feature
