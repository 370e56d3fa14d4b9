// A pointer that a feature keeps in a request. It outlives internal redirects, which wipe what
// modules keep in `r->ctx`: it lies where the value of a variable would be, one that no
// configuration can name. Subrequests share the one of their main request.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <string_view>

#include "ngx_module/glue/text.h"

namespace gatehouse::glue {

class RequestSlot {
public:
    /// To be called from preconfiguration. `name` has a character that is in no variable's name.
    ngx_int_t reserve(ngx_conf_t& cf, std::string_view name) noexcept
    {
        ngx_str_t text = lend(name);
        auto* variable = ngx_http_add_variable(&cf, &text, NGX_HTTP_VAR_NOHASH);
        if (variable == nullptr) {
            return NGX_ERROR;
        }
        variable->get_handler = no_value;
        index_ = ngx_http_get_variable_index(&cf, &text);
        return index_ == NGX_ERROR ? NGX_ERROR : NGX_OK;
    }

    /// Of a request of this configuration; nullptr before set().
    void* get(const ngx_http_request_t& r) const noexcept { return r.variables[index_].data; }

    void set(ngx_http_request_t& r, void* value) const noexcept
    {
        r.variables[index_].data = static_cast<u_char*>(value);
    }

private:
    static ngx_int_t no_value(ngx_http_request_t* /*r*/, ngx_http_variable_value_t* value,
                              std::uintptr_t /*data*/) noexcept
    {
        value->not_found = 1;
        return NGX_OK;
    }

    ngx_int_t index_ = NGX_ERROR;
};

}  // namespace gatehouse::glue
