#include "sidecar/databases/source_names.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace gatehouse::databases {
namespace {

using sidecar::SqlPiece;
using sidecar::SqlPieceKind;

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// A table follows; the last four are DuckDB's.
constexpr std::array<std::string_view, 6> before_table{"join",    "table",    "pivot",
                                                       "unpivot", "describe", "summarize"};
constexpr std::array<std::string_view, 2> between{"lateral", "only"};
/// No table follows a comma any more.
constexpr std::array<std::string_view, 14> after_tables{
    "select", "values", "where",     "group",  "having", "window", "qualify",
    "order",  "limit",  "intersect", "except", "union",  "offset", "fetch"};
/// Their arguments have a FROM of their own: extract(year from at).
constexpr std::array<std::string_view, 4> with_from{"extract", "substring", "trim", "overlay"};

/// Reads one token after the other and knows whether a table may be the next.
class Place {
public:
    bool is_of_table() const { return table_next_; }

    void take(const SqlPiece& token)
    {
        const bool table_was_next = std::exchange(table_next_, false);
        const bool word = token.kind == SqlPieceKind::word && !after_dot_;
        if (token.text == "(" || token.text == "[") {
            levels_.push_back({table_was_next, is_one_of(last_, with_from)});
            table_next_ = table_was_next;
        } else if ((token.text == ")" || token.text == "]") && levels_.size() > 1) {
            levels_.pop_back();
        } else if (token.text == ",") {
            table_next_ = levels_.back().in_tables;
        } else if (word) {
            take_word(sidecar::name_in(token), table_was_next);
        }
        before_last_ = std::exchange(last_, word ? sidecar::name_in(token) : "");
        after_dot_ = token.text == ".";
    }

    void take_name() { take({SqlPieceKind::quoted_name, {}}); }

private:
    /// Within parentheses.
    struct Level {
        bool in_tables = false;  ///< a comma leads to another table
        bool of_function = false;
    };

    void take_word(const std::string& word, bool table_was_next)
    {
        Level& level = levels_.back();
        if (word == "from") {
            const bool compares =  // a is not distinct from b
                last_ == "distinct" && (before_last_ == "is" || before_last_ == "not");
            table_next_ = !compares && !level.of_function;
            level.in_tables = level.in_tables || table_next_;
        } else if (is_one_of(word, before_table)) {
            table_next_ = true;
        } else if (is_one_of(word, between)) {
            table_next_ = table_was_next;
        } else if (is_one_of(word, after_tables)) {
            level.in_tables = false;
        }
    }

    std::vector<Level> levels_{Level{}};
    std::string last_, before_last_;  ///< words; empty: something else
    bool table_next_ = false;
    bool after_dot_ = false;
};

bool is_name(const SqlPiece& token)
{
    return token.kind == SqlPieceKind::word || token.kind == SqlPieceKind::quoted_name;
}

std::size_t parts_at(const SqlTokens& tokens, std::size_t first)
{
    std::size_t last = first;
    while (last + 2 < tokens.size() && tokens[last + 1].text == "." && is_name(tokens[last + 2])) {
        last += 2;
    }
    return (last - first) / 2 + 1;
}

}  // namespace

SqlTokens sql_tokens(const std::string& sql)
{
    SqlTokens tokens = sidecar::sql_pieces(sql);
    std::erase_if(tokens, [](const SqlPiece& piece) {
        return piece.kind == SqlPieceKind::space || piece.kind == SqlPieceKind::comment;
    });
    return tokens;
}

bool is_called(const SqlPiece& token, const std::string& name)
{
    return is_name(token) && sidecar::name_in(token) == name;
}

std::vector<SourceName> names_of_source(const SqlTokens& tokens, const std::string& source)
{
    std::vector<SourceName> found;
    Place place;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!is_called(tokens[i], source) || (i > 0 && tokens[i - 1].text == ".")) {
            place.take(tokens[i]);
            continue;
        }
        found.push_back({i, parts_at(tokens, i), place.is_of_table()});
        place.take_name();
        i += 2 * (found.back().parts - 1);
    }
    return found;
}

}  // namespace gatehouse::databases
