#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/require.h"

#include <algorithm>

#include "ngx_module/board/variants.h"
#include "ngx_module/glue/bearer.h"
#include "ngx_module/glue/identity.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/glue/worker_board.h"

namespace gatehouse::board_feature {

bool is_admitted(const ngx_http_request_t& r, std::string_view scopes) noexcept
{
    const auto* identity = glue::identity_of(r);
    if (identity == nullptr) {
        return false;
    }
    while (!scopes.empty()) {
        const auto name = scopes.substr(0, scopes.find(' '));
        if (!name.empty() && !identity->has_scope(name)) {
            return false;
        }
        scopes.remove_prefix(std::min(name.size() + 1, scopes.size()));
    }
    return true;
}

namespace {

/// REQUIRES: the path is a card's.
std::string_view required_scopes(const ngx_http_request_t& r) noexcept
{
    const auto path = glue::view(r.uri);
    const auto* entry = glue::worker_board().find(path);
    return entry != nullptr ? entry->published->view().require()
                            : card_paths()[card_paths().match(path)].require;
}

}  // namespace

ngx_int_t refuse_caller(ngx_http_request_t& r)
{
    using glue::BearerError;
    const bool known = glue::identity_of(r) != nullptr;
    const auto error = known ? BearerError::insufficient_scope : BearerError::no_credentials;
    const glue::Challenges challenges{glue::Challenges::default_realm, required_scopes(r)};
    return glue::refuse_bearer(r, error, glue::Pool{r.pool}.copy(challenges.of(error)),
                               known ? "The token does not have what this answer requires."
                                     : "This answer needs authentication.");
}

}  // namespace gatehouse::board_feature
