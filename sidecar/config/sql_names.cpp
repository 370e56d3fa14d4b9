#include "sidecar/config/sql_names.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace gatehouse::config {

namespace {

bool is_word(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           byte >= 0x80;
}

struct SqlToken {
    enum class Kind { word, quoted, symbol };

    Kind kind;
    std::string text;  // of names in lower case

    bool is(std::string_view other) const { return kind != Kind::quoted && text == other; }
    bool is_name() const { return kind != Kind::symbol; }
};

/// What stands outside of strings and comments, but for blanks and parameters.
class SqlScanner {
public:
    explicit SqlScanner(std::string_view sql) : rest_(sql) {}

    std::vector<SqlToken> run()
    {
        while (!rest_.empty()) {
            step();
        }
        return std::move(tokens_);
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
            tokens_.push_back({SqlToken::Kind::symbol, "'"});
        } else if (rest_.front() == '"') {
            add(SqlToken::Kind::quoted, quoted_text('"'));
        } else if (rest_.front() == '$') {
            dollar();
        } else if (is_word(rest_.front())) {
            add(SqlToken::Kind::word, word());
        } else {
            if (constexpr std::string_view blanks = " \t\r\n\f\v";
                blanks.find(rest_.front()) == blanks.npos) {
                tokens_.push_back({SqlToken::Kind::symbol, std::string(1, rest_.front())});
            }
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

    void add(SqlToken::Kind kind, std::string name)
    {
        for (char& c : name) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        tokens_.push_back({kind, std::move(name)});
    }

    std::string_view rest_;
    std::vector<SqlToken> tokens_;
};

bool is_one_of(const SqlToken& token, std::initializer_list<std::string_view> words)
{
    return std::any_of(words.begin(), words.end(), [&](auto word) { return token.is(word); });
}

/// Follows clauses and parentheses as far as relations go.
class RelationFinder {
public:
    explicit RelationFinder(std::vector<SqlToken> tokens) : tokens_(std::move(tokens)) {}

    std::set<std::string> run()
    {
        for (at_ = 0; at_ < tokens_.size(); ++at_) {
            step(tokens_[at_]);
        }
        for (const std::string& name : defined_) {
            found_.erase(name);
        }
        return std::move(found_);
    }

private:
    struct Level {
        bool in_from = false;      // commas go on with the list of relations
        bool of_function = false;  // extract(year FROM x) reads no relation
    };

    const SqlToken& token(std::size_t at) const
    {
        static const SqlToken none{SqlToken::Kind::symbol, ""};
        return at < tokens_.size() ? tokens_[at] : none;
    }

    void step(const SqlToken& token)
    {
        Level& level = levels_.back();
        if (token.is("(")) {
            open(level);
        } else if (token.is(")")) {
            levels_.resize(std::max<std::size_t>(levels_.size() - 1, 1));
            expected_ = false;
        } else if (is_one_of(token, {"from", "join"}) && !level.of_function &&
                   !this->token(at_ - 1).is("distinct")) {
            level.in_from = expected_ = true;
        } else if (token.is(",")) {
            expected_ = level.in_from;
        } else if (is_one_of(token, {"select", "where", "group", "order", "having", "limit",
                                     "qualify", "window", "union", "except", "intersect"})) {
            level.in_from = expected_ = false;
        } else if (token.is_name()) {
            name(token);
        } else {
            expected_ = false;
        }
    }

    void open(const Level& level)
    {
        const bool function =
            is_one_of(token(at_ - 1), {"extract", "trim", "substring", "overlay", "position"});
        levels_.push_back({expected_ && level.in_from, function});
    }

    void name(const SqlToken& name)
    {
        const bool defines = token(at_ + 1).is("as") &&
                             (token(at_ + 2).is("(") || token(at_ + 2).is("materialized") ||
                              token(at_ + 2).is("not"));
        if (defines || name_with_columns()) {
            defined_.insert(name.text);
        }
        if (expected_ && !is_one_of(token(at_ + 1), {"(", "."}) && name.text != "lateral") {
            found_.insert(name.text);
        }
        // What follows a point is no relation of its own.
        expected_ = expected_ && name.text == "lateral" && name.kind == SqlToken::Kind::word;
    }

    /// `name(a, b) as (`, of a WITH.
    bool name_with_columns() const
    {
        if (!token(at_ + 1).is("(")) {
            return false;
        }
        std::size_t end = at_ + 2;
        while (end < tokens_.size() && (token(end).is_name() || token(end).is(","))) {
            ++end;
        }
        return token(end).is(")") && token(end + 1).is("as") && token(end + 2).is("(");
    }

    std::vector<SqlToken> tokens_;
    std::size_t at_ = 0;
    std::vector<Level> levels_{1};
    bool expected_ = false;
    std::set<std::string> found_, defined_;
};

}  // namespace

std::set<std::string> sql_identifiers(std::string_view sql)
{
    std::set<std::string> names;
    for (SqlToken& token : SqlScanner(sql).run()) {
        if (token.is_name()) {
            names.insert(std::move(token.text));
        }
    }
    return names;
}

std::set<std::string> sql_relations(std::string_view sql)
{
    return RelationFinder(SqlScanner(sql).run()).run();
}

}  // namespace gatehouse::config
