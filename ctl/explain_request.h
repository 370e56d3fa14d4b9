// One question to nginx itself: GET of the path under which it explains, by libcurl.
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "ctl/client.h"

namespace gatehouse::ctl {

/// A URL in the parts that matter here.
struct ExplainUrl {
    std::string origin;  ///< "https://example.com:8443"
    std::string target;  ///< path and query as they were written, without a fragment
};

/// Nothing but the reason why a text is no URL of http or https.
std::variant<ExplainUrl, std::string> parse_explain_url(const std::string& url);

struct ExplainQuestion {
    std::string url;                  ///< of what explains
    std::vector<std::string> fields;  ///< "Name: value"
    std::string to;                   ///< HOST:PORT, or unix:PATH, to connect to; empty: as the URL
    std::string ca_file;              ///< instead of the system's
    bool insecure = false;            ///< takes any certificate
};

struct NginxAnswer {
    long status = 0;
    std::string type;  ///< its Content-Type
    std::string body;
};

std::variant<NginxAnswer, NoAnswer> ask_nginx(const ExplainQuestion& question,
                                              std::chrono::milliseconds timeout);

}  // namespace gatehouse::ctl
