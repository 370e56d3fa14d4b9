// How a mail is written.
#include <openssl/evp.h>

#include <algorithm>

#include "sidecar/base/mail.h"
#include "src/base/http_date.h"
#include "src/base/utf8.h"

namespace gatehouse::sidecar {

namespace {

constexpr std::size_t longest_subject = 250;       ///< bytes
constexpr std::size_t longest_plain_subject = 60;  ///< of one line
constexpr std::size_t bytes_of_a_word = 45;        ///< 60 characters of base64: RFC 2047 §2 has 75
constexpr std::size_t bytes_of_a_line = 57;        ///< 76 characters: RFC 2045 §6.8

std::string base64(std::string_view bytes)
{
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                      reinterpret_cast<const unsigned char*>(bytes.data()),
                                      static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(std::max(size, 0)));
    return out;
}

bool is_control(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Well-formed UTF-8 of one line, as long as a subject may be.
std::string one_line(std::string_view text)
{
    std::string out;
    while (!text.empty() && out.size() < longest_subject) {
        const auto step = utf8_step(text);
        const auto piece = step.valid ? text.substr(0, step.size) : utf8_replacement;
        out += piece.size() == 1 && is_control(piece.front()) ? " " : piece;
        text.remove_prefix(step.size);
    }
    return out;
}

/// RFC 2047: a word holds whole characters.
std::string encoded_words(std::string_view text)
{
    std::string out, word;
    const auto close = [&] {
        out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + base64(word) + "?=";
        word.clear();
    };
    while (!text.empty()) {
        const auto size = utf8_step(text).size;
        if (word.size() + size > bytes_of_a_word) {
            close();
        }
        word += text.substr(0, size);
        text.remove_prefix(size);
    }
    close();
    return out;
}

std::string subject_of(const std::string& text)
{
    const auto line = one_line(text);
    const bool plain =
        line.size() <= longest_plain_subject && line.find("=?") == line.npos &&
        std::all_of(line.begin(), line.end(), [](unsigned char c) { return c < 0x7f; });
    return plain ? line : encoded_words(line);
}

std::string date_of(std::int64_t at_s)
{
    char text[http_date_size];
    std::string date{format_http_date(at_s, text)};
    return date.substr(0, date.size() - 3) + "+0000";
}

std::string body_of(const std::string& text)
{
    std::string lines;
    for (const char c : text) {
        lines += c == '\n' ? "\r\n" : std::string(1, c);
    }
    std::string out;
    for (std::size_t at = 0; at < lines.size(); at += bytes_of_a_line) {
        out += base64(std::string_view{lines}.substr(at, bytes_of_a_line)) + "\r\n";
    }
    return out;
}

std::string joined(const std::vector<std::string>& addresses)
{
    std::string out;
    for (const auto& address : addresses) {
        out += (out.empty() ? "" : ",\r\n ") + address;
    }
    return out;
}

}  // namespace

std::string mail_message(const Mail& mail)
{
    return "Date: " + date_of(mail.at_s) + "\r\nFrom: " + mail.from + "\r\nTo: " + joined(mail.to) +
           "\r\nSubject: " + subject_of(mail.subject) + "\r\nMessage-ID: <" + mail.id +
           mail.from.substr(mail.from.find('@')) +
           ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
           body_of(mail.text);
}

}  // namespace gatehouse::sidecar
