#include "sidecar/base/json_rows.h"

#include <algorithm>
#include <unordered_set>

#include "sidecar/base/json_cursor.h"
#include "src/base/ascii.h"

namespace gatehouse::sidecar {

namespace {

constexpr std::size_t longest_name_shown = 64;

std::string in_quotes(std::string_view text)
{
    return '"' + std::string(text.substr(0, longest_name_shown)) +
           (text.size() > longest_name_shown ? "…\"" : "\"");
}

std::string_view name_of(char first) noexcept
{
    switch (first) {
    case '{': return "an object";
    case '[': return "an array";
    case '"': return "a string";
    case 't':
    case 'f': return "a boolean";
    case 'n': return "null";
    default: return first == '-' || is_digit(first) ? "a number" : "";
    }
}

/// Where the pointer leads, as far as the document has been read.
struct Target {
    std::vector<std::string> parts;
    std::size_t matched = 0;  ///< parts that led to where the reader is
    bool found = false;
};

class Reader : private JsonCursor {
public:
    Reader(std::string_view text, std::vector<std::string> parts) : JsonCursor(text)
    {
        target_.parts = std::move(parts);
    }

    Result<JsonRows> run()
    {
        if (text_.starts_with("\xEF\xBB\xBF")) {
            at_ = 3;  // RFC 8259 §8.1 lets readers ignore it
        }
        space();
        if (!value(0, true)) {
            return *error_;
        }
        space();
        if (at_ < text_.size()) {
            fail("there is more behind the document");
            return *error_;
        }
        if (!target_.found) {
            return Error{missing()};
        }
        return std::move(out_);
    }

private:
    std::string missing() const
    {
        std::string path;
        for (const std::string& part : target_.parts) {
            path += '/' + part;
        }
        return "\"rows\": the document has nothing at " + in_quotes(path);
    }

    /// `on_path`: the value is where the pointer leads through.
    bool value(unsigned depth, bool on_path)
    {
        if (on_path && target_.matched == target_.parts.size() && !target_.found) {
            target_.found = true;
            return rows(depth);
        }
        switch (peek()) {
        case '{': return nested(depth) && object(depth, on_path);
        case '[': return nested(depth) && array(depth, on_path);
        case '"': return string(nullptr);
        case 't': return word("true");
        case 'f': return word("false");
        case 'n': return word("null");
        default: return number();
        }
    }

    bool nested(unsigned depth)
    {
        return depth < deepest_json ||
               fail("nested deeper than " + std::to_string(deepest_json) + " levels");
    }

    /// What is here is no object: says what it is.
    bool other(const std::string& before, const std::string& behind)
    {
        if (at_ >= text_.size()) {
            return expected("value");
        }
        const auto name = name_of(peek());
        return fail(name.empty() ? "this is no JSON value" : before + std::string(name) + behind);
    }

    bool rows(unsigned depth)
    {
        if (peek() == '{') {
            return row(depth);
        }
        if (peek() != '[') {
            return other("the rows are ",
                         ", not an array of objects or an object; correct the source's \"rows\"");
        }
        ++at_;
        space();
        if (take(']')) {
            return true;
        }
        do {
            space();
            if (peek() != '{') {
                return other("row " + std::to_string(out_.rows + 1) + " is ", ", not an object");
            }
            if (!row(depth + 1)) {
                return false;
            }
            space();
        } while (take(','));
        return take(']') || expected("comma or closing bracket between two rows");
    }

    /// Line ends between values become blanks: a row is one line.
    bool row(unsigned depth)
    {
        const auto from = at_;
        if (!object(depth, false)) {
            return false;
        }
        const auto start = out_.ndjson.size();
        out_.ndjson.append(text_.substr(from, at_ - from));
        std::replace_if(
            out_.ndjson.begin() + static_cast<std::ptrdiff_t>(start), out_.ndjson.end(),
            [](char c) { return c == '\n' || c == '\r'; }, ' ');
        out_.ndjson += '\n';
        ++out_.rows;
        return true;
    }

    bool object(unsigned depth, bool on_path)
    {
        ++at_;
        space();
        if (take('}')) {
            return true;
        }
        std::unordered_set<std::string> names;
        do {
            if (!member(depth, on_path, names)) {
                return false;
            }
            space();
        } while (take(','));
        return take('}') || expected("comma or closing brace behind a value");
    }

    bool member(unsigned depth, bool on_path, std::unordered_set<std::string>& names)
    {
        space();
        std::string name;
        if (peek() != '"') {
            return expected("name in quotes");
        }
        if (!string(&name)) {
            return false;
        }
        if (name.find('\0') != name.npos) {
            return fail("a name with a NUL character");
        }
        const bool leads = on_path && part_is(name);
        if (names.size() >= most_json_members) {
            return fail("an object has more than " + std::to_string(most_json_members) +
                        " members");
        }
        if (!names.insert(name).second) {
            return fail("the name " + in_quotes(name) + " is there twice");
        }
        space();
        if (!take(':')) {
            return expected("colon behind a name");
        }
        space();
        return inner(depth, leads);
    }

    bool array(unsigned depth, bool on_path)
    {
        ++at_;
        space();
        if (take(']')) {
            return true;
        }
        std::size_t index = 0;
        do {
            space();
            if (!inner(depth, on_path && part_is(std::to_string(index++)))) {
                return false;
            }
            space();
        } while (take(','));
        return take(']') || expected("comma or closing bracket behind a value");
    }

    bool part_is(const std::string& name) const
    {
        return target_.matched < target_.parts.size() && target_.parts[target_.matched] == name;
    }

    bool inner(unsigned depth, bool leads)
    {
        target_.matched += leads ? 1 : 0;
        const bool good = value(depth + 1, leads);
        target_.matched -= leads ? 1 : 0;
        return good;
    }

    Target target_;
    JsonRows out_;
};

}  // namespace

Result<std::vector<std::string>> json_pointer_parts(std::string_view pointer)
{
    std::vector<std::string> parts;
    if (!pointer.empty() && pointer.front() != '/') {
        return Error{"a JSON pointer begins with \"/\""};
    }
    for (std::size_t i = 0; i < pointer.size(); ++i) {
        if (pointer[i] == '/') {
            parts.emplace_back();
        } else if (pointer[i] != '~') {
            parts.back() += pointer[i];
        } else if (i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
            parts.back() += pointer[++i] == '0' ? '~' : '/';
        } else {
            return Error{"a JSON pointer has \"~0\" for ~ and \"~1\" for /"};
        }
    }
    return parts;
}

Result<JsonRows> json_rows(std::string_view text, std::string_view pointer)
{
    auto parts = json_pointer_parts(pointer);
    return parts ? Reader{text, std::move(*parts)}.run() : parts.error();
}

}  // namespace gatehouse::sidecar
