// When a file is worth reading: it has changed, and has been left alone for a while since. No
// clock.
#pragma once

#include <cstdint>
#include <optional>

namespace gatehouse::geoip {

/// What tells one state of a file from another. ctime cannot be set back, as mtime can.
struct Stamp {
    bool readable = false;  ///< it is there, and this process may read it
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t mtime_ns = 0;
    std::int64_t ctime_ns = 0;

    friend bool operator==(const Stamp&, const Stamp&) = default;
};

class Settling {
public:
    /// Whether it is to be read now. To be called again and again.
    bool due(const Stamp& seen, std::int64_t now_ms) noexcept
    {
        if (!seen_ || *seen_ != seen) {
            seen_ = seen;
            since_ms_ = now_ms;
        }
        return !settled() && now_ms - since_ms_ >= quiet_ms;
    }

    /// It is being read as it was seen last.
    void read() noexcept { read_ = seen_; }

    /// It is to be read once more, unchanged as it is.
    void again() noexcept { read_.reset(); }

    /// What was read is what was seen last.
    bool settled() const noexcept { return seen_ && read_ == seen_; }

    /// What was read is this, and could be.
    bool holds(const Stamp& now) const noexcept { return now.readable && read_ == now; }

    static constexpr std::int64_t quiet_ms = 2000;

private:
    std::optional<Stamp> seen_;
    std::int64_t since_ms_ = 0;
    std::optional<Stamp> read_;
};

}  // namespace gatehouse::geoip
