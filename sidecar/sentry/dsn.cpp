#include "sidecar/sentry/dsn.h"

namespace gatehouse::sentry {

namespace {

std::string_view take_until(std::string_view& text, std::string_view end)
{
    const auto at = text.find(end);
    const auto part = text.substr(0, at);
    text.remove_prefix(at == text.npos ? text.size() : at + end.size());
    return part;
}

}  // namespace

std::optional<Dsn> parse_dsn(std::string_view text)
{
    if (text.find("://") == text.npos || text.find('@') == text.npos) {
        return std::nullopt;
    }
    const auto protocol = take_until(text, "://");
    auto keys = take_until(text, "@");
    const auto slash = text.rfind('/');
    if ((protocol != "https" && protocol != "http") || slash == text.npos || slash == 0 ||
        slash + 1 == text.size() || text.find_first_of("?# \r\n") != text.npos ||
        keys.find_first_of("/,= \r\n") != keys.npos) {
        return std::nullopt;
    }
    const auto project = text.substr(slash + 1);
    Dsn dsn;
    dsn.public_key = take_until(keys, ":");
    dsn.secret_key = keys;
    const auto path = text.find('/');
    dsn.url.append(protocol).append("://").append(text.substr(0, path));
    dsn.url.append(text.substr(path, slash - path)).append("/api/").append(project);
    dsn.url += "/envelope/";
    return dsn.public_key.empty() ? std::nullopt : std::optional{dsn};
}

std::string auth_field(const Dsn& dsn)
{
    std::string field = "Sentry sentry_version=7, sentry_client=gatehouse/" GATEHOUSE_VERSION
                        ", sentry_key=" +
                        dsn.public_key;
    return dsn.secret_key.empty() ? field : field + ", sentry_secret=" + dsn.secret_key;
}

}  // namespace gatehouse::sentry
