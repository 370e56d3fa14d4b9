#include "sidecar/config/substitute.h"

#include "sidecar/config/read_file.h"

namespace gatehouse::config {

namespace {

constexpr std::size_t longest_file = 64u << 10;
constexpr std::size_t longest_result = 1u << 20;
constexpr unsigned deepest = 8;

/// The index of the brace that closes the one opened just before `from`; npos when there is none.
std::size_t closing_brace(std::string_view text, std::size_t from)
{
    unsigned open = 1;
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
            ++open;
            ++i;
        } else if (text[i] == '}' && --open == 0) {
            return i;
        }
    }
    return std::string_view::npos;
}

std::size_t name_length(std::string_view text)
{
    std::size_t n = 0;
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    while (n < text.size() && (is_letter(text[n]) || (n > 0 && text[n] >= '0' && text[n] <= '9'))) {
        ++n;
    }
    return n;
}

void strip_line_end(std::string& text)
{
    if (text.ends_with('\n')) {
        text.pop_back();
    }
    if (text.ends_with('\r')) {
        text.pop_back();
    }
}

/// Expands one string node.
class Expander {
public:
    Expander(Node& node, const Variables& variables, Diagnostics& out)
        : node_(node), variables_(variables), out_(out)
    {
    }

    std::string expand(std::string_view text, unsigned depth)
    {
        std::string result;
        while (!text.empty() && result.size() <= longest_result) {
            const std::size_t dollar = std::min(text.find('$'), text.size());
            result += text.substr(0, dollar);
            text.remove_prefix(dollar);
            result += expand_dollar(text, depth);
        }
        return result;
    }

    bool failed() const noexcept { return failed_; }

private:
    /// Consumes what starts with a dollar sign at the start of `text`.
    std::string expand_dollar(std::string_view& text, unsigned depth)
    {
        if (text.starts_with("${")) {
            return expand_braces(text, depth);
        }
        const std::size_t consumed =
            text.starts_with("$$") ? 2 : std::min<std::size_t>(text.size(), 1);
        text.remove_prefix(consumed);
        return consumed > 0 ? "$" : "";
    }

    std::string expand_braces(std::string_view& text, unsigned depth)
    {
        const std::size_t close = closing_brace(text, 2);
        const std::string_view body =
            text.substr(2, close == std::string_view::npos ? close : close - 2);
        text.remove_prefix(close == std::string_view::npos ? text.size() : close + 1);
        if (close == std::string_view::npos) {
            return fail(body, "\"${\" is not closed",
                        "write \"$${\" for the characters themselves");
        }
        if (depth >= deepest) {
            return fail(body,
                        "variables nested deeper than " + std::to_string(deepest) + " levels");
        }
        node_.substituted = true;
        return body.starts_with("file:") ? read(body) : variable(body, depth);
    }

    std::string variable(std::string_view body, unsigned depth)
    {
        const std::size_t length = name_length(body);
        const std::string name(body.substr(0, length));
        const std::string_view rest = body.substr(length);
        const bool with_default = rest.starts_with(":-");
        const bool with_message = rest.starts_with(":?");
        if (name.empty() || (!rest.empty() && !with_default && !with_message)) {
            return fail(body, "not a variable: " + in_quotes("${" + std::string(body) + "}"),
                        "write ${NAME}, ${NAME:-default}, ${NAME:?message} or ${file:PATH}");
        }
        const std::optional<std::string> value = variables_.environment(name);
        if (value && (!value->empty() || rest.empty())) {
            return *value;
        }
        if (with_default) {
            return expand(rest.substr(2), depth + 1);
        }
        const std::string_view message = with_message ? rest.substr(2) : "";
        return fail(
            body, "the environment variable " + in_quotes(name) +
                      (message.empty() ? " is not set" : ": " + printable(message.substr(0, 200))));
    }

    std::string read(std::string_view body)
    {
        std::string path(body.substr(5));
        if (!path.starts_with('/')) {
            path = variables_.directory + '/' + path;
        }
        auto text = read_file(path, longest_file);
        if (!text) {
            return fail(body, "cannot read " + path_in_quotes(path) + ": " + text.error().message);
        }
        node_.secret = true;
        strip_line_end(*text);
        return *text;
    }

    /// At the variable when the source spells it as it was read, else at the whole string.
    std::string fail(std::string_view body, std::string message, std::string hint = {})
    {
        const std::string spelled = "${" + std::string(body);
        const std::size_t at = node_.file->text(node_.value).find(spelled);
        failed_ = true;
        const Token token = at == std::string_view::npos
                                ? node_.value
                                : Token{node_.value.offset + at, spelled.size() + 1};
        error(out_, node_, token, std::move(message), std::move(hint));
        return {};
    }

    Node& node_;
    const Variables& variables_;
    Diagnostics& out_;
    bool failed_ = false;
};

void substitute_string(Node& node, const Variables& variables, Diagnostics& out)
{
    const std::string text = *text_of(&node);
    if (text.find('$') == std::string::npos) {
        return;
    }
    Expander expander(node, variables, out);
    const std::string result = expander.expand(text, 0);
    if (expander.failed()) {
        return;
    }
    Json value(json_stringn(result.data(), result.size()));
    if (value == nullptr || result.size() > longest_result ||
        result.find('\0') != std::string::npos) {
        error(out, node, At::value,
              "the value after substitution is not UTF-8 text of at most 1 MiB");
        return;
    }
    node.json = std::move(value);
}

}  // namespace

void substitute(Node& node, const Variables& variables, Diagnostics& out)
{
    if (node.name == "$comment" || out.full()) {
        return;
    }
    if (node.type() == JSON_STRING) {
        substitute_string(node, variables, out);
    }
    for (Node* child : node.children) {
        substitute(*child, variables, out);
    }
}

}  // namespace gatehouse::config
