// nginx's own guards, as far as they can be asked without an effect.
//
// nginx has no names for the handlers of a phase, only their order, and that is the order of
// modules. So ours stand around those that are meant (see modules.c), and what was registered
// between two of ours is theirs.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string_view>
#include <vector>

#include "ngx_module/glue/trace.h"

namespace gatehouse::explain_feature {

// From postconfiguration, in the order of modules:
void note_begin_of_access(ngx_conf_t& cf) noexcept;  ///< before auth_basic and access
void note_end_of_access(ngx_conf_t& cf);             ///< behind them, before realip
void note_end_of_address(ngx_conf_t& cf);            ///< behind realip

/// What acts on the client's address at this point of the PREACCESS phase: realip.
void settle_address(ngx_http_request_t& r);

/// allow, deny and auth_basic, then gate_auth, as `satisfy` says.
void ask_for_access(ngx_http_request_t& r, glue::Trace& trace);

/// The directives of modules in this nginx that could not be asked: they count, or ask others.
std::vector<std::string_view> not_asked(const ngx_http_request_t& r);

}  // namespace gatehouse::explain_feature
