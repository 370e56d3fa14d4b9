// One mail by SMTP, by libcurl: with TLS, to no address that base/destination.h objects to.
//
// Thread safety: any thread; send_mail() blocks it for as long as `timeout`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/destination.h"

namespace gatehouse::sidecar {

struct Mail {
    std::string from;             ///< an address alone: ASCII, without blanks or brackets
    std::vector<std::string> to;  ///< such addresses
    std::string subject;          ///< any UTF-8
    std::string text;             ///< any UTF-8
    std::string id;               ///< of its Message-ID, before the "@"
    std::int64_t at_s = 0;        ///< Unix time
};

struct MailServer {
    std::string url;  ///< smtp:// or smtps://
    std::string username, password;
    std::string ca_file;            ///< instead of the system's; empty: the system's
    bool starttls_required = true;  ///< of smtp://
    Reach reach = Reach::internet;
    std::chrono::milliseconds timeout{10'000};
};

struct MailSent {
    std::string error;   ///< empty: a server has taken it
    bool again = false;  ///< whether it may be taken later
};

/// RFC 5322, lines ended by CRLF. Whatever the subject holds, it is one field, and no address comes
/// of it.
std::string mail_message(const Mail& mail);

MailSent send_mail(const MailServer& server, const Mail& mail);

}  // namespace gatehouse::sidecar
