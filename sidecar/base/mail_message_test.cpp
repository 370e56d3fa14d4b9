#include <gtest/gtest.h>

#include "sidecar/base/mail.h"

namespace gatehouse::sidecar {
namespace {

Mail mail(const std::string& subject, const std::string& text = "a\n")
{
    return {"gate@example.com", {"ops@example.com"}, subject, text, "0123", 1'767'323'045};
}

std::string header_of(const Mail& mail)
{
    const auto message = mail_message(mail);
    return message.substr(0, message.find("\r\n\r\n") + 2);
}

TEST(MailMessage, HasItsFields)
{
    EXPECT_EQ(mail_message(mail("down", "a\nb\n")),
              "Date: Fri, 02 Jan 2026 03:04:05 +0000\r\n"
              "From: gate@example.com\r\n"
              "To: ops@example.com\r\n"
              "Subject: down\r\n"
              "Message-ID: <0123@example.com>\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: base64\r\n"
              "\r\n"
              "YQ0KYg0K\r\n");  // printf 'a\r\nb\r\n' | base64
}

TEST(MailMessage, GoesToSeveral)
{
    auto several = mail("down");
    several.to = {"a@example.com", "b@example.com"};
    EXPECT_NE(header_of(several).find("\r\nTo: a@example.com,\r\n b@example.com\r\n"),
              std::string::npos);
}

TEST(MailMessage, ASubjectIsOneField)
{
    const auto header = header_of(mail("x\r\nBcc: evil@example.com\r\n\r\nbody\n\0y"));
    EXPECT_EQ(header.find("\nBcc"), std::string::npos);
    EXPECT_NE(header.find("\r\nSubject: x  Bcc: evil@example.com    body \r\n"), std::string::npos)
        << header;
}

// python3 -c 'from email.header import Header; print(Header("Größe", "utf-8").encode())', in base64
TEST(MailMessage, ASubjectIsUtf8)
{
    EXPECT_NE(header_of(mail("Größe")).find("\r\nSubject: =?UTF-8?B?R3LDtsOfZQ==?=\r\n"),
              std::string::npos);
    EXPECT_NE(
        header_of(mail("=?UTF-8?B?eA==?=")).find("Subject: =?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?="),
        std::string::npos);
}

TEST(MailMessage, WordsOfALongSubjectAreShortAndWhole)
{
    std::string subject;
    for (int i = 0; i < 200; ++i) {
        subject += "ä";
    }
    const auto header = header_of(mail(subject));
    std::size_t words = 0;
    for (auto at = header.find("=?UTF-8?B?"); at != header.npos;
         at = header.find("=?UTF-8?B?", at + 1)) {
        const auto end = header.find("?=", at + 10);
        EXPECT_LE(end + 2 - at, 75u);
        // 22 characters of two bytes: no character is torn.
        EXPECT_EQ((end - at - 10) % 4, 0u);
        ++words;
    }
    EXPECT_EQ(words, 6u);  // 125 characters are 250 bytes, of 44 each
    for (std::size_t at = 0, end; (end = header.find("\r\n", at)) != header.npos; at = end + 2) {
        EXPECT_LE(end - at, 100u);
    }
}

TEST(MailMessage, LinesOfABodyAreShort)
{
    const auto message = mail_message(mail("x", std::string(1000, 'y')));
    for (std::size_t at = 0, end; (end = message.find("\r\n", at)) != message.npos; at = end + 2) {
        EXPECT_LE(end - at, 76u);
    }
}

}  // namespace
}  // namespace gatehouse::sidecar
