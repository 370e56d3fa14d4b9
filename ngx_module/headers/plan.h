// What a location does to the fields of its responses: preset and settings, taken together.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ngx_module/glue/complex_value.h"
#include "src/base/ascii.h"

namespace gatehouse::headers_feature {

/// A value with variables in it, made for each request. One in which $gate_csp_nonce is the only
/// variable needs no script, which costs more than the nonce.
class Value {
public:
    /// Nothing if nginx refuses the text; it has said why.
    static std::optional<Value> compile(ngx_conf_t& cf, ngx_str_t text);

    bool has_variables() const noexcept { return whole_.has_variables(); }
    bool has_nonce() const noexcept { return nonce_.has_value() || names_nonce_; }

    /// As it was written.
    std::string_view text() const noexcept { return whole_.text(); }

    /// Lives as long as the request.
    std::string_view evaluate(ngx_http_request_t& r) const;

    /// Whether the value may be anything, a line break too.
    bool is_foreign() const noexcept { return has_variables() && !nonce_; }

private:
    explicit Value(glue::ComplexValue whole) noexcept : whole_(whole) {}

    std::string_view fill_in(ngx_http_request_t& r) const;

    glue::ComplexValue whole_;
    bool names_nonce_ = false;
    std::optional<glue::ComplexValue> nonce_;  ///< where it is the only variable
    std::vector<std::string_view> around_;     ///< then: the text before, between and after it
    std::size_t fixed_size_ = 0;
};

/// A field whose value is made for each request.
struct ComputedField {
    std::string_view name;
    Value value;
};

/// Made when the configuration is read; the names and values in it live as long as it does.
class Plan {
public:
    /// From now on the field is ours: others of this name are removed from responses.
    void claim(std::string_view lower);

    /// Adds a field; it has been claimed. `name` ends with a NUL.
    void add(std::string_view name, std::string_view lower, Value value);

    /// nginx's own Server, which it makes where there is no other, is to be left out.
    void remove_server() noexcept { removes_server_ = true; }

    bool claims(std::string_view name) const noexcept
    {
        if ((sizes_ >> (name.size() % 64) & 1) == 0) {
            return false;
        }
        for (const auto lower : claimed_) {
            if (equals_ignoring_case(name, lower)) {
                return true;
            }
        }
        return false;
    }

    bool empty() const noexcept { return claimed_.empty(); }
    const std::vector<ngx_table_elt_t>& constant() const noexcept { return constant_; }
    const std::vector<ComputedField>& computed() const noexcept { return computed_; }

    /// Strict-Transport-Security, which means something over TLS alone.
    const std::optional<ComputedField>& transport() const noexcept { return transport_; }
    const std::optional<ComputedField>& server() const noexcept { return server_; }
    bool removes_server() const noexcept { return removes_server_; }

private:
    std::vector<std::string_view> claimed_;  ///< in lower case
    std::uint64_t sizes_ = 0;                ///< bit n: a name of n bytes is claimed
    std::vector<ngx_table_elt_t> constant_;
    std::vector<ComputedField> computed_;
    std::optional<ComputedField> transport_;
    std::optional<ComputedField> server_;
    bool removes_server_ = false;
};

}  // namespace gatehouse::headers_feature
