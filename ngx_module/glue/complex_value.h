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
        return result;
    }

    bool has_variables() const noexcept { return value_.lengths != nullptr; }

    /// As it was written.
    std::string_view text() const noexcept { return view(value_.value); }

    /// Lives as long as the request.
    std::string_view evaluate(ngx_http_request_t& r) const
    {
        ngx_str_t result;
        auto* value = const_cast<ngx_http_complex_value_t*>(&value_);
        if (ngx_http_complex_value(&r, value, &result) != NGX_OK) {
            throw std::bad_alloc{};
        }
        return view(result);
    }

private:
    ngx_http_complex_value_t value_{};
};

}  // namespace gatehouse::glue
