#include "ngx_module/glue/ngx.h"

#include "ngx_module/audit/record.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "ngx_module/audit/conf.h"
#include "ngx_module/audit/rings.h"
#include "ngx_module/glue/address.h"
#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/identity.h"
#include "ngx_module/glue/problem.h"
#include "src/http/request_id.h"
#include "src/telemetry/http_labels.h"

namespace gatehouse::audit_feature {

namespace {

static_assert(audit::no_zone == telemetry::no_zone);

using Bytes16 = std::array<std::uint8_t, 16>;

bool is_told(const glue::LastDecision& decision) noexcept
{
    return decision.audit == AuditLevel::on || (decision.audit == AuditLevel::denied &&
                                                decision.outcome == telemetry::Outcome::refused);
}

/// Eight hexadecimal digits as four bytes. What is no digit becomes some digit or other.
std::uint32_t bytes_of_digits(std::uint64_t word) noexcept
{
    // A digit's low half is its value, a letter's is 9 less; letters have bit 6.
    word = (word & 0x0f0f0f0f0f0f0f0f) + 9 * (word >> 6 & 0x0101010101010101);
    word = (word << 4 | word >> 8) & 0x00ff00ff00ff00ff;
    word = (word | word >> 8) & 0x0000ffff0000ffff;
    return static_cast<std::uint32_t>(word | word >> 16);
}

/// Letters have bit 6, those in lower case bit 5 too.
bool has_upper_case(std::uint64_t word) noexcept
{
    return (word & ~(word << 1) & 0x4040404040404040) != 0;
}

void take_digits(const char* digits, audit::Decision& line) noexcept
{
    for (std::size_t i = 0; i < line.request_id.size(); i += sizeof(std::uint32_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, digits + 2 * i, sizeof word);
        const auto four = bytes_of_digits(word);
        std::memcpy(line.request_id.data() + i, &four, sizeof four);
        line.request_id_form |= has_upper_case(word) ? audit::upper_case : audit::plain_id;
    }
}

void take_request_id(ngx_http_request_t& r, audit::Decision& line)
{
    const auto text = glue::request_id(r);
    if (text.size() == http::request_id_digits) {
        take_digits(text.data(), line);
    } else if (text.size() == http::uuid_size) {
        std::array<char, http::uuid_size> digits{};
        std::remove_copy(text.begin(), text.end(), digits.begin(), '-');
        line.request_id_form = audit::uuid_with_dashes;
        take_digits(digits.data(), line);
    }
}

Bytes16 client_of(const ngx_http_request_t& r) noexcept
{
    Bytes16 client{};
    const auto address = glue::address_of(*r.connection);
    if (address.size() == 4) {
        client[10] = client[11] = 0xff;
    }
    std::copy(address.begin(), address.end(), client.end() - std::ssize(address));
    return client;
}

std::array<char, 2> country_of(ngx_http_request_t& r)
{
    const auto* conf = static_cast<const MainConf*>(
        ngx_http_get_module_main_conf((&r), ngx_http_gatehouse_audit_module));
    if (conf->country_index == NGX_ERROR) {
        return {};
    }
    const auto* value =
        ngx_http_get_indexed_variable(&r, static_cast<ngx_uint_t>(conf->country_index));
    if (value == nullptr || value->not_found || value->len != 2) {
        return {};
    }
    return {static_cast<char>(value->data[0]), static_cast<char>(value->data[1])};
}

/// As nginx's own log has it.
std::uint16_t status_of(const ngx_http_request_t& r) noexcept
{
    return static_cast<std::uint16_t>(r.err_status != 0 ? r.err_status : r.headers_out.status);
}

audit::Decision describe(ngx_http_request_t& r, const glue::LastDecision& decision)
{
    audit::Decision line;
    line.at_ms = glue::now_ms();
    take_request_id(r, line);
    line.client = client_of(r);
    line.stage = static_cast<std::uint8_t>(decision.stage);
    line.verdict = static_cast<std::uint8_t>(decision.outcome);
    line.reason = static_cast<std::uint8_t>(decision.reason);
    line.method = telemetry::method_of_bits(r.method);
    line.status = status_of(r);
    line.endpoint = decision.endpoint;
    line.zone = decision.zone;
    line.rule = decision.rule;
    line.country = country_of(r);
    if (const auto* identity = glue::identity_of(*decision.of)) {
        line.user = identity->user;
        line.token_id = identity->token_id;
    }
    return line;
}

}  // namespace

ngx_int_t record(ngx_http_request_t& r)
{
    // Subrequests come here as well where log_subrequest is on.
    const auto* decision = &r == r.main ? glue::last_decision(r) : nullptr;
    if (decision == nullptr || !is_told(*decision)) {
        return NGX_OK;
    }
    if (const auto* ring = my_ring()) {
        audit::write(*ring, describe(r, *decision));
    }
    return NGX_OK;
}

}  // namespace gatehouse::audit_feature
