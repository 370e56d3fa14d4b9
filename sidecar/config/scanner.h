// The structure of one file: which bytes are which value. Internal to scan().
#pragma once

#include <unordered_map>

#include "sidecar/config/scan.h"

namespace gatehouse::config {

/// Recursive descent, no deeper than ScanLimits::depth. Stops at the first syntax error, which is
/// then reported.
class Scanner {
public:
    /// `text` is the file's with comments blanked, of the same length.
    Scanner(const SourceFile& file, std::string_view text, Tree& tree, Diagnostics& out)
        : file_(file), text_(text), tree_(tree), out_(out)
    {
    }

    /// The document without values: Node::json is not set. Null after a syntax error.
    Node* document();

    /// Whether a key occurred twice; each was reported.
    bool duplicates() const noexcept { return duplicates_; }

private:
    using Seen = std::unordered_map<std::string, std::size_t>;

    Node* value(Node* parent, unsigned depth);
    Node* bracketed(Node* parent, unsigned depth, char closing);
    bool children(Node& node, unsigned depth, char closing);
    bool element(Node& parent, unsigned depth);
    bool member(Node& parent, unsigned depth, Seen& seen);
    bool key_token(Token& token);
    void add_member(Node& parent, Node* node, Seen& seen);
    Node* string(Node* parent);
    bool string_token(Token& token);
    Node* word(Node* parent);
    Node* make(Node* parent, Token token);

    Node* fail(std::string message, std::string hint = {});
    Node* fail_at(Token token, std::string message, std::string hint = {});
    Node* unclosed_comment();
    Node* unexpected(std::string_view text);
    bool unclosed(const Node& node, const std::string& wanted);

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip_space();

    const SourceFile& file_;
    std::string_view text_;
    Tree& tree_;
    Diagnostics& out_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    bool duplicates_ = false;
    Token key_;         // of the value that comes next
    std::string name_;  // the same, decoded
};

}  // namespace gatehouse::config
