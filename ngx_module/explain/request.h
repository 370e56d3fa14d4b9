// A request that is explained: what it was on the wire, and what is told about it.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string>

#include "src/auth/explain_permission.h"

namespace gatehouse::explain_feature {

struct Explained {
    explicit Explained(auth::ExplainPermission of) : permission(std::move(of)) {}
    Explained(const Explained&) = delete;
    Explained& operator=(const Explained&) = delete;
    ~Explained();

    /// nullptr: the request is an ordinary one.
    static Explained* find(const ngx_http_request_t& r) noexcept;

    auth::ExplainPermission permission;
    ngx_uint_t wire_method = 0;
    ngx_str_t wire_method_name{};
    std::string text;        ///< the trace, once it is made
    bool told = false;       ///< the response is the trace
    bool text_sent = false;  ///< where nginx's own answer was on its way
};

/// For glue::Explainer: in the POST_READ phase. A request without a good permission stays what it
/// is.
ngx_int_t begin(ngx_http_request_t& r);

/// For glue::Explainer: in the PREACCESS phase.
ngx_int_t answer(ngx_http_request_t& r);

}  // namespace gatehouse::explain_feature
