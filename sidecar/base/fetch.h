// One GET of a configured URL, by libcurl: bounded in time and size, no redirects, no proxies of
// the environment, no cookies, and to no address that base/destination.h objects to.
//
// Thread safety: any thread; blocks it for as long as `timeout`.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "sidecar/base/destination.h"
#include "src/base/result.h"

namespace gatehouse::sidecar {

struct FetchRequest {
    std::string url;  ///< http or https
    std::string accept = "*/*";
    std::string etag;           ///< of what is held: the answer may be "not modified"
    std::string last_modified;  ///< the same
    std::string ca_file;        ///< instead of the system's; empty: the system's
    Reach reach = Reach::internet;
    std::chrono::milliseconds timeout{5000};
    std::size_t largest_body = 1 << 20;
};

struct Fetched {
    long status = 0;
    std::string body;
    std::string etag, last_modified, cache_control, age;  ///< fields of the answer; empty: absent
};

/// Any status is a result. An error says what went wrong in one sentence, without the URL: a URL
/// may hold a secret.
Result<Fetched> fetch(const FetchRequest& request);

}  // namespace gatehouse::sidecar
