#include "ctl/client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <limits>

namespace gatehouse::ctl {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Local = asio::local::stream_protocol;

namespace {

class Exchange {
public:
    Exchange(asio::io_context& context, const Question& question) : stream_(context)
    {
        request_.method_string(question.method);
        request_.target(question.target);
        request_.version(11);
        request_.set(http::field::host, "gatehouse");
        request_.set(http::field::user_agent, "gatehousectl/" GATEHOUSE_VERSION);
        request_.keep_alive(false);
        if (!question.body.empty()) {
            request_.set(http::field::content_type, "application/json");
            request_.body() = question.body;
        }
        request_.prepare_payload();
        parser_.body_limit(std::numeric_limits<std::uint64_t>::max());  // a card's body
    }

    void start(const std::string& socket, std::chrono::milliseconds timeout)
    {
        stream_.expires_after(timeout);
        stream_.async_connect(Local::endpoint{socket}, [this](const error_code& error) {
            if (error) {
                return end(error);
            }
            http::async_write(stream_, request_, [this](const error_code& error, std::size_t) {
                error ? end(error) : read();
            });
        });
    }

    const error_code& error() const { return error_; }
    http::response<http::string_body>& response() { return parser_.get(); }

private:
    void read()
    {
        http::async_read(stream_, buffer_, parser_,
                         [this](const error_code& error, std::size_t) { end(error); });
    }

    void end(const error_code& result)
    {
        error_ = result;
        error_code ignored;
        stream_.socket().close(ignored);
        stream_.expires_never();
    }

    beast::basic_stream<Local> stream_;
    http::request<http::string_body> request_;
    beast::flat_buffer buffer_;
    http::response_parser<http::string_body> parser_;
    error_code error_;
};

NoAnswer explain(const std::string& socket, const error_code& error)
{
    if (error == beast::error::timeout) {
        return {exit_timeout, "no answer from the sidecar in time; see --timeout"};
    }
    if (error == boost::system::errc::permission_denied ||
        error == boost::system::errc::operation_not_permitted) {
        return {exit_refused, "control socket \"" + socket + "\": " + error.message() +
                                  "; run as the sidecar's user or as root"};
    }
    return {exit_unreachable,
            "control socket \"" + socket + "\": " + error.message() + "; is gatehoused running?"};
}

}  // namespace

std::variant<Answer, NoAnswer> ask(const std::string& socket, const Question& question,
                                   std::chrono::milliseconds timeout)
try {
    asio::io_context context{1};
    Exchange exchange{context, question};
    exchange.start(socket, timeout);
    context.run();
    if (exchange.error()) {
        return explain(socket, exchange.error());
    }
    auto& response = exchange.response();
    return Answer{static_cast<int>(response.result_int()), std::move(response.body())};
} catch (const std::exception& error) {  // a path too long for a socket, no memory
    return NoAnswer{exit_unreachable, "control socket \"" + socket + "\": " + error.what()};
}

}  // namespace gatehouse::ctl
