// Reads the API's JSON. A missing member reads as empty: older and newer sidecars print too.
#pragma once

#include <jansson.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::ctl {

class Json {
public:
    /// An invalid text reads as null.
    static Json parse(const std::string& text);

    Json operator[](const char* key) const;
    std::vector<Json> items() const;
    std::string text() const;
    std::int64_t number() const;
    double real() const;
    bool flag() const;
    explicit operator bool() const noexcept;  ///< there, and not null

    std::string dump() const;  ///< indented

private:
    struct Release {
        void operator()(json_t* value) const noexcept { json_decref(value); }
    };
    explicit Json(json_t* borrowed);

    std::shared_ptr<json_t> value_;
};

}  // namespace gatehouse::ctl
