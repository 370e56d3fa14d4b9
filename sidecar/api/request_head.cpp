#include "sidecar/api/request_head.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "src/http/path.h"
#include "src/http/token.h"

namespace gatehouse::api {

namespace bhttp = boost::beast::http;

namespace {

std::string_view view(boost::beast::string_view text)
{
    return {text.data(), text.size()};
}

/// Printable, and no longer than nginx's own by far.
bool is_request_id(std::string_view id)
{
    return !id.empty() && id.size() <= 64 &&
           std::all_of(id.begin(), id.end(), [](char c) { return http::is_token_char(c); });
}

/// 128 random bits. The system is asked for those of sixteen ids at once.
std::string random_id()
{
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::size_t bytes_each = 16;
    thread_local std::array<std::uint8_t, 16 * bytes_each> bytes;
    thread_local std::size_t used = bytes.size();
    if (used == bytes.size()) {
        if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
            return "unknown";
        }
        used = 0;
    }
    std::string id;
    for (const std::size_t end = used + bytes_each; used < end; ++used) {
        id += digits[bytes[used] >> 4];
        id += digits[bytes[used] & 15];
    }
    return id;
}

/// Of RFC 3986 §3.2: a registered name or an address, and perhaps a port.
bool is_host_char(char c)
{
    const char lower = to_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'z') ||
           std::string_view{"-._~!$&'()*+;=:[]%"}.find(c) != std::string_view::npos;
}

std::optional<Refusal> check_host(const Head& head)
{
    const auto count = head.count(bhttp::field::host);
    if (count > 1 || (count == 0 && head.version() >= 11)) {
        return Refusal{400, "A request has one Host."};
    }
    const auto host = view(head[bhttp::field::host]);
    const bool valid = std::all_of(host.begin(), host.end(), is_host_char);
    return valid && (count == 0 || !host.empty())
               ? std::nullopt
               : std::optional{Refusal{400, "The Host is malformed."}};
}

/// Whoever reads the length of a body otherwise than we do, reads another next request.
std::optional<Refusal> check_framing(const Head& head)
{
    const auto length = view(head[bhttp::field::content_length]);
    if (head.count(bhttp::field::content_length) > 1 ||
        !std::all_of(length.begin(), length.end(), is_digit)) {
        return Refusal{400, "A Content-Length is one whole number."};
    }
    const auto codings = head.count(bhttp::field::transfer_encoding);
    if (codings == 0) {
        return std::nullopt;
    }
    if (codings > 1 || head.version() < 11 || head.count(bhttp::field::content_length) != 0 ||
        !equals_ignoring_case(view(head[bhttp::field::transfer_encoding]), "chunked")) {
        return Refusal{400, "The only Transfer-Encoding is chunked, without a Content-Length."};
    }
    return std::nullopt;
}

std::optional<Refusal> read_target(std::string_view target, Request& request)
{
    if (target.size() > largest_target) {
        return Refusal{414, "A request's target has at most 8192 bytes."};
    }
    auto path = http::normal_path(raw_path(target));
    if (!path) {
        return Refusal{400, "The path is malformed."};
    }
    request.path = std::move(*path);
    const auto mark = target.find('?');
    if (mark != target.npos) {
        request.query = target.substr(mark + 1);
    }
    return std::nullopt;
}

}  // namespace

std::string_view raw_path(std::string_view target)
{
    return target.substr(0, target.find('?'));
}

std::optional<Refusal> read_head(const Head& head, Request& request)
{
    request.method = view(head.method_string());
    request.target = view(head.target());
    for (const auto& field : head) {
        request.fields.emplace_back(view(field.name_string()), view(field.value()));
    }
    const auto id = request.field("x-request-id");
    request.request_id = is_request_id(id) ? std::string{id} : random_id();
    if (head.version() != 10 && head.version() != 11) {
        return Refusal{505, "This is neither HTTP/1.1 nor HTTP/1.0."};
    }
    for (const auto check : {check_host, check_framing}) {
        if (auto refusal = check(head)) {
            return refusal;
        }
    }
    if (request.method == "CONNECT" || request.method == "TRACE") {
        return Refusal{405, "CONNECT and TRACE are not served here."};
    }
    return read_target(request.target, request);
}

}  // namespace gatehouse::api
