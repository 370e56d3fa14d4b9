#include "sidecar/api/router.h"

#include <optional>
#include <set>

namespace gatehouse::api {

namespace {

constexpr std::string_view placeholder = "{name}";

/// The higher, the earlier its turn; a prefix has its length.
constexpr std::size_t named_rank = std::size_t{1} << 30;
constexpr std::size_t exact_rank = named_rank + 1;

struct Fit {
    std::size_t rank = 0;
    std::string_view name;
};

std::optional<Fit> fit_named(std::string_view pattern, std::size_t at, std::string_view path)
{
    const auto before = pattern.substr(0, at);
    const auto after = pattern.substr(at + placeholder.size());
    if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
        !path.ends_with(after)) {
        return std::nullopt;
    }
    const auto name = path.substr(before.size(), path.size() - before.size() - after.size());
    return name.find('/') == name.npos ? std::optional{Fit{named_rank, name}} : std::nullopt;
}

std::optional<Fit> fit(std::string_view pattern, std::string_view path)
{
    if (pattern == path) {
        return Fit{exact_rank, {}};
    }
    if (const auto at = pattern.find(placeholder); at != pattern.npos) {
        return fit_named(pattern, at, path);
    }
    if (pattern.ends_with("/*")) {
        const auto prefix = pattern.substr(0, pattern.size() - 1);
        return path.starts_with(prefix)
                   ? std::optional{Fit{prefix.size(), path.substr(prefix.size())}}
                   : std::nullopt;
    }
    return std::nullopt;
}

bool answers(const Route& route, std::string_view method)
{
    return route.method == method || (route.method == "GET" && method == "HEAD");
}

std::string joined(const std::set<std::string_view>& methods)
{
    std::string list;
    for (const auto method : methods) {
        list.append(list.empty() ? "" : ", ").append(method);
    }
    return list;
}

}  // namespace

void Router::add(Route route)
{
    routes_.push_back(std::move(route));
}

void Router::add(std::vector<Route> routes)
{
    for (auto& route : routes) {
        add(std::move(route));
    }
}

void Router::set_fallback(std::function<void(const RequestPtr&, Reply)> handle)
{
    fallback_ = Route{.method = "GET", .path = {}, .handle = std::move(handle)};
}

Router::Found Router::find(std::string_view method, std::string_view path) const
{
    Found found;
    std::size_t best = 0;
    std::set<std::string_view> methods;
    for (const auto& route : routes_) {
        const auto fits = fit(route.path, path);
        if (!fits) {
            continue;
        }
        methods.insert(route.method);
        if (route.method == "GET") {
            methods.insert("HEAD");
        }
        if (answers(route, method) && fits->rank > best) {
            best = fits->rank;
            found.route = &route;
            found.name = fits->name;
        }
    }
    if (found.route == nullptr && methods.empty() && fallback_.handle &&
        answers(fallback_, method)) {
        found.route = &fallback_;
    }
    if (found.route == nullptr) {
        found.allow = joined(methods);
    }
    return found;
}

}  // namespace gatehouse::api
