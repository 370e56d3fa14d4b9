// A value with variables in it, compiled when the configuration is read.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <new>
#include <optional>
#include <string_view>

#include "ngx_module/glue/text.h"

namespace gatehouse::glue {

class ComplexValue {
public:
    /// Nothing if nginx refuses the text; it has said why.
    static std::optional<ComplexValue> compile(ngx_conf_t& cf, ngx_str_t text) noexcept
    {
        ComplexValue result;
        ngx_http_compile_complex_value_t compile{};
        compile.cf = &cf;
        compile.value = &text;
        compile.complex_value = &result.value_;
        if (ngx_http_compile_complex_value(&compile) != NGX_OK) {
            return std::nullopt;
        }
        result.find_variable(cf);
        return result;
    }

    bool has_variables() const noexcept { return value_.lengths != nullptr; }

    /// As it was written.
    std::string_view text() const noexcept { return view(value_.value); }

    /// Lives as long as the request.
    std::string_view evaluate(ngx_http_request_t& r) const
    {
        if (variable_ != NGX_ERROR) {
            return evaluate_variable(r);
        }
        ngx_str_t result;
        auto* value = const_cast<ngx_http_complex_value_t*>(&value_);
        if (ngx_http_complex_value(&r, value, &result) != NGX_OK) {
            throw std::bad_alloc{};
        }
        return view(result);
    }

private:
    static std::string_view view_of(const ngx_http_variable_value_t& value) noexcept
    {
        return value.not_found
                   ? std::string_view{}
                   : std::string_view{reinterpret_cast<const char*>(value.data), value.len};
    }

    /// As ngx_http_get_flushed_variable(), but what may not be remembered takes no detour.
    std::string_view evaluate_variable(ngx_http_request_t& r) const noexcept
    {
        const auto& kept = r.variables[variable_];
        if ((kept.valid || kept.not_found) && !kept.no_cacheable) {
            return view_of(kept);
        }
        const auto* core = static_cast<const ngx_http_core_main_conf_t*>(
            r.main_conf[ngx_http_core_module.ctx_index]);
        const auto& variable =
            static_cast<const ngx_http_variable_t*>(core->variables.elts)[variable_];
        if ((variable.flags & NGX_HTTP_VAR_NOCACHEABLE) != 0) {
            ngx_http_variable_value_t value{};
            return variable.get_handler(&r, &value, variable.data) == NGX_OK ? view_of(value)
                                                                             : std::string_view{};
        }
        const auto* value = ngx_http_get_indexed_variable(&r, static_cast<ngx_uint_t>(variable_));
        return value == nullptr ? std::string_view{} : view_of(*value);
    }

    /// One variable alone needs no script, which costs more than the variable.
    void find_variable(ngx_conf_t& cf) noexcept
    {
        const auto written = text();
        if (written.size() < 2 || written.front() != '$' ||
            written.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_", 1) !=
                std::string_view::npos ||
            (written[1] >= '0' && written[1] <= '9')) {
            return;
        }
        ngx_str_t name = lend(written.substr(1));
        variable_ = ngx_http_get_variable_index(&cf, &name);
    }

    ngx_http_complex_value_t value_{};
    ngx_int_t variable_ = NGX_ERROR;  ///< its index, where the value is nothing else
};

}  // namespace gatehouse::glue
