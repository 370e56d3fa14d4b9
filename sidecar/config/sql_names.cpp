#include "sidecar/config/sql_names.h"

#include <algorithm>

namespace gatehouse::config {

namespace {

bool is_word(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           byte >= 0x80;
}

class SqlScanner {
public:
    explicit SqlScanner(std::string_view sql) : rest_(sql) {}

    std::set<std::string> run()
    {
        while (!rest_.empty()) {
            step();
        }
        return std::move(names_);
    }

private:
    void step()
    {
        if (rest_.starts_with("--")) {
            skip_past("\n", 2);
        } else if (rest_.starts_with("/*")) {
            skip_past("*/", 2);
        } else if (rest_.front() == '\'') {
            quoted_text('\'');
        } else if (rest_.front() == '"') {
            add(quoted_text('"'));
        } else if (rest_.front() == '$') {
            dollar();
        } else if (is_word(rest_.front())) {
            add(word());
        } else {
            rest_.remove_prefix(1);
        }
    }

    void skip_past(std::string_view end, std::size_t from)
    {
        const std::size_t at = rest_.find(end, from);
        rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + end.size());
    }

    /// A doubled quote stands for itself.
    std::string quoted_text(char quote)
    {
        std::string out;
        std::size_t i = 1;
        for (; i < rest_.size(); ++i) {
            if (rest_[i] == quote) {
                if (i + 1 >= rest_.size() || rest_[i + 1] != quote) {
                    break;
                }
                ++i;
            }
            out += rest_[i];
        }
        rest_.remove_prefix(std::min(i + 1, rest_.size()));
        return out;
    }

    std::string word()
    {
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_word);
        std::string out(rest_.begin(), end);
        rest_.remove_prefix(out.size());
        return out;
    }

    /// `$tag$ text $tag$`, or a parameter such as `$1`.
    void dollar()
    {
        const auto end = std::find_if_not(rest_.begin() + 1, rest_.end(), is_word);
        const std::string tag(rest_.begin(), end);
        if (end != rest_.end() && *end == '$') {
            skip_past(tag + '$', tag.size() + 1);
        } else {
            rest_.remove_prefix(tag.size());
        }
    }

    void add(std::string name)
    {
        for (char& c : name) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        names_.insert(std::move(name));
    }

    std::string_view rest_;
    std::set<std::string> names_;
};

}  // namespace

std::set<std::string> sql_identifiers(std::string_view sql)
{
    return SqlScanner(sql).run();
}

}  // namespace gatehouse::config
