#include "ngx_module/glue/ngx.h"

#include "ngx_module/headers/plan.h"

#include <algorithm>
#include <cctype>
#include <new>

namespace gatehouse::headers_feature {

namespace {

ngx_table_elt_t make_field(std::string_view name, std::string_view value) noexcept
{
    ngx_table_elt_t field{};
    field.hash = 1;
    field.key = glue::lend(name);
    field.value = glue::lend(value);
    return field;
}

}  // namespace

std::optional<Value> Value::compile(ngx_conf_t& cf, ngx_str_t text)
{
    constexpr std::string_view nonce = "$gate_csp_nonce";
    auto whole = glue::ComplexValue::compile(cf, text);
    if (!whole) {
        return std::nullopt;
    }
    Value value{*whole};
    auto rest = value.text();
    value.names_nonce_ = rest.find(nonce.substr(1)) != std::string_view::npos;
    for (auto place = rest.find(nonce); place != std::string_view::npos; place = rest.find(nonce)) {
        value.around_.push_back(rest.substr(0, place));
        rest.remove_prefix(place + nonce.size());
        if (!rest.empty() &&
            (rest[0] == '_' || std::isalnum(static_cast<unsigned char>(rest[0])))) {
            return value;  // a longer name
        }
    }
    value.around_.push_back(rest);
    for (const auto piece : value.around_) {
        if (piece.find('$') != std::string_view::npos) {
            return value;  // another variable
        }
        value.fixed_size_ += piece.size();
    }
    if (value.names_nonce_) {
        value.nonce_ = glue::ComplexValue::compile(cf, glue::lend(nonce));
    }
    return value;
}

std::string_view Value::evaluate(ngx_http_request_t& r) const
{
    if (!has_variables()) {
        return text();
    }
    return nonce_ ? fill_in(r) : whole_.evaluate(r);
}

std::string_view Value::fill_in(ngx_http_request_t& r) const
{
    const auto nonce = nonce_->evaluate(r);
    const auto size = fixed_size_ + (around_.size() - 1) * nonce.size();
    auto* const begin = static_cast<char*>(ngx_pnalloc(r.pool, size));
    if (begin == nullptr) {
        throw std::bad_alloc{};
    }
    char* out = std::copy(around_[0].begin(), around_[0].end(), begin);
    for (std::size_t i = 1; i < around_.size(); ++i) {
        out = std::copy(nonce.begin(), nonce.end(), out);
        out = std::copy(around_[i].begin(), around_[i].end(), out);
    }
    return {begin, size};
}

void Plan::claim(std::string_view lower)
{
    claimed_.push_back(lower);
    sizes_ |= std::uint64_t{1} << (lower.size() % 64);
}

void Plan::add(std::string_view name, std::string_view lower, Value value)
{
    ComputedField field{name, std::move(value)};
    if (lower == "strict-transport-security") {
        transport_ = std::move(field);
    } else if (lower == "server") {
        server_ = std::move(field);
    } else if (field.value.has_variables()) {
        computed_.push_back(std::move(field));
    } else {
        constant_.push_back(make_field(name, field.value.text()));
    }
}

}  // namespace gatehouse::headers_feature
