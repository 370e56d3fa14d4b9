#include "sidecar/sentry/scrub.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "src/base/ascii.h"

namespace gatehouse::sentry {

namespace {

constexpr std::array<std::string_view, 16> secret_words{
    "password", "passwd", "pwd",       "secret",    "token",      "authorization",
    "cookie",   "apikey", "api_key",   "api-key",   "credential", "private_key",
    "session",  "dsn",    "signature", "passphrase"};

bool is_word_char(char c) noexcept
{
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '_' || c == '-';
}

/// Of what is a secret's text, a URL's or a token's.
bool ends_value(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\n' || c == '"' || c == '\'' || c == '&' || c == ',' ||
           c == ';' || c == ')' || c == '}';
}

std::string lower(std::string_view text)
{
    std::string out;
    std::transform(text.begin(), text.end(), std::back_inserter(out), to_lower);
    return out;
}

class Scrubber {
public:
    explicit Scrubber(std::string_view text) : text_(text) {}

    std::string run()
    {
        while (at_ < text_.size()) {
            if (is_word_char(text_[at_])) {
                word();
            } else {
                out_ += text_[at_++];
            }
        }
        return std::move(out_);
    }

private:
    void word()
    {
        const auto begin = at_;
        while (at_ < text_.size() && is_word_char(text_[at_])) {
            ++at_;
        }
        const auto word = text_.substr(begin, at_ - begin);
        if (word.starts_with("eyJ") && text_.substr(at_).starts_with('.')) {
            skip_value();
            out_ += filtered;
            return;
        }
        out_ += word;
        if (equals_ignoring_case(word, "bearer") || equals_ignoring_case(word, "basic")) {
            after_scheme();
        } else if (text_.substr(at_).starts_with("://")) {
            after_protocol();
        } else if (is_secret_name(word)) {
            after_secret_name();
        }
    }

    void copy(std::size_t count)
    {
        out_ += text_.substr(at_, count);
        at_ += count;
    }

    /// In quotes it goes on to the closing one.
    void skip_value()
    {
        const char quote = at_ > 0 ? text_[at_ - 1] : ' ';
        if (quote == '"' || quote == '\'') {
            at_ = std::min(text_.find(quote, at_), text_.size());
            return;
        }
        while (at_ < text_.size() && !ends_value(text_[at_])) {
            ++at_;
        }
    }

    void filter_value()
    {
        const auto begin = at_;
        skip_value();
        if (at_ > begin) {
            out_ += filtered;
        }
    }

    void after_scheme()
    {
        if (text_.substr(at_).starts_with(' ')) {
            copy(1);
            filter_value();
        }
    }

    void after_protocol()
    {
        constexpr std::size_t separator = 3;
        copy(separator);
        const auto rest = text_.substr(at_);
        const auto authority = rest.substr(0, rest.find_first_of("/?# \"'<>"));
        if (const auto at_sign = authority.rfind('@'); at_sign != authority.npos) {
            out_ += filtered;
            at_ += at_sign;
        }
    }

    /// `name=value`, `name: value`, `"name": "value"`.
    void after_secret_name()
    {
        const auto rest = text_.substr(at_);
        std::size_t ahead = rest.starts_with('"') || rest.starts_with('\'') ? 1 : 0;
        if (ahead == rest.size() || (rest[ahead] != '=' && rest[ahead] != ':')) {
            return;
        }
        ahead = rest.find_first_not_of(" \"'", ahead + 1);
        if (ahead != rest.npos) {
            copy(ahead);
            // "Authorization: Bearer x": the scheme is no secret, what follows it is.
            const auto value = text_.substr(at_);
            if (equals_ignoring_case(value.substr(0, 7), "bearer ") ||
                equals_ignoring_case(value.substr(0, 6), "basic ")) {
                return;
            }
            filter_value();
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string out_;
};

}  // namespace

bool is_secret_name(std::string_view name)
{
    const auto text = lower(name);
    return std::any_of(secret_words.begin(), secret_words.end(),
                       [&](auto word) { return text.find(word) != text.npos; });
}

std::string scrubbed(std::string_view text)
{
    return Scrubber{text}.run();
}

}  // namespace gatehouse::sentry
