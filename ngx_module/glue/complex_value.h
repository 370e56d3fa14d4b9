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
            const auto* value =
                ngx_http_get_flushed_variable(&r, static_cast<ngx_uint_t>(variable_));
            return value == nullptr || value->not_found
                       ? std::string_view{}
                       : std::string_view{reinterpret_cast<const char*>(value->data), value->len};
        }
        ngx_str_t result;
        auto* value = const_cast<ngx_http_complex_value_t*>(&value_);
        if (ngx_http_complex_value(&r, value, &result) != NGX_OK) {
            throw std::bad_alloc{};
        }
        return view(result);
    }

private:
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
