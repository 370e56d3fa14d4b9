// From a parsed request's line and fields to a Request, and what is refused of them.
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <optional>
#include <string>

#include "sidecar/base/api.h"

namespace gatehouse::api {

using Head = boost::beast::http::header<true, boost::beast::http::fields>;

struct Refusal {
    int status;
    std::string detail;
};

inline constexpr std::size_t largest_target = 8192;

/// Fills in all of the request but what its identity and its body say, as far as it goes. What is
/// refused leaves it open where the next request begins, or what it is about.
std::optional<Refusal> read_head(const Head& head, Request& request);

/// The raw path in a target.
std::string_view raw_path(std::string_view target);

}  // namespace gatehouse::api
