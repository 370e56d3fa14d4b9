#include "src/http/origin.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "src/base/ascii.h"

namespace gatehouse::http {

namespace {

constexpr std::size_t longest_label = 63;  // RFC 1035 §2.3.4

constexpr bool is_lower_alnum(char c) noexcept
{
    return is_digit(c) || (c >= 'a' && c <= 'z');
}

constexpr bool is_label_char(char c) noexcept
{
    return is_lower_alnum(c) || c == '-' || c == '_';
}

std::string lower(std::string_view text)
{
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), to_lower);
    return out;
}

/// By size first: most comparisons end there.
struct BySize {
    bool operator()(std::string_view a, std::string_view b) const noexcept
    {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
};

void insert(std::vector<std::string>& sorted, std::string_view origin)
{
    const auto place = std::lower_bound(sorted.begin(), sorted.end(), origin, BySize{});
    if (place == sorted.end() || *place != origin) {
        sorted.emplace(place, origin);
    }
}

/// An origin taken apart; all in lower case.
struct Parts {
    std::string scheme;
    std::string host;
    std::string port;  ///< ":8443", or empty where it is the scheme's own

    std::string text() const { return scheme + "://" + host + port; }
};

bool is_scheme(std::string_view text) noexcept
{
    return !text.empty() && text[0] >= 'a' && text[0] <= 'z' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_lower_alnum(c) || c == '+' || c == '-' || c == '.';
           });
}

bool is_ipv6(std::string_view host) noexcept
{
    return host.size() > 4 && host.front() == '[' && host.back() == ']' &&
           host.find_first_not_of("0123456789abcdef:.", 1) == host.size() - 1;
}

/// Labels, each of 1 to 63 characters; a last dot may follow.
bool is_host_name(std::string_view host) noexcept
{
    if (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    std::size_t label = 0;
    for (const char c : host) {
        label = c == '.' ? (label == 0 ? longest_label + 1 : 0) : label + 1;
        if (label > longest_label || (c != '.' && !is_label_char(c))) {
            return false;
        }
    }
    return label != 0;
}

std::optional<std::string> normal_port(std::string_view scheme, std::string_view digits)
{
    std::uint16_t port = 0;
    const auto* end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, port);
    if (error != std::errc{} || rest != end || port == 0) {
        return std::nullopt;
    }
    if ((scheme == "https" && port == 443) || (scheme == "http" && port == 80)) {
        return "";
    }
    return ":" + std::to_string(port);
}

/// Where the port's colon stands, or npos; those within [::1] are none.
std::size_t find_port(std::string_view authority) noexcept
{
    const auto bracket = authority.rfind(']');
    return authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
}

Result<Parts> take_apart(std::string_view written)
{
    const auto text = lower(written);
    const auto slashes = text.find("://");
    if (slashes == std::string::npos) {
        return Error{"an origin begins with its scheme, as in \"https://" + text + "\""};
    }
    Parts parts;
    parts.scheme = text.substr(0, slashes);
    if (!is_scheme(parts.scheme)) {
        return Error{"\"" + parts.scheme + "\" is no scheme"};
    }
    const auto authority = std::string_view{text}.substr(slashes + 3);
    const auto path = authority.find_first_of("/?#\\");
    if (path != std::string_view::npos) {
        return Error{"an origin has no path, write \"" + text.substr(0, slashes + 3 + path) + "\""};
    }
    const auto colon = find_port(authority);
    parts.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) {
        const auto port = normal_port(parts.scheme, authority.substr(colon + 1));
        if (!port) {
            return Error{"a port is a number from 1 to 65535"};
        }
        parts.port = *port;
    }
    return parts;
}

/// `*.com` would let in whoever buys a name, and `*.0.0.1` means addresses.
Result<void> check_wildcard(std::string_view domain)
{
    const auto last = domain.substr(domain.rfind('.') + 1);
    if (!is_host_name(domain) || std::all_of(last.begin(), last.end(), is_digit)) {
        return Error{
            "a \"*\" stands for the first label of a name, as in "
            "\"https://*.example.com\""};
    }
    if (domain.find('.') == std::string_view::npos && domain != "localhost") {
        return Error{"\"*." + std::string{domain} + "\" has everybody in it, name the domain"};
    }
    return {};
}

}  // namespace

Result<void> OriginSet::add(std::string_view text)
{
    if (text == "*") {
        all_ = true;
        return {};
    }
    if (text == "null") {
        has_null_ = true;
        insert(exact_, text);
        return {};
    }
    const auto parts = take_apart(text);
    if (!parts) {
        return parts.error();
    }
    if (parts->host.starts_with("*.")) {
        const auto domain = parts->host.substr(2);
        if (auto checked = check_wildcard(domain); !checked) {
            return checked;
        }
        wildcards_.push_back({parts->scheme + "://", "." + domain + parts->port});
        return {};
    }
    if (parts->host.find('*') != std::string::npos) {
        return check_wildcard("");
    }
    if (!is_host_name(parts->host) && !is_ipv6(parts->host)) {
        return Error{"\"" + parts->host +
                     "\" is no host name (other letters than a to z are written as \"xn--…\")"};
    }
    insert(exact_, parts->text());
    return {};
}

bool OriginSet::matches(const Wildcard& wildcard, std::string_view origin) noexcept
{
    const auto fixed = wildcard.before.size() + wildcard.after.size();
    if (origin.size() <= fixed || origin.size() > fixed + longest_label ||
        !origin.starts_with(wildcard.before) || !origin.ends_with(wildcard.after)) {
        return false;
    }
    const auto label = origin.substr(wildcard.before.size(), origin.size() - fixed);
    return std::all_of(label.begin(), label.end(), is_label_char);
}

bool OriginSet::contains(std::string_view origin) const noexcept
{
    if (all_ || std::binary_search(exact_.begin(), exact_.end(), origin, BySize{})) {
        return true;
    }
    return std::any_of(wildcards_.begin(), wildcards_.end(),
                       [&](const Wildcard& wildcard) { return matches(wildcard, origin); });
}

}  // namespace gatehouse::http
