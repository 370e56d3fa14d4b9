#include "sidecar/config/scanner.h"

#include <utility>

#include "sidecar/base/pattern.h"

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

bool starts_number(std::string_view text)
{
    return text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
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

}  // namespace

Node* Scanner::document()
{
    skip_space();
    if (at_ >= text_.size()) {
        return fail("the file is empty", "the least is {}");
    }
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

Node* Scanner::value(Node* parent, unsigned depth)
{
    skip_space();
    switch (peek()) {
    case '{': return bracketed(parent, depth, '}');
    case '[': return bracketed(parent, depth, ']');
    case '"': return string(parent);
    default: return word(parent);
    }
}

Node* Scanner::bracketed(Node* parent, unsigned depth, char closing)
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

bool Scanner::children(Node& node, unsigned depth, char closing)
{
    Seen seen;
    skip_space();
    if (peek() == closing) {
        ++at_;
        return true;
    }
    while (true) {
        skip_space();
        if (at_ >= text_.size()) {
            return unclosed(node, closing == '}' ? "a key" : "a value");
        }
        if (!(closing == '}' ? member(node, depth, seen) : element(node, depth))) {
            return false;
        }
        skip_space();
        const char next = peek();
        if (next != ',' && next != closing) {
            return unclosed(node, std::string("\",\" or \"") + closing + '"');
        }
        ++at_;
        if (next == closing) {
            return true;
        }
    }
}

bool Scanner::element(Node& parent, unsigned depth)
{
    Node* node = value(&parent, depth + 1);
    if (node != nullptr) {
        parent.children.push_back(node);
    }
    return node != nullptr;
}

bool Scanner::member(Node& parent, unsigned depth, Seen& seen)
{
    Token key;
    if (!key_token(key)) {
        return false;
    }
    key_ = key;
    name_ = decode(text_.substr(key.offset, key.length));
    Node* node = value(&parent, depth + 1);
    if (node != nullptr) {
        add_member(parent, node, seen);
    }
    return node != nullptr;
}

bool Scanner::key_token(Token& token)
{
    if (peek() != '"') {
        fail("expected a key in double quotes", peek() == '\'' ? "single quotes are not JSON" : "");
        return false;
    }
    if (!string_token(token)) {
        return false;
    }
    skip_space();
    if (peek() != ':') {
        fail("expected \":\" after the key");
        return false;
    }
    ++at_;
    return true;
}

void Scanner::add_member(Node& parent, Node* node, Seen& seen)
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

Node* Scanner::string(Node* parent)
{
    Token token;
    return string_token(token) ? make(parent, token) : nullptr;
}

bool Scanner::string_token(Token& token)
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

Node* Scanner::word(Node* parent)
{
    const std::size_t start = at_;
    while (at_ < text_.size() && !ends_word(text_[at_])) {
        ++at_;
    }
    const Token token{start, at_ - start};
    const std::string_view text = text_.substr(start, token.length);
    if (text == "true" || text == "false" || text == "null" || sidecar::matches(number, text)) {
        return make(parent, token);
    }
    at_ = start;
    return unexpected(text);
}

Node* Scanner::make(Node* parent, Token token)
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

Node* Scanner::fail(std::string message, std::string hint)
{
    return fail_at({at_, 1}, std::move(message), std::move(hint));
}

Node* Scanner::fail_at(Token token, std::string message, std::string hint)
{
    error(out_, file_, token, std::move(message), std::move(hint));
    return nullptr;
}

Node* Scanner::unclosed_comment()
{
    return fail_at({at_, 2}, "the comment is not closed");
}

Node* Scanner::unexpected(std::string_view text)
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
    const Token token{at_, text.size()};
    if (starts_number(text)) {
        return fail_at(token, "not a JSON number: " + in_quotes(text));
    }
    return fail_at(token, "expected a value, found " + in_quotes(text),
                   text[0] == '\'' ? "single quotes are not JSON" : "text stands in double quotes");
}

bool Scanner::unclosed(const Node& node, const std::string& wanted)
{
    const std::string expected = "expected " + wanted;
    if (text_.substr(at_, 2) == "/*") {
        unclosed_comment();
    } else if (at_ < text_.size()) {
        fail(expected);
    } else {
        fail(expected + ", found the end of the file",
             "the bracket was opened in line " +
                 std::to_string(file_.place(node.value.offset).line));
    }
    return false;
}

void Scanner::skip_space()
{
    while (at_ < text_.size() && is_space(text_[at_])) {
        ++at_;
    }
}

}  // namespace gatehouse::config
