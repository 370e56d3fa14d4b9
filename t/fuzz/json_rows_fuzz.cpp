// Fuzzes the reader of documents that apps answer with, beside jansson.
//
// The text up to the first NUL is the pointer, what follows the document. What is taken as rows
// must be JSON to jansson as well, and each line of it an object of its own; where it is not taken
// with an empty pointer, jansson refuses it too, but for what only we refuse: depth, members, rows
// that are no objects.
#include <jansson.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "sidecar/base/json_rows.h"

namespace {

struct Decref {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};
using Json = std::unique_ptr<json_t, Decref>;

enum class Overflow { is_json, is_none };

/// A number out of jansson's range is JSON all the same, if what follows it is.
bool is_json(std::string_view text, Overflow overflow = Overflow::is_json)
{
    json_error_t error{};
    const Json value(json_loadb(text.data(), text.size(),
                                JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &error));
    return value != nullptr || (overflow == Overflow::is_json &&
                                json_error_code(&error) == json_error_numeric_overflow);
}

void check_lines(const gatehouse::sidecar::JsonRows& rows)
{
    std::string_view text = rows.ndjson;
    std::uint64_t count = 0;
    for (; !text.empty(); ++count) {
        const auto end = text.find('\n');
        if (end == text.npos || text.front() != '{' || !is_json(text.substr(0, end))) {
            std::abort();
        }
        text.remove_prefix(end + 1);
    }
    if (count != rows.rows) {
        std::abort();
    }
}

/// Whether the error is of a rule that jansson does not have.
bool is_our_own(std::string_view error)
{
    for (const auto part : {"nested deeper", "members", "not an object", "not an array",
                            "nothing at", "is there twice"}) {
        if (error.find(part) != error.npos) {
            return true;
        }
    }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const std::string_view all{reinterpret_cast<const char*>(data), size};
    const auto split = std::min(all.find('\0'), all.size());
    const std::string_view pointer = all.substr(0, split);
    // On the heap and of exactly its size, so that the sanitizer sees a step beyond.
    const std::string document{all.substr(std::min(split + 1, all.size()))};
    const auto rows = gatehouse::sidecar::json_rows(document, pointer);
    std::string_view text = document;
    text.remove_prefix(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    if (rows) {
        if (!is_json(text)) {
            std::abort();
        }
        check_lines(*rows);
    } else if (pointer.empty() && !is_our_own(rows.error().message) &&
               text.find('\0') == text.npos && is_json(text, Overflow::is_none)) {
        std::abort();
    }
    return 0;
}
