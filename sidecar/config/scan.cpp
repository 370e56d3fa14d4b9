#include "sidecar/config/scan.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "sidecar/config/pattern.h"

namespace gatehouse::config {

namespace {

// RFC 8259, section 6.
constexpr const char* number = "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$";

bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool ends_word(char c)
{
    return is_space(c) || c == ',' || c == ':' || c == ']' || c == '}' || c == '[' || c == '{' ||
           c == '"';
}

/// The text of a string token; an escape that jansson refuses yields the raw text, and jansson
/// reports it later.
std::string decode(std::string_view token)
{
    const std::string_view raw = token.substr(1, token.size() - 2);
    if (raw.find('\\') == std::string_view::npos) {
        return std::string(raw);
    }
    const Json value(json_loadb(token.data(), token.size(), JSON_DECODE_ANY, nullptr));
    return value ? std::string(json_string_value(value.get())) : std::string(raw);
}

/// Recursive descent over the structure; returns false after the first syntax error, which is then
/// reported.
class Scanner {
public:
    Scanner(const SourceFile& file, const std::string& text, Tree& tree, Diagnostics& out)
        : file_(file), text_(text), tree_(tree), out_(out)
    {
    }

    Node* document()
    {
        Node* root = value(nullptr, 0);
        if (root == nullptr) {
            return nullptr;
        }
        skip_space();
        if (at_ < text_.size()) {
            return fail("expected the end of the file after the closing bracket");
        }
        return root;
    }

    bool duplicates() const noexcept { return duplicates_; }

private:
    Node* fail(std::string message, std::string hint = {})
    {
        return fail_at({at_, 1}, std::move(message), std::move(hint));
    }

    Node* fail_at(Token token, std::string message, std::string hint = {})
    {
        error(out_, file_, token, std::move(message), std::move(hint));
        return nullptr;
    }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void skip_space()
    {
        while (at_ < text_.size() && is_space(text_[at_])) {
            ++at_;
        }
    }

    Node* make(Node* parent, Token token)
    {
        if (++values_ > ScanLimits::values) {
            return fail("more than " + std::to_string(ScanLimits::values) + " values in one file");
        }
        Node& node = tree_.nodes.emplace_back();
        node.file = &file_;
        node.parent = parent;
        node.value = token;
        node.key = std::exchange(key_, {});
        node.name = std::exchange(name_, {});
        return &node;
    }

    Node* value(Node* parent, unsigned depth)
    {
        skip_space();
        switch (peek()) {
            case '{': return bracketed(parent, depth, '}');
            case '[': return bracketed(parent, depth, ']');
            case '"': return string(parent);
            default: return word(parent);
        }
    }

    Node* bracketed(Node* parent, unsigned depth, char closing)
    {
        if (depth >= ScanLimits::depth) {
            return fail("nested deeper than " + std::to_string(ScanLimits::depth) + " levels");
        }
        Node* node = make(parent, {at_++, 1});
        if (node == nullptr || !children(*node, depth, closing)) {
            return nullptr;
        }
        return node;
    }

    bool children(Node& node, unsigned depth, char closing)
    {
        std::unordered_map<std::string, std::size_t> seen;
        for (bool first = true;; first = false) {
            skip_space();
            if (peek() == closing && first) {
                ++at_;
                return true;
            }
            if (!(closing == '}' ? member(node, depth, seen) : element(node, depth))) {
                return false;
            }
            skip_space();
            const char next = peek();
            if (next != ',' && next != closing) {
                return unclosed(node, closing);
            }
            ++at_;
            if (next == closing) {
                return true;
            }
        }
    }

    bool unclosed(const Node& node, char closing)
    {
        const std::string expected = std::string("expected \",\" or \"") + closing + '"';
        const Place opened = file_.place(node.value.offset);
        if (std::string_view(text_).substr(at_, 2) == "/*") {
            return unclosed_comment() != nullptr;
        }
        if (at_ < text_.size()) {
            fail(expected);
        } else {
            fail(expected + ", found the end of the file",
                 "the bracket was opened in line " + std::to_string(opened.line));
        }
        return false;
    }

    bool element(Node& parent, unsigned depth)
    {
        Node* node = value(&parent, depth + 1);
        if (node != nullptr) {
            parent.children.push_back(node);
        }
        return node != nullptr;
    }

    bool member(Node& parent, unsigned depth, std::unordered_map<std::string, std::size_t>& seen)
    {
        Token key;
        if (peek() != '"') {
            fail("expected a key in double quotes",
                 peek() == '\'' ? "single quotes are not JSON" : "");
            return false;
        }
        if (!string_token(key)) {
            return false;
        }
        skip_space();
        if (peek() != ':') {
            fail("expected \":\" after the key");
            return false;
        }
        ++at_;
        key_ = key;
        name_ = decode(std::string_view(text_).substr(key.offset, key.length));
        Node* node = value(&parent, depth + 1);
        if (node != nullptr) {
            add_member(parent, node, seen);
        }
        return node != nullptr;
    }

    void add_member(Node& parent, Node* node, std::unordered_map<std::string, std::size_t>& seen)
    {
        const auto [at, is_new] = seen.try_emplace(node->name, parent.children.size());
        if (is_new) {
            parent.children.push_back(node);
            return;
        }
        // jansson keeps the first one's place and the last one's value, and so do we.
        Node*& known = parent.children[at->second];
        duplicates_ = true;
        error(out_, *node, At::key,
              "duplicate key " + in_quotes(node->name) + ", first in " + place_of(*known));
        known = node;
    }

    bool string_token(Token& token)
    {
        token.offset = at_++;
        for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (static_cast<unsigned char>(text_[at_]) < 0x20) {
                break;
            }
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                ++at_;
            }
        }
        if (peek() != '"') {
            const bool ended = at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r';
            fail_at({token.offset, at_ - token.offset},
                    ended ? "the string is not closed on its line"
                          : "a control character inside a string; write it as an escape");
            return false;
        }
        token.length = ++at_ - token.offset;
        return true;
    }

    Node* string(Node* parent)
    {
        Token token;
        return string_token(token) ? make(parent, token) : nullptr;
    }

    Node* word(Node* parent)
    {
        const std::size_t start = at_;
        while (at_ < text_.size() && !ends_word(text_[at_])) {
            ++at_;
        }
        const Token token{start, at_ - start};
        const std::string_view text = std::string_view(text_).substr(start, token.length);
        if (text == "true" || text == "false" || text == "null" || matches(number, text)) {
            return make(parent, token);
        }
        at_ = start;
        return unexpected(text);
    }

    Node* unclosed_comment() { return fail_at({at_, 2}, "the comment is not closed"); }

    Node* unexpected(std::string_view text)
    {
        if (text.starts_with("/*")) {
            return unclosed_comment();
        }
        if (at_ >= text_.size()) {
            return fail("expected a value, found the end of the file");
        }
        if (text.empty()) {
            return fail("expected a value, found " + in_quotes({&text_[at_], 1}));
        }
        if (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) {
            return fail_at({at_, text.size()}, "not a JSON number: " + in_quotes(text));
        }
        return fail_at(
            {at_, text.size()}, "expected a value, found " + in_quotes(text),
            text[0] == '\'' ? "single quotes are not JSON" : "text stands in double quotes");
    }

    const SourceFile& file_;
    const std::string& text_;
    Tree& tree_;
    Diagnostics& out_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    bool duplicates_ = false;
    Token key_;  // of the value that comes next
    std::string name_;
};

/// Gives every node its jansson value. Both sides list members in the order of the file.
void bind(Node& node, json_t* json)
{
    node.json = share(json);
    std::size_t i = 0;
    if (json_is_array(json)) {
        for (; i < node.children.size(); ++i) {
            bind(*node.children[i], json_array_get(json, i));
        }
        return;
    }
    for (void* at = json_object_iter(json); at != nullptr && i < node.children.size();
         at = json_object_iter_next(json, at)) {
        bind(*node.children[i++], json_object_iter_value(at));
    }
}

}  // namespace

Node* scan(const SourceFile& file, Tree& tree, Diagnostics& out)
{
    const std::string text = blank_comments(file.text());
    if (const std::size_t bad = first_broken_utf8(text); bad != std::string_view::npos) {
        error(out, file, {bad, 1}, "this is not UTF-8", "save the file as UTF-8");
        return nullptr;
    }
    Scanner scanner(file, text, tree, out);
    Node* root = scanner.document();
    if (root == nullptr) {
        return nullptr;
    }
    const std::size_t flags = JSON_DECODE_ANY | (scanner.duplicates() ? 0 : JSON_REJECT_DUPLICATES);
    json_error_t failure;
    const Json json(json_loadb(text.data(), text.size(), flags, &failure));
    if (!json) {
        const auto behind = static_cast<std::size_t>(std::max(failure.position, 1));
        const std::string why = failure.text;
        error(out, file, {behind - 1, 1}, printable(why.substr(0, why.find(" near "))));
        return nullptr;
    }
    bind(*root, json.get());
    return root;
}

}  // namespace gatehouse::config
