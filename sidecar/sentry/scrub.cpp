#include "sidecar/sentry/scrub.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "src/auth/api_token.h"
#include "src/base/ascii.h"

namespace gatehouse::sentry {

namespace {

constexpr std::array<std::string_view, 20> secret_words{
    "password",   "passwd",     "pwd",         "secret",  "token",     "authorization", "cookie",
    "apikey",     "api_key",    "api-key",     "session", "sessid",    "credential",    "dsn",
    "access_key", "access-key", "private_key", "csrf",    "signature", "passphrase"};

/// Of words that hold one of these, prose tells the value, too: "the password is …".
constexpr std::array<std::string_view, 4> passwords{"password", "passwd", "passphrase", "pwd"};

/// Fields whose value goes on to the end of the line: blanks, commas and semicolons are part of it.
constexpr std::array<std::string_view, 2> line_fields{"authorization", "cookie"};

constexpr std::string_view blanks = " \t";
constexpr std::string_view blanks_and_ends = " \t\r\n";
constexpr std::string_view line_ends = "\r\n";
constexpr std::string_view key_begin = "-----BEGIN ";
constexpr std::string_view key_end = "-----END ";
constexpr std::string_view dashes = "-----";

bool is_alnum(char c) noexcept
{
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

bool is_word_char(char c) noexcept
{
    return is_alnum(c) || c == '_' || c == '-';
}

bool is_quote(char c) noexcept
{
    return c == '"' || c == '\'';
}

std::string lower(std::string_view text)
{
    std::string out;
    std::transform(text.begin(), text.end(), std::back_inserter(out), to_lower);
    return out;
}

template <class Words>
bool holds_any(std::string_view text, const Words& words)
{
    const auto lowered = lower(text);
    return std::any_of(words.begin(), words.end(),
                       [&](auto word) { return lowered.find(word) != lowered.npos; });
}

/// Whether an API token begins at `at`, as drawn in src/auth/api_token.h; one of another length
/// only where a word begins. The id alone is no secret.
bool is_api_token(std::string_view word, std::size_t at)
{
    const auto rest = word.substr(at + auth::api_token_prefix.size());
    const auto id = rest.substr(0, auth::token_id_size);
    const bool is_whole = rest.size() > id.size() && rest[id.size()] == '_' &&
                          std::all_of(id.begin(), id.end(), is_alnum);
    const bool begins = at == 0 || !is_alnum(word[at - 1]);
    return is_whole || (begins && rest.size() > auth::token_id_size);
}

std::size_t api_token_in(std::string_view word)
{
    auto at = word.find(auth::api_token_prefix);
    while (at != word.npos && !is_api_token(word, at)) {
        at = word.find(auth::api_token_prefix, at + 1);
    }
    return at;
}

class Scrubber {
public:
    explicit Scrubber(std::string_view text) : text_(text) {}

    std::string run()
    {
        while (at_ < text_.size()) {
            if (rest().starts_with(dashes)) {
                perhaps_key();
            } else if (is_word_char(text_[at_])) {
                word();
            } else {
                copy(1);
            }
        }
        return std::move(out_);
    }

private:
    std::string_view rest() const { return text_.substr(at_); }

    void copy(std::size_t count)
    {
        out_ += text_.substr(at_, count);
        at_ += count;
    }

    void filter_to(std::size_t end)
    {
        if (end > at_) {
            out_ += filtered;
            at_ = std::min(end, text_.size());
        }
    }

    std::size_t end_of_any(std::string_view characters) const
    {
        return std::min(text_.find_first_not_of(characters, at_), text_.size());
    }

    /// A key in PEM goes on to the end of its last line.
    void perhaps_key()
    {
        const auto label_end = text_.find(dashes, at_ + key_begin.size());
        const auto label = text_.substr(at_, label_end - at_);
        if (!label.starts_with(key_begin) || label.find("KEY") == label.npos) {
            return copy(dashes.size());
        }
        const auto end = text_.find(key_end, at_);
        const auto after = end == text_.npos ? end : text_.find(dashes, end + key_end.size());
        filter_to(after == text_.npos ? text_.size() : after + dashes.size());
    }

    void word()
    {
        const auto begin = at_;
        auto end = begin;
        while (end < text_.size() && is_word_char(text_[end]) &&
               !text_.substr(end).starts_with(dashes)) {
            ++end;
        }
        const auto word = text_.substr(begin, end - begin);
        if (const auto token = token_in(word, end); token != word.npos) {
            copy(token);
            return filter_token();
        }
        copy(word.size());
        if (equals_ignoring_case(word, "bearer") || equals_ignoring_case(word, "basic")) {
            after_scheme();
        } else if (rest().starts_with("://")) {
            after_protocol();
        } else if (is_secret_name(word)) {
            const char before = begin == 0 ? ' ' : text_[begin - 1];
            after_secret_name(word, before == '?' || before == '&');
        }
    }

    /// Where in the word a token begins that is known by its looks.
    std::size_t token_in(std::string_view word, std::size_t end) const
    {
        const auto jwt = word.find("eyJ");
        const bool has_parts = text_.substr(end).starts_with('.');
        return jwt != word.npos && has_parts ? jwt : api_token_in(word);
    }

    void filter_token()
    {
        auto end = at_;
        while (end < text_.size() && (is_word_char(text_[end]) || text_[end] == '.')) {
            ++end;
        }
        filter_to(end);
    }

    void after_scheme()
    {
        if (const auto value = end_of_any(blanks); value > at_) {
            copy(value - at_);
            filter_value(blanks_and_ends);
        }
    }

    /// A password may hold what should end it: with a colon before the path, the last @ counts.
    void after_protocol()
    {
        copy(std::string_view{"://"}.size());
        const auto url = rest().substr(0, rest().find_first_of(" \t\r\n\"'<>"));
        const auto authority = url.substr(0, url.find_first_of("/?#"));
        const auto at_sign = url.rfind('@');
        if (at_sign != url.npos && authority.find_first_of(":@") != authority.npos) {
            out_ += filtered;
            at_ += at_sign;
        }
    }

    /// `name=value`, `name: value`, `"name": "value"`, also with the quotes escaped.
    void after_secret_name(std::string_view name, bool in_url)
    {
        const auto name_end = std::min(text_.find_first_not_of("\\\"'", at_), text_.size());
        const bool is_quoted = name_end > at_;
        const auto separator = std::min(text_.find_first_not_of(blanks, name_end), text_.size());
        if (separator < text_.size() && (text_[separator] == '=' || text_[separator] == ':')) {
            copy(separator - at_);
            copy(end_of_any("=:> \t") - at_);
            filter_value_of(name, is_quoted, in_url);
        } else if (constexpr std::string_view is = " is ";
                   holds_any(name, passwords) && rest().starts_with(is)) {
            copy(is.size());
            filter_value(blanks_and_ends);
        }
    }

    void filter_value_of(std::string_view name, bool is_quoted, bool in_url)
    {
        const char first = at_ < text_.size() ? text_[at_] : ' ';
        const bool is_list = first == '[' || first == '{';
        if (is_list || (holds_any(name, line_fields) && !is_quoted)) {
            filter_to(std::min(text_.find_first_of(line_ends, at_), text_.size()));
        } else {
            filter_value(in_url ? " \t\r\n&" : blanks_and_ends);
        }
    }

    /// In quotes it goes on to the closing one, else to one of `ends`.
    void filter_value(std::string_view ends)
    {
        const auto first = end_of_any("\\");
        if (first < text_.size() && is_quote(text_[first])) {
            const auto escapes = first - at_;
            copy(escapes + 1);
            filter_to(closing_quote(text_[first], escapes));
        } else {
            filter_to(std::min(text_.find_first_of(ends, at_), text_.size()));
        }
    }

    /// One with more backslashes before it than the opening one has, or that is doubled, is part of
    /// the value.
    std::size_t closing_quote(char quote, std::size_t escapes) const
    {
        std::size_t backslashes = 0;
        for (auto at = at_; at < text_.size(); ++at) {
            const bool closes = text_[at] == quote && backslashes <= escapes;
            if (closes && text_.substr(at + 1).starts_with(quote) && escapes == 0) {
                ++at;
            } else if (closes) {
                return at - backslashes;
            }
            backslashes = text_[at] == '\\' ? backslashes + 1 : 0;
        }
        return text_.size();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string out_;
};

}  // namespace

bool is_secret_name(std::string_view name)
{
    const auto text = lower(name);
    return text == "pass" || text.ends_with("_pass") || text.ends_with("-pass") ||
           holds_any(text, secret_words);
}

std::string scrubbed(std::string_view text)
{
    return Scrubber{text}.run();
}

}  // namespace gatehouse::sentry
