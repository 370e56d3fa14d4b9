// Directives and phases: the typed side of nginx's configuration.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <optional>
#include <span>
#include <string>

#include "ngx_module/glue/guard.h"

namespace gatehouse::glue {

inline constexpr ngx_uint_t http_levels =
    NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;

/// What a directive's set function returns.
inline constexpr char* accepted = nullptr;

/// nginx puts the directive's name before it, file and line after it.
inline char* duplicate() noexcept
{
    return const_cast<char*>("is duplicate");
}

/// Says what is wrong in nginx's own voice, which adds file and line.
char* refuse(ngx_conf_t& cf, const std::string& message) noexcept;

/// `invalid value "VALUE" in "DIRECTIVE" directive, it must be EXPECTED`.
char* refuse_value(ngx_conf_t& cf, const ngx_str_t& value, const std::string& expected);

/// "FILE:LINE" of the directive that is being read, for what can only be found wrong later.
std::string place_of(const ngx_conf_t& cf);

/// As refuse(), for the directive at that place.
ngx_int_t refuse_at(ngx_conf_t& cf, const std::string& place, const std::string& message) noexcept;
void warn_at(ngx_conf_t& cf, const std::string& place, const std::string& message) noexcept;

/// The words of the directive that is being read; [0] is its name.
inline std::span<const ngx_str_t> words(const ngx_conf_t& cf) noexcept
{
    return {static_cast<const ngx_str_t*>(cf.args->elts), cf.args->nelts};
}

/// Wraps `char* Set(ngx_conf_t&, Conf&)` as a directive's set function.
template <class Conf, char* (*Set)(ngx_conf_t&, Conf&)>
char* directive(ngx_conf_t* cf, ngx_command_t* /*command*/, void* conf) noexcept
try {
    return Set(*cf, *static_cast<Conf*>(conf));
} catch (...) {
    log_caught(cf->log);
    return static_cast<char*>(NGX_CONF_ERROR);
}

/// The value of a directive `NAME PATH | off;`. Off: an empty path.
using PathOrOff = std::optional<std::string>;

/// A relative path counts from the prefix, as everywhere in nginx.
char* read_path_or_off(ngx_conf_t& cf, PathOrOff& setting);

/// A time in milliseconds in nginx's units; nothing if it is none.
std::optional<ngx_msec_t> parse_time(ngx_str_t text) noexcept;

template <class Conf>
Conf& location_conf(const ngx_http_request_t& r, const ngx_module_t& module) noexcept
{
    return *static_cast<Conf*>(r.loc_conf[module.ctx_index]);
}

/// To be called from postconfiguration. A phase runs its handlers in reverse order of registration.
ngx_int_t on_phase(ngx_conf_t& cf, ngx_http_phases phase, ngx_http_handler_pt handler) noexcept;

}  // namespace gatehouse::glue
