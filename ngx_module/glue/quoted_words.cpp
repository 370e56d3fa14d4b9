#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/quoted_words.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"

namespace gatehouse::glue {

namespace {

/// What follows in the configuration file, one character after the other.
class FileRest {
public:
    explicit FileRest(ngx_conf_t& cf) noexcept : conf_(*cf.conf_file) {}

    /// Nothing at the end of the file.
    std::optional<char> next() noexcept
    {
        auto* buffer = conf_.buffer;
        if (buffer->pos == buffer->last && !refill()) {
            return std::nullopt;
        }
        const char c = static_cast<char>(*buffer->pos++);
        conf_.line += c == '\n' ? 1 : 0;
        return c;
    }

    /// Without the end itself, which is passed over.
    std::string up_to(char end)
    {
        std::string text;
        for (auto c = next(); c && *c != end; c = next()) {
            text += *c;
        }
        return text;
    }

private:
    bool refill() noexcept
    {
        auto* buffer = conf_.buffer;
        const off_t left = ngx_file_size(&conf_.file.info) - conf_.file.offset;
        const off_t room = buffer->end - buffer->start;
        if (conf_.file.fd == NGX_INVALID_FILE || left <= 0) {
            return false;
        }
        const auto size = static_cast<std::size_t>(std::min(left, room));
        const auto count = ngx_read_file(&conf_.file, buffer->start, size, conf_.file.offset);
        if (count <= 0) {
            return false;
        }
        buffer->pos = buffer->start;
        buffer->last = buffer->start + count;
        if (conf_.dump != nullptr) {  // nginx -T
            conf_.dump->last = ngx_cpymem(conf_.dump->last, buffer->start, count);
        }
        return true;
    }

    ngx_conf_file_t& conf_;
};

/// Puts words together that belong to one quoted value.
class Joiner {
public:
    explicit Joiner(ngx_conf_t& cf) : cf_(cf) {}

    bool is_open() const noexcept { return open_; }

    void add(std::string_view word)
    {
        if (open_) {
            value_ += ' ';
            append(word);
            return;
        }
        const auto quote = word.find("=\"");
        if (quote == std::string_view::npos || quote == 0) {
            add_whole(word);
            return;
        }
        open_ = true;
        value_ = word.substr(0, quote + 1);
        append(word.substr(quote + 2));
    }

    void add_whole(std::string_view word) { words_.push_back(lend(Pool{cf_.pool}.copy(word))); }

    /// Within a quoted value.
    void append(std::string_view text)
    {
        value_ += text;
        if (value_.ends_with('"')) {
            value_.pop_back();
            close();
        }
    }

    std::vector<ngx_str_t> take() { return std::move(words_); }

private:
    void close()
    {
        open_ = false;
        add_whole(value_);
    }

    ngx_conf_t& cf_;
    std::vector<ngx_str_t> words_;
    std::string value_;
    bool open_ = false;
};

bool is_space(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// The semicolon that nginx took for the directive's end was a part of the value. Reads up to the
/// one that is not. False at the end of the file.
bool read_on(ngx_conf_t& cf, Joiner& joiner)
{
    FileRest rest{cf};
    joiner.append(";");
    std::string word;
    while (const auto c = rest.next()) {
        if (joiner.is_open()) {
            joiner.append({&*c, 1});
        } else if (word.empty() && *c == '#') {
            rest.up_to('\n');
        } else if (word.empty() && (*c == '"' || *c == '\'')) {
            joiner.add_whole(rest.up_to(*c));
        } else if (!is_space(*c) && *c != ';') {
            word += *c;
        } else {
            if (!word.empty()) {
                joiner.add(std::exchange(word, {}));
            }
            if (joiner.is_open()) {
                joiner.append({&*c, 1});
            } else if (*c == ';') {
                return true;
            }
        }
    }
    return false;
}

}  // namespace

std::optional<std::vector<ngx_str_t>> quoted_words(ngx_conf_t& cf)
{
    const auto line = cf.conf_file->line;
    Joiner joiner{cf};
    for (const auto& word : words(cf)) {
        joiner.add(view(word));
    }
    if (joiner.is_open() && !read_on(cf, joiner)) {
        cf.conf_file->line = line;
        refuse(cf, "a quote is not closed");
        return std::nullopt;
    }
    return joiner.take();
}

}  // namespace gatehouse::glue
