// One GET, or POST, of a configured URL, by libcurl: bounded in time and size, no proxies of the
// environment, no cookies, and to no address that base/destination.h objects to. Redirects are
// followed if asked for, each hop to such an address only, never from https to http, and to another
// origin without the request's own fields.
//
// Thread safety: any thread; blocks it for as long as `timeout`.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/destination.h"
#include "src/base/result.h"

namespace gatehouse::sidecar {

struct FetchRequest {
    std::string url;  ///< http or https
    std::string accept = "*/*";
    std::string etag;           ///< of what is held: the answer may be "not modified"
    std::string last_modified;  ///< the same
    std::vector<std::pair<std::string, std::string>> fields = {};  ///< more, perhaps secret
    std::string body = {};          ///< to POST; empty: GET. REQUIRES: no redirects with it
    std::string content_type = {};  ///< of `body`
    std::string ca_file;            ///< instead of the system's; empty: the system's
    std::string unix_socket = {};   ///< connect there, whatever host the URL names; empty: to that
    Reach reach = Reach::internet;
    std::chrono::milliseconds timeout{5000};  ///< all hops together
    std::size_t largest_body = 1 << 20;       ///< decoded
    unsigned redirects = 0;                   ///< followed at most
    bool compressed = false;                  ///< whether the answer may be, and is decoded
    bool keep_fields = false;                 ///< whether all of the answer's are wanted
    bool header_suffices = false;  ///< a body that is too large, or does not end, is no error
};

struct Fetched {
    long status = 0;
    std::string body;
    /// Fields of the answer; empty: absent.
    std::string etag, last_modified, cache_control, age, retry_after;
    std::vector<std::pair<std::string, std::string>> fields;  ///< all, if asked for
};

/// Any status is a result. An error says what went wrong in one sentence, without the URL: a URL
/// may hold a secret.
Result<Fetched> fetch(const FetchRequest& request);

}  // namespace gatehouse::sidecar
