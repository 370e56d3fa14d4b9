#include "sidecar/api/session.h"

#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <limits>

#include "sidecar/api/answer_log.h"
#include "sidecar/api/request_head.h"
#include "sidecar/api/response_head.h"
#include "sidecar/base/clock.h"

namespace gatehouse::api {

namespace asio = boost::asio;
namespace bhttp = boost::beast::http;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t first_read = 8192;
constexpr std::size_t discard_read = 64 << 10;

/// Answers that take longer have a second for each.
constexpr std::size_t bytes_a_second = 64 << 10;

bool is_malformed(const boost::system::error_code& error)
{
    return error.category() == bhttp::make_error_code(bhttp::error::bad_method).category() &&
           error != bhttp::error::end_of_stream && error != bhttp::error::partial_message;
}

}  // namespace

Session::Session(Socket socket, std::shared_ptr<Hub> hub)
    : stream_(std::move(socket)),
      hub_(std::move(hub)),
      buffer_(hub_->limits.largest_head + largest_piece)
{
    hub_->sessions.insert(this);
}

Session::~Session()
{
    hub_->sessions.erase(this);
    if (hub_->on_end) {
        hub_->on_end();
    }
}

void Session::start()
{
    await_request();
}

void Session::close_if_idle()
{
    if (idle_since_ms_) {
        stream_.close();
    }
}

// --- the head ---

void Session::await_request()
{
    if (buffer_.size() > 0) {
        return read_head();
    }
    if (hub_->draining) {
        return;
    }
    idle_since_ms_ = sidecar::read_clocks().steady_ms;
    stream_.expires_after(hub_->limits.idle);
    stream_.async_read_some(buffer_.prepare(first_read),
                            [self = shared_from_this()](const Error& error, std::size_t bytes) {
                                self->idle_since_ms_.reset();
                                if (!error) {
                                    self->buffer_.commit(bytes);
                                    self->read_head();
                                }
                            });
}

void Session::read_head()
{
    ++turn_;
    parser_.emplace();
    parser_->header_limit(hub_->limits.largest_head);
    parser_->body_limit(std::numeric_limits<std::uint64_t>::max());  // counted here, by route
    request_ = std::make_shared<Request>();
    route_ = nullptr;
    body_bytes_ = 0;
    stream_.expires_after(hub_->limits.head);
    bhttp::async_read_header(stream_, buffer_, *parser_,
                             [self = shared_from_this()](const Error& error, std::size_t) {
                                 if (error) {
                                     self->refuse_unread(error);
                                 } else {
                                     self->accept_request();
                                 }
                             });
}

void Session::refuse_unread(const Error& error)
{
    request_->request_id = "unknown";
    if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) {
        const bool long_line = parser_->get().target().empty();
        return long_line ? refuse(414, "A request's target has at most 8192 bytes.")
                         : refuse(431, "A request's line and fields have at most 64 KiB.");
    }
    if (is_malformed(error)) {
        refuse(400, "This is no HTTP/1.1 request.");
    }
}

void Session::accept_request()
{
    if (const auto refusal = api::read_head(parser_->get(), *request_)) {
        return refuse(refusal->status, refusal->detail);
    }
    if (const auto length = parser_->content_length()) {
        request_->length = *length;
    }
    if (!identify()) {
        return;
    }
    auto found = hub_->router.find(request_->method, request_->path);
    if (found.route != nullptr) {
        request_->name = std::move(found.name);
        return dispatch(*found.route);
    }
    if (found.allow.empty()) {
        return answer(not_found(*request_));
    }
    auto response = problem(*request_, 405, "This method is not for this path.");
    response.fields.emplace_back("Allow", found.allow);
    answer(std::move(response));
}

/// False: it is refused.
bool Session::identify()
{
    const auto count = std::count_if(
        request_->fields.begin(), request_->fields.end(),
        [](const Field& field) { return equals_ignoring_case(field.first, "gate-identity"); });
    if (count > 1) {
        refuse(400, "A request has one Gate-Identity.");
        return false;
    }
    if (count == 0) {
        return true;
    }
    request_->caller = hub_->identify(request_->field("gate-identity"), request_->method,
                                      raw_path(request_->target));
    if (!request_->caller) {
        auto response = problem(*request_, 401, "Invalid token");
        response.fields.emplace_back("WWW-Authenticate",
                                     R"(Bearer realm="gatehouse", error="invalid_token")");
        answer(std::move(response));
        return false;
    }
    if (!request_->caller->request_id.empty()) {
        request_->request_id = request_->caller->request_id;
    }
    return true;
}

// --- the body ---

void Session::dispatch(const Route& route)
{
    route_ = &route;
    largest_body_ = route.largest_body ? route.largest_body() : usual_largest_body;
    if (request_->length.value_or(0) > largest_body_) {
        return give_up(true);
    }
    const auto expected = request_->field("expect");
    if (!expected.empty() && !equals_ignoring_case(expected, "100-continue")) {
        return refuse(417, "The only expectation that is met is 100-continue.");
    }
    if (route.receive) {
        const auto turn = turn_;
        auto sink = route.receive(request_, reply_to_this());
        if (turn != turn_ || !sink) {
            return;
        }
        sink_ = std::move(sink);
    }
    if (parser_->is_done()) {
        return end_of_body();
    }
    if (expected.empty() || parser_->get().version() < 11) {
        return read_piece();
    }
    static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    stream_.expires_after(hub_->limits.write);
    asio::async_write(stream_, asio::buffer(go_on.data(), go_on.size()),
                      [self = shared_from_this(), turn = turn_](const Error& error, std::size_t) {
                          if (turn != self->turn_) {
                              return;
                          }
                          if (error) {
                              return self->give_up(false);
                          }
                          self->read_piece();
                      });
}

void Session::read_piece()
{
    const auto left = request_->length ? *request_->length - body_bytes_ : largest_piece;
    piece_.resize(std::clamp<std::uint64_t>(left, 1, largest_piece));
    auto& body = parser_->get().body();
    body.data = piece_.data();
    body.size = piece_.size();
    body.more = true;
    reading_ = true;
    stream_.expires_after(hub_->limits.piece);
    bhttp::async_read(stream_, buffer_, *parser_,
                      [self = shared_from_this(), turn = turn_](const Error& error, std::size_t) {
                          self->reading_ = false;
                          if (turn == self->turn_) {
                              self->on_piece(error);
                          } else if (self->lingering_) {
                              self->discard();
                          }
                      });
}

void Session::on_piece(const Error& error)
{
    if (error && error != bhttp::error::need_buffer) {
        if (!is_malformed(error)) {
            return give_up(false);
        }
        const auto sink = std::exchange(sink_, nullptr);
        if (sink) {
            sink->abort(false);
        }
        return refuse(400, "The body is malformed.");
    }
    piece_.resize(piece_.size() - parser_->get().body().size);
    body_bytes_ += piece_.size();
    if (body_bytes_ > largest_body_) {
        return give_up(true);
    }
    take(std::move(piece_));
}

void Session::take(std::string piece)
{
    if (!sink_) {
        request_->body += piece;
        return go_on();
    }
    if (piece.empty()) {
        return go_on();
    }
    const auto sink = sink_;  // it may reply, and then it is let go
    sink->take(std::move(piece), [self = shared_from_this(), turn = turn_] {
        if (turn == self->turn_) {
            self->go_on();
        }
    });
}

void Session::go_on()
{
    if (parser_->is_done()) {
        end_of_body();
    } else {
        read_piece();
    }
}

void Session::end_of_body()
{
    if (const auto sink = sink_) {
        return sink->end();
    }
    if (route_->handle) {
        route_->handle(request_, reply_to_this());
    }
}

/// The body will not be whole.
void Session::give_up(bool too_large)
{
    ++turn_;  // before the sink, which may reply
    if (const auto sink = std::exchange(sink_, nullptr)) {
        sink->abort(too_large);
    }
    if (too_large) {
        refuse(413, "A body has at most " + std::to_string(largest_body_) + " bytes here.");
    }
}

// --- the answer ---

Reply Session::reply_to_this()
{
    return [self = shared_from_this(), turn = turn_](Response response) {
        if (turn == self->turn_) {
            self->answer(std::move(response));
        }
    };
}

/// Where the next request begins is not known, or not to be trusted.
void Session::refuse(int status, std::string_view detail)
{
    auto response = problem(*request_, status, detail);
    if (status == 405) {
        response.fields.emplace_back("Allow", "GET, HEAD, POST, PUT, DELETE");
    }
    broken_ = true;
    answer(std::move(response));
}

void Session::answer(Response response)
{
    ++turn_;
    sink_.reset();
    keep_alive_ = !broken_ && !hub_->draining && parser_->is_done() && parser_->keep_alive();
    response_ = std::move(response);
    log_answer(*request_, response_);
    response_head_ = response_head(response_, keep_alive_, sidecar::unix_ms() / 1000);
    const bool bare =
        request_->method == "HEAD" || response_.status == 204 || response_.status == 304;
    const auto body = bare ? std::string_view{} : response_.body.view();
    stream_.expires_after(hub_->limits.write + std::chrono::seconds{body.size() / bytes_a_second});
    const std::array<asio::const_buffer, 2> parts{asio::buffer(response_head_),
                                                  asio::buffer(body.data(), body.size())};
    asio::async_write(stream_, parts, [self = shared_from_this()](const Error& error, std::size_t) {
        self->on_written(error);
    });
}

void Session::on_written(const Error& error)
{
    response_ = {};
    if (error) {
        return;
    }
    if (keep_alive_) {
        return await_request();
    }
    linger();
}

/// A socket that is closed with bytes unread in it loses the answer on its way to the client.
void Session::linger()
{
    Error ignored;
    stream_.socket().shutdown(Socket::shutdown_send, ignored);
    if (parser_->is_done() && !broken_) {
        return;
    }
    lingering_ = true;
    linger_until_ms_ = sidecar::read_clocks().steady_ms + hub_->limits.linger.count();
    if (!reading_) {
        discard();
    }
}

void Session::discard()
{
    const milliseconds left{linger_until_ms_ - sidecar::read_clocks().steady_ms};
    if (left.count() <= 0 || discarded_ > hub_->limits.largest_unwanted) {
        return;
    }
    piece_.resize(discard_read);
    stream_.expires_after(left);
    stream_.async_read_some(asio::buffer(piece_),
                            [self = shared_from_this()](const Error& error, std::size_t bytes) {
                                self->discarded_ += bytes;
                                if (!error) {
                                    self->discard();
                                }
                            });
}

}  // namespace gatehouse::api
