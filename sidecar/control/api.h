// The control API's resources, without sockets:
//
//   GET  /v1/version                  GET  /v1/cards                 GET  /v1/sources
//   GET  /v1/status                   GET  /v1/cards/NAME            POST /v1/sources/NAME/test
//   POST /v1/reload[?wait=false]      GET  /v1/cards/NAME/body?format=json
//                                     POST /v1/cards/NAME/refresh
//
// and those that other areas add.
// Errors are problem details (RFC 9457).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sidecar/control/model.h"

namespace gatehouse::control {

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::string allow;  ///< of a 405
};

using Reply = std::function<void(Response)>;

class Api {
public:
    explicit Api(Services services) : services_(std::move(services)) {}

    /// Calls `reply` once, now or later, on the loop.
    void handle(std::string_view method, std::string_view target, std::string_view body,
                Reply reply);

private:
    struct Call;
    struct Route;
    static const Route routes[];

    void version(const Call& call);
    void status(const Call& call);
    void cards(const Call& call);
    void card(const Call& call);
    void card_body(const Call& call);
    void refresh(const Call& call);
    void sources(const Call& call);
    void test_source(const Call& call);
    void reload(const Call& call);

    Services services_;
};

Response problem(int status, std::string_view detail);

}  // namespace gatehouse::control
