// The exception barrier: nothing thrown in our code may reach nginx's C frames. What nginx calls is
// one of these wrappers around a function of ours, and each states what a throw means there.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <type_traits>

namespace gatehouse::glue {

/// Logs the exception in flight. REQUIRES: to be called from a catch clause.
void log_caught(ngx_log_t* log) noexcept;

/// A phase or content handler. OnThrow is the failure policy: NGX_DECLINED fails open, an HTTP
/// status closed.
template <auto Body, ngx_int_t OnThrow>
ngx_int_t handler(ngx_http_request_t* r) noexcept
try {
    return Body(*r);
} catch (...) {
    log_caught(r->connection->log);
    return OnThrow;
}

/// What a filter does on its own behalf; the caller goes on to the next filter whatever happened.
template <auto Body>
void attempt(ngx_http_request_t* r) noexcept
try {
    Body(*r);
} catch (...) {
    log_caught(r->connection->log);
}

/// A variable's handler around `void Get(ngx_http_request_t&, ngx_http_variable_value_t&)`.
template <auto Get>
ngx_int_t evaluate(ngx_http_request_t* r, ngx_http_variable_value_t* value,
                   std::uintptr_t /*data*/) noexcept
try {
    Get(*r, *value);
    return NGX_OK;
} catch (...) {
    log_caught(r->connection->log);
    return NGX_ERROR;
}

/// The same for a variable with a prefix: Get gets the whole name as a third argument.
template <auto Get>
ngx_int_t evaluate_named(ngx_http_request_t* r, ngx_http_variable_value_t* value,
                         std::uintptr_t data) noexcept
try {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): nginx hands the name over as a number.
    Get(*r, *value, *reinterpret_cast<const ngx_str_t*>(data));
    return NGX_OK;
} catch (...) {
    log_caught(r->connection->log);
    return NGX_ERROR;
}

/// postconfiguration, preconfiguration.
template <auto Body>
ngx_int_t configure(ngx_conf_t* cf) noexcept
try {
    return Body(*cf);
} catch (...) {
    log_caught(cf->log);
    return NGX_ERROR;
}

/// create_*_conf.
template <auto Body>
void* create(ngx_conf_t* cf) noexcept
try {
    return Body(*cf);
} catch (...) {
    log_caught(cf->log);
    return nullptr;
}

/// merge_srv_conf, merge_loc_conf: Body(cf, outer, inner), which returns nothing, or false where it
/// refuses the configuration and has said why.
template <class Conf, auto Body>
char* merge(ngx_conf_t* cf, void* outer, void* inner) noexcept
try {
    auto& from = *static_cast<Conf*>(outer);
    auto& to = *static_cast<Conf*>(inner);
    if constexpr (std::is_void_v<decltype(Body(*cf, from, to))>) {
        Body(*cf, from, to);
        return NGX_CONF_OK;
    } else {
        return Body(*cf, from, to) ? NGX_CONF_OK : static_cast<char*>(NGX_CONF_ERROR);
    }
} catch (...) {
    log_caught(cf->log);
    return static_cast<char*>(NGX_CONF_ERROR);
}

/// init_module, init_process: a module that cannot start is logged and does nothing; nginx goes on.
template <auto Body>
ngx_int_t start(ngx_cycle_t* cycle) noexcept
try {
    Body(*cycle);
    return NGX_OK;
} catch (...) {
    log_caught(cycle->log);
    return NGX_OK;
}

/// exit_process, exit_master.
template <auto Body>
void finish(ngx_cycle_t* cycle) noexcept
try {
    Body(*cycle);
} catch (...) {
    log_caught(cycle->log);
}

/// An event or timer whose `data` is a T: calls the member.
template <class T, void (T::*Member)()>
void on_event(ngx_event_t* event) noexcept
try {
    (static_cast<T*>(event->data)->*Member)();
} catch (...) {
    log_caught(event->log);
}

/// An event of a connection whose `data` is a T: calls the member.
template <class T, void (T::*Member)()>
void on_connection_event(ngx_event_t* event) noexcept
try {
    auto* connection = static_cast<ngx_connection_t*>(event->data);
    (static_cast<T*>(connection->data)->*Member)();
} catch (...) {
    log_caught(event->log);
}

}  // namespace gatehouse::glue
