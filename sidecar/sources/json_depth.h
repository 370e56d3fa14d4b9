// How deep arrays and objects of JSON are nested, seen without reading it.
//
// DuckDB finds out by recursion what a JSON file is made of: a deep one overflows its stack, and
// the process is gone.
//
// A string ends with its line at the latest, as it must in JSON: so each line of NDJSON is judged
// for itself, whatever is wrong with those before.
//
// Thread safety: none.
#pragma once

#include <string_view>

namespace gatehouse::sources {

class JsonDepth {
public:
    /// The next piece of the text. False: it is nested deeper than sidecar::deepest_json.
    bool add(std::string_view piece) noexcept;

private:
    const char* behind_string(const char* at, const char* end) noexcept;

    unsigned depth_ = 0;
    bool in_string_ = false;
    bool escaped_ = false;  ///< the string's last character was a backslash that is none itself
};

}  // namespace gatehouse::sources
