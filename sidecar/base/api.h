// Requests that nginx sends on to the sidecar's API socket, and their answers: what an area that
// answers there needs to know. sidecar/api/ reads and writes them.
//
// Thread safety: none; everything is called, and calls back, on the loop. A Request and Bytes do
// not change once they are made: any thread may read them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/ascii.h"

namespace gatehouse::api {

/// Whom a verified Gate-Identity names (src/auth/identity_claims.h). What a claim does not say is
/// empty.
struct Caller {
    std::string user{};
    std::string method{};  ///< by which he proved it: "token", "jwt"
    std::string token_id{};
    std::string plan{};
    std::vector<std::string> scopes{};
    std::vector<std::string> roles{};
    std::string request_id{};

    bool has_scope(std::string_view scope) const
    {
        return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
    }
};

using Field = std::pair<std::string, std::string>;  ///< name, value

struct Request {
    std::string method;
    std::string target;  ///< as it came: path and query
    std::string path;    ///< decoded and normalised as nginx does it, without the query
    std::string query;   ///< raw, what follows the `?`
    std::string name;    ///< what stands for `{name}` in the route's path, or follows its prefix
    std::vector<Field> fields;
    std::optional<Caller> caller;         ///< nothing: anonymous
    std::string request_id;               ///< the caller's, nginx's, or made up; never empty
    std::optional<std::uint64_t> length;  ///< of the body, where it is known beforehand
    std::string body;                     ///< empty where a BodySink takes it

    /// The first field of this name, or empty. REQUIRES: `lower` has no upper-case letter.
    std::string_view field(std::string_view lower) const
    {
        for (const auto& [field_name, value] : fields) {
            if (equals_ignoring_case(field_name, lower)) {
                return value;
            }
        }
        return {};
    }
};

using RequestPtr = std::shared_ptr<const Request>;

/// Bytes that several answers may share.
class Bytes {
public:
    Bytes() = default;
    Bytes(std::string text)
    {
        auto owned = std::make_shared<const std::string>(std::move(text));
        view_ = *owned;
        owner_ = std::move(owned);
    }
    /// `owner` keeps what `view` points to.
    Bytes(std::shared_ptr<const void> owner, std::string_view view)
        : owner_(std::move(owner)), view_(view)
    {
    }

    std::string_view view() const noexcept { return view_; }

private:
    std::shared_ptr<const void> owner_;
    std::string_view view_;
};

struct Response {
    int status = 200;
    /// Such as Content-Type. Content-Length, Connection and Date are the server's to add; a field
    /// with a control character is left out.
    std::vector<Field> fields;
    Bytes body;           ///< to HEAD only its length is told
    std::string error{};  ///< what is wrong, for the log; of problem() the detail
};

/// Called once, now or later. Where the client is gone by then, nothing happens.
using Reply = std::function<void(Response)>;

/// Takes a body in pieces as it comes. After `end` or `abort`, nothing of it is called any more.
class BodySink {
public:
    BodySink() = default;
    BodySink(const BodySink&) = delete;
    BodySink& operator=(const BodySink&) = delete;
    virtual ~BodySink() = default;

    /// At most largest_piece bytes; the next piece is read when `more` has been called.
    virtual void take(std::string piece, std::function<void()> more) = 0;
    /// The body is whole: now the reply is awaited.
    virtual void end() = 0;
    /// It will never be whole: the client is gone or too slow, the body malformed or longer than
    /// the route's largest_body (`too_large`). A reply that was not given counts no more.
    virtual void abort(bool too_large) = 0;
};

inline constexpr std::size_t largest_piece = 256 << 10;

/// One method on a path, or on all that begin with one.
struct Route {
    std::string method{};  ///< "GET" answers HEAD, too
    /// `/a/b`; `/a/{name}`, one segment that is not empty, also in the midst; `/a/*`, whatever
    /// follows. Of routes that fit, the earlier in this order counts, and the longer prefix.
    std::string path{};

    /// Called when the body is there.
    std::function<void(const RequestPtr&, Reply)> handle{};

    /// Instead: called before the body is read; what it returns is given the body. Null: it has
    /// replied, or will, and does not want the body.
    std::function<std::shared_ptr<BodySink>(const RequestPtr&, Reply)> receive{};

    /// 413 beyond. A function: a reload may change it.
    std::function<std::uint64_t()> largest_body{};
};

inline constexpr std::uint64_t usual_largest_body = 1 << 20;

/// An error as problem details (RFC 9457), with the request's path and id. `members` are its
/// further members: names that need no escaping, values that are JSON text already.
Response problem(const Request& request, int status, std::string_view detail,
                 const std::vector<Field>& members = {});

/// 401: nobody has proved who he is. 403: who he is does not suffice (RFC 6750 §3.1).
Response unauthorized(const Request& request);
Response insufficient_scope(const Request& request, std::string_view scope);

Response not_found(const Request& request);

Response json(int status, std::string body);

}  // namespace gatehouse::api
