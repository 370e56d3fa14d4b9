#include "sidecar/config/sql_names.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "sidecar/base/sql_scan.h"

namespace gatehouse::config {

namespace {

struct SqlToken {
    enum class Kind { word, quoted, symbol };

    Kind kind;
    std::string text;  // of names in lower case

    bool is(std::string_view other) const { return kind != Kind::quoted && text == other; }
    bool is_name() const { return kind != Kind::symbol; }
};

/// What stands outside of comments, but for blanks and parameters.
std::vector<SqlToken> tokens_of(std::string_view sql)
{
    using Piece = sidecar::SqlPieceKind;
    std::vector<SqlToken> tokens;
    for (const auto& piece : sidecar::sql_pieces(sql)) {
        switch (piece.kind) {
        case Piece::word:
            tokens.push_back({SqlToken::Kind::word, sidecar::folded_name_in(piece)});
            break;
        case Piece::quoted_name:
            tokens.push_back({SqlToken::Kind::quoted, sidecar::folded_name_in(piece)});
            break;
        case Piece::text: tokens.push_back({SqlToken::Kind::symbol, "'"}); break;
        case Piece::number:
        case Piece::symbol:
            tokens.push_back({SqlToken::Kind::symbol, std::string{piece.text}});
            break;
        case Piece::space:
        case Piece::comment:
        case Piece::parameter: break;
        }
    }
    return tokens;
}

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
    for (SqlToken& token : tokens_of(sql)) {
        if (token.is_name()) {
            names.insert(std::move(token.text));
        }
    }
    return names;
}

std::set<std::string> sql_relations(std::string_view sql)
{
    return RelationFinder(tokens_of(sql)).run();
}

}  // namespace gatehouse::config
