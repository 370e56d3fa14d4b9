// The claims of a verified token (RFC 7519 §4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/auth/json_tape.h"

namespace gatehouse::auth {

/// A view of bytes that somebody else keeps: the Verifier until its next token, or whoever gave the
/// memory for a copy.
class Claims {
public:
    Claims() noexcept = default;
    Claims(const char* text, std::size_t text_size, const JsonNode* nodes) noexcept
        : text_(text), text_size_(text_size), nodes_(nodes)
    {
    }

    bool empty() const noexcept { return nodes_ == nullptr; }

    /// The object of all claims. REQUIRES: not empty.
    JsonValue root() const noexcept { return {text_, nodes_}; }

    /// A claim by its name, or by a path: `a.b.c` is the claim of that very name, else `c` in `b`
    /// in `a`; names within a path may have dots, too. None when there is none.
    JsonValue find(std::string_view path) const noexcept;

    /// What a copy takes. It is aligned to 2.
    std::size_t bytes() const noexcept;

    /// The same claims, kept in `memory`. REQUIRES: room for bytes(), aligned to 2; not empty.
    Claims copy_to(void* memory) const noexcept;

private:
    const char* text_ = nullptr;
    std::size_t text_size_ = 0;
    const JsonNode* nodes_ = nullptr;
};

/// A string, a number's digits, `true` or `false`, if it is one line of text; else empty.
std::string_view claim_text(JsonValue claim) noexcept;

/// Appends a claim as one line of text, for variables: a string, a number's digits, `true`,
/// `false`; the elements of an array with commas between. False, and nothing is appended, for none,
/// null, objects, what holds objects or arrays, and texts with control characters, which would end
/// a header field.
bool append_claim_text(std::string& out, JsonValue claim);

/// Whether the claim is this text, or an array that has it as an element.
bool claim_is(JsonValue claim, std::string_view text) noexcept;

/// The scopes of a token, one by one: the words of `scope` (RFC 8693 §4.2) and `scp` when they are
/// strings, the strings in `scope`, `scp` and `roles` when they are arrays.
class Scopes {
public:
    explicit Scopes(const Claims& claims) noexcept : claims_(claims) {}

    /// False at the end. A scope that two claims give comes twice.
    bool next(std::string_view& scope) noexcept;

private:
    bool next_claim() noexcept;

    Claims claims_;
    std::size_t claim_ = 0;   // the next of the three names
    std::string_view words_;  // what is left of a string
    JsonValue array_;
    JsonValue::Iterator element_{nullptr, nullptr};
};

bool has_scope(const Claims& claims, std::string_view scope) noexcept;

/// A string in the array `roles`, or `roles` itself.
bool has_role(const Claims& claims, std::string_view role) noexcept;

/// Appends the scopes with blanks between. What is no scope-token of RFC 6749 §3.3, such as a role
/// with a blank in its name, is left out: it would read as two.
void append_scopes(std::string& out, const Claims& claims);

}  // namespace gatehouse::auth
