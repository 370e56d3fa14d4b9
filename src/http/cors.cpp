#include "src/http/cors.h"

#include <algorithm>

#include "src/base/ascii.h"
#include "src/http/token.h"

namespace gatehouse::http {

namespace {

constexpr char to_upper(char c) noexcept
{
    return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
}

bool allows(const NameList& allowed, std::string_view requested) noexcept
{
    if (requested.size() > max_requested_headers_bytes) {
        return false;
    }
    while (!requested.empty()) {
        const auto name = take_member(requested);
        if (!name.empty() && (!is_token(name) || !allowed.contains(name))) {
            return false;
        }
    }
    return true;
}

}  // namespace

Result<NameList> NameList::parse(Kind kind, std::string_view list)
{
    NameList result;
    result.kind_ = kind;
    if (trim_ows(list) == "*") {
        result.all_ = true;
        result.text_ = "*";
        return result;
    }
    for (bool more = true; more;) {
        more = list.find(',') != std::string_view::npos;
        const auto word = take_member(list);
        if (!is_token(word)) {
            return Error{"\"" + std::string{word} + "\" is no name"};
        }
        if (word == "*") {
            return Error{"\"*\" stands for all names, and alone"};
        }
        std::string shown{word};
        if (kind == Kind::methods) {
            std::transform(shown.begin(), shown.end(), shown.begin(), to_upper);
        }
        if (result.contains(shown)) {
            continue;
        }
        result.text_.append(result.text_.empty() ? "" : ", ").append(shown);
        if (kind == Kind::fields) {
            std::transform(shown.begin(), shown.end(), shown.begin(), to_lower);
        }
        result.names_.push_back(std::move(shown));
    }
    return result;
}

bool NameList::contains(std::string_view name) const noexcept
{
    if (all_) {
        return true;
    }
    return std::any_of(names_.begin(), names_.end(), [&](std::string_view known) {
        return kind_ == Kind::fields ? equals_ignoring_case(name, known) : name == known;
    });
}

std::optional<PreflightGrant> grant(const CorsRules& rules, std::string_view method,
                                    std::string_view headers) noexcept
{
    if (!is_token(method) || !rules.methods.contains(method) || !allows(rules.headers, headers)) {
        return std::nullopt;
    }
    return PreflightGrant{
        rules.methods.all() ? method : std::string_view{rules.methods.text()},
        rules.headers.all() ? headers : std::string_view{rules.headers.text()},
    };
}

}  // namespace gatehouse::http
