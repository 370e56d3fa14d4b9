// Keeps a log readable when the same thing happens over and over.
//
// Thread safety: none; belongs to one agent.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

namespace gatehouse::sidecar {

class Repeats {
public:
    explicit Repeats(std::int64_t interval_ms) : interval_ms_(interval_ms) {}

    /// Whether `text` about `key` is to be said now: it is new, or was last said `interval` ago.
    bool worth_saying(const std::string& key, const std::string& text, std::int64_t steady_ms)
    {
        auto& last = said_[key];
        if (last.said && last.text == text && steady_ms - last.at_ms < interval_ms_) {
            return false;
        }
        last = {text, steady_ms, true};
        return true;
    }

    void forget(const std::string& key) { said_.erase(key); }

private:
    struct Last {
        std::string text;
        std::int64_t at_ms = 0;
        bool said = false;
    };

    std::int64_t interval_ms_;
    std::unordered_map<std::string, Last> said_;
};

}  // namespace gatehouse::sidecar
