#include "sidecar/api/response_head.h"

#include <algorithm>

#include "src/base/http_date.h"
#include "src/http/problem.h"
#include "src/http/token.h"

namespace gatehouse::api {

namespace {

std::string_view phrase_of(int status)
{
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 303: return "See Other";
    case 304: return "Not Modified";
    default: return http::status_phrase(status);
    }
}

bool is_value(std::string_view text)
{
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7F;
    });
}

/// RFC 9110 §8.6: neither has one.
bool has_length(int status)
{
    return status != 204 && status != 304;
}

void append(std::string& head, std::string_view name, std::string_view value)
{
    head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string response_head(const Response& response, bool keep_alive, std::int64_t now_s)
{
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ';
    head.append(phrase_of(response.status)).append("\r\n");
    char date[http_date_size];
    append(head, "Date", format_http_date(now_s, date));
    for (const auto& [name, value] : response.fields) {
        if (http::is_token(name) && is_value(value)) {
            append(head, name, value);
        }
    }
    if (has_length(response.status)) {
        append(head, "Content-Length", std::to_string(response.body.view().size()));
    }
    append(head, "Connection", keep_alive ? "keep-alive" : "close");
    return head += "\r\n";
}

}  // namespace gatehouse::api
