#include "sidecar/control/server.h"

#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "sidecar/base/stream_socket.h"

namespace gatehouse::control {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;
using Local = asio::local::stream_protocol;

namespace {

/// One request and its response. Lives as long as somebody has yet to call it back.
class Session : public std::enable_shared_from_this<Session> {
public:
    Session(Local::socket socket, Api& api, std::shared_ptr<std::size_t> count)
        : stream_(std::move(socket)), api_(api), count_(std::move(count))
    {
        ++*count_;
        parser_.body_limit(Server::largest_body);
        parser_.header_limit(Server::largest_header);
    }

    ~Session() { --*count_; }

    void start()
    {
        stream_.expires_after(Server::read_limit);
        bhttp::async_read(stream_, buffer_, parser_,
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                              self->on_request(error);
                          });
    }

private:
    void on_request(const error_code& error)
    {
        if (error == bhttp::error::header_limit) {
            return send(problem(431, "a request's line and fields have at most 512 KiB"));
        }
        if (error == bhttp::error::body_limit) {
            return send(problem(413, "a request has at most 1 MiB"));
        }
        if (error.category() == bhttp::make_error_code(bhttp::error::bad_method).category() &&
            error != bhttp::error::end_of_stream && error != bhttp::error::partial_message) {
            return send(problem(400, "this is no HTTP/1.1 request"));
        }
        if (error) {
            return;
        }
        // A computation may take long; it has its own limit.
        stream_.expires_never();
        const auto& request = parser_.get();
        api_.handle(
            {request.method_string().data(), request.method_string().size()},
            {request.target().data(), request.target().size()}, request.body(),
            [self = shared_from_this()](Response response) { self->send(std::move(response)); });
    }

    void send(Response response)
    {
        response_.result(static_cast<unsigned>(response.status));
        response_.set(bhttp::field::content_type, response.content_type);
        response_.set(bhttp::field::cache_control, "no-store");
        if (!response.allow.empty()) {
            response_.set(bhttp::field::allow, response.allow);
        }
        response_.body() = std::move(response.body);
        response_.keep_alive(false);
        response_.prepare_payload();
        stream_.expires_after(Server::write_limit);
        bhttp::async_write(
            stream_, response_, [self = shared_from_this()](const error_code&, std::size_t) {
                error_code ignored;
                self->stream_.socket().shutdown(Local::socket::shutdown_send, ignored);
            });
    }

    beast::basic_stream<Local> stream_;
    Api& api_;
    std::shared_ptr<std::size_t> count_;
    beast::flat_buffer buffer_;
    bhttp::request_parser<bhttp::string_body> parser_;
    bhttp::response<bhttp::string_body> response_;
};

}  // namespace

struct Server::State {
    State(sidecar::Loop& loop, Services services)
        : api(std::move(services)), acceptor(loop.context()), pause(loop)
    {
    }

    void accept()
    {
        acceptor.async_accept([this](const error_code& error, Local::socket socket) {
            if (error == asio::error::operation_aborted) {
                return;
            }
            if (error) {  // out of descriptors: trying again at once would only spin
                pause.start(std::chrono::seconds{1}, [this] { accept(); });
                return;
            }
            if (*sessions < most_connections) {
                std::make_shared<Session>(std::move(socket), api, sessions)->start();
            }
            accept();
        });
    }

    Api api;
    Local::acceptor acceptor;
    sidecar::Timer pause;
    std::shared_ptr<std::size_t> sessions = std::make_shared<std::size_t>(0);
    std::string path;
};

Server::Server(sidecar::Loop& loop, Services services)
    : state_(std::make_shared<State>(loop, std::move(services)))
{
}

Server::~Server()
{
    close();
}

Result<void> Server::listen(const std::string& path, mode_t mode)
{
    auto fd = sidecar::listen({"control", path, mode});
    if (!fd) {
        return fd.error();
    }
    error_code error;
    state_->acceptor.assign(Local{}, fd->get(), error);
    if (error) {
        return Error{"control socket \"" + path + "\": " + error.message()};
    }
    fd->release();
    state_->path = path;
    state_->accept();
    return {};
}

void Server::close()
{
    state_->pause.cancel();
    if (state_->acceptor.is_open()) {
        error_code ignored;
        state_->acceptor.close(ignored);
        (void)::unlink(state_->path.c_str());
    }
}

}  // namespace gatehouse::control
