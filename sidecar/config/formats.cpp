#include "sidecar/config/formats.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "sidecar/base/cron.h"
#include "sidecar/base/pattern.h"
#include "sidecar/base/suggest.h"
#include "sidecar/base/units.h"
#include "sidecar/config/source_file.h"

namespace gatehouse::config {

namespace {

using Finding = std::optional<Complaint>;

bool is_control(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7F';
}

bool has_control(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), is_control);
}

Finding complain(std::string message, std::string hint = {})
{
    return Complaint{std::move(message), std::move(hint)};
}

Finding expect(const std::string& expected, const char* otherwise, std::string hint = {})
{
    return complain("is not " + (expected.empty() ? std::string(otherwise) : expected),
                    std::move(hint));
}

bool is_number(const std::string& text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// `text` with every number replaced by 1: of the right form, if only its numbers are too large.
std::string with_small_numbers(const std::string& text)
{
    std::string out;
    for (const char c : text) {
        const bool digit = c >= '0' && c <= '9';
        if (!digit || !out.ends_with('1')) {
            out += digit ? '1' : c;
        }
    }
    return out;
}

Finding check_duration(const std::string& text, const std::string& expected)
{
    if (sidecar::parse_duration(text)) {
        return std::nullopt;
    }
    if (sidecar::parse_duration(with_small_numbers(text))) {
        return complain("is too long", "at most ten years, 3660d");
    }
    const std::string seconds = text + 's';
    const bool unit_missing = is_number(text) && sidecar::parse_duration(seconds);
    return expect(expected, "a duration", unit_missing ? "did you mean \"" + seconds + "\"?" : "");
}

Finding check_size(const std::string& text, const std::string& expected)
{
    if (sidecar::parse_size(text)) {
        return std::nullopt;
    }
    if (sidecar::parse_size(with_small_numbers(text))) {
        return complain("is too large", "at most " + sidecar::format_size(sidecar::largest_size));
    }
    return expect(expected, "a size");
}

Finding check_cron(const std::string& text, const std::string&)
{
    const auto cron = sidecar::CronExpression::parse(text);
    return cron ? std::nullopt
                : complain("is not a cron expression: " + printable(cron.error().message));
}

std::vector<std::string> zone_names()
try {
    std::vector<std::string> names;
    for (const date::time_zone& zone : date::get_tzdb().zones) {
        names.push_back(zone.name());
    }
    return names;
} catch (...) {
    return {};
}

Finding check_timezone(const std::string& text, const std::string&)
{
    if (sidecar::find_time_zone(text) != nullptr) {
        return std::nullopt;
    }
    const std::vector<std::string> names = zone_names();
    if (names.empty()) {
        return complain("cannot be looked up: this system has no time zone database",
                        "install tzdata");
    }
    const auto near = sidecar::did_you_mean(text, names);
    return complain("is not an IANA time zone", near ? "did you mean \"" + *near + "\"?" : "");
}

Finding check_path(const std::string& text, const std::string&)
{
    if (has_control(text)) {
        return complain("has a control character");
    }
    if (text.find("://") != std::string::npos) {
        return complain("is a URL; only files of this machine are read");
    }
    return std::nullopt;
}

bool has_segment(std::string_view path, std::string_view segment)
{
    const std::string inner = '/' + std::string(segment) + '/';
    return (std::string(path) + '/').find(inner) != std::string::npos;
}

struct ForbiddenCharacter {
    char character;
    const char* reason;
};

constexpr std::array<ForbiddenCharacter, 3> forbidden_in_url_path{{
    {'?', "has a \"?\": the query is not part of a card's path"},
    {'#', "has a \"#\": a fragment never reaches the server"},
    {'\\', "has a backslash"},
}};

/// Where a brace is, it is one of a whole segment `{name}`, each name once.
bool has_stray_brace(std::string_view path)
{
    std::set<std::string_view> names;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        if (segment.find_first_of("{}") == segment.npos) {
            continue;
        }
        const bool whole = segment.size() > 2 && segment.front() == '{' && segment.back() == '}' &&
                           segment.find_first_of("{}", 1) == segment.size() - 1;
        if (!whole || !names.insert(segment).second) {
            return true;
        }
    }
    return false;
}

// nginx matches the decoded path after it has resolved dots and merged slashes, so others never
// match.
Finding check_url_path(const std::string& text, const std::string&)
{
    if (text.empty() || text.front() != '/') {
        return complain("does not start with \"/\"");
    }
    if (has_control(text)) {
        return complain("has a control character");
    }
    if (has_segment(text, "..") || has_segment(text, ".")) {
        return complain("has a segment \".\" or \"..\"");
    }
    if (text.find("//") != std::string::npos) {
        return complain("has an empty segment");
    }
    for (const ForbiddenCharacter& forbidden : forbidden_in_url_path) {
        if (text.find(forbidden.character) != std::string::npos) {
            return complain(forbidden.reason);
        }
    }
    if (has_stray_brace(text)) {
        return complain(
            "has a brace that is not of a whole segment such as \"/{id}/\", or a name twice");
    }
    return std::nullopt;
}

Finding check_regex(const std::string& text, const std::string&)
{
    return sidecar::is_pattern(text) ? std::nullopt
                                     : complain("is not a regular expression (PCRE2)");
}

Finding check_header_value(const std::string& text, const std::string&)
{
    if (has_control(text)) {
        return complain("has a control character");
    }
    if (!text.empty() && (text.front() == ' ' || text.back() == ' ')) {
        return complain("starts or ends with a space");
    }
    return std::nullopt;
}

struct Format {
    std::string_view name;
    Finding (*check)(const std::string& text, const std::string& expected);
};

constexpr std::array<Format, 8> formats{{
    {"gate-duration", check_duration},
    {"gate-size", check_size},
    {"gate-cron", check_cron},
    {"gate-timezone", check_timezone},
    {"gate-path", check_path},
    {"gate-url-path", check_url_path},
    {"gate-header-value", check_header_value},
    {"gate-regex", check_regex},
}};

const Format* find_format(std::string_view name)
{
    const auto at = std::find_if(formats.begin(), formats.end(),
                                 [&](const Format& format) { return format.name == name; });
    return at == formats.end() ? nullptr : &*at;
}

}  // namespace

bool is_format(std::string_view name)
{
    return find_format(name) != nullptr;
}

std::optional<Complaint> check_format(std::string_view format, const std::string& text,
                                      const std::string& expected)
{
    const Format* known = find_format(format);
    return known == nullptr ? std::nullopt : known->check(text, expected);
}

}  // namespace gatehouse::config
