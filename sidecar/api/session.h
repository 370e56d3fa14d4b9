// One connection: requests one after the other, each answered before the next is read.
//
// Thread safety: none; lives on the loop, for as long as somebody has yet to call it back.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "sidecar/api/router.h"
#include "sidecar/api/server.h"
#include "sidecar/base/api.h"

namespace gatehouse::api {

/// What all connections share.
struct Hub {
    Router router;
    Identify identify;
    Limits limits;
    bool draining = false;
    std::function<void()> on_end;  ///< a connection has ended
    std::set<class Session*> sessions;
};

class Session : public std::enable_shared_from_this<Session> {
public:
    using Socket = boost::asio::local::stream_protocol::socket;

    Session(Socket socket, std::shared_ptr<Hub> hub);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void start();

    /// Ends it if it waits for a request to begin.
    void close_if_idle();

    /// Since when it waits for that, by the steady clock.
    const std::optional<std::int64_t>& idle_since_ms() const noexcept { return idle_since_ms_; }

private:
    using Error = boost::system::error_code;

    void await_request();
    void read_head();
    void on_head(const Error& error);
    void refuse_unread(const Error& error);
    void accept_request();
    bool identify();
    void dispatch(const Route& route);
    void read_piece();
    void on_piece(const Error& error);
    void take(std::string piece);
    void go_on();
    void end_of_body();
    void give_up(bool too_large);

    Reply reply_to_this();
    void refuse(int status, std::string_view detail);
    void answer(Response response);
    void on_written(const Error& error);
    void linger();
    void discard();

    boost::beast::basic_stream<boost::asio::local::stream_protocol> stream_;
    std::shared_ptr<Hub> hub_;
    boost::beast::flat_buffer buffer_;
    std::optional<std::int64_t> idle_since_ms_;

    // Of the request under way.
    std::uint64_t turn_ = 0;  ///< its number; raised when it is answered, so that nobody does twice
    std::optional<boost::beast::http::request_parser<boost::beast::http::buffer_body>> parser_;
    std::shared_ptr<Request> request_;
    const Route* route_ = nullptr;
    std::shared_ptr<BodySink> sink_;
    std::uint64_t largest_body_ = 0;
    std::uint64_t body_bytes_ = 0;
    std::string piece_;

    Response response_;
    std::string response_head_;
    bool keep_alive_ = false;

    bool broken_ = false;     ///< no further request can be read
    bool reading_ = false;    ///< a piece of the body
    bool lingering_ = false;  ///< answered, and the rest of what comes is thrown away
    std::int64_t linger_until_ms_ = 0;
    std::size_t discarded_ = 0;
};

}  // namespace gatehouse::api
