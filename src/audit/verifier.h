// Goes through the lines of audit logs and finds the first that does not belong.
//
// The files of one log are given from the oldest on; the chain goes on from one to the next. The
// first line of all must be a start record, which tells by which hmac it hangs on what came before.
//
// Thread safety: none; one owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/audit/chain.h"

namespace gatehouse::audit {

class Verifier {
public:
    explicit Verifier(Mac mac) : mac_(std::move(mac)) {}

    /// In the middle of a chain: the next line is the one behind `end`.
    Verifier(Mac mac, ChainEnd end) : mac_(std::move(mac)), end_(std::move(end)), begun_(true) {}

    /// The next line, without its end. Returns what is wrong, in words that go on from
    /// "FILE:LINE: "; then the verifier is of no further use. Torn lines are wrong only once the
    /// next one turns out not to own up to them: `lines_back` tells how far before the line given
    /// the flaw is.
    struct Flaw {
        std::string what;
        std::uint64_t lines_back = 0;
    };
    std::optional<Flaw> next(std::string_view line);

    /// After the last line of all.
    std::optional<Flaw> finish() const;

    /// Torn lines at the end that nothing has owned up to, joined by line ends; empty: none.
    const std::string& torn() const noexcept { return torn_; }

    /// The chain up to here.
    const ChainEnd& end() const noexcept { return end_; }
    bool begun() const noexcept { return begun_; }

private:
    std::optional<Flaw> next_sealed(const SealedLine& line);
    Flaw explain(const SealedLine& line) const;

    Mac mac_;
    ChainEnd end_;
    bool begun_ = false;
    std::string torn_;
    std::uint64_t torn_lines_ = 0;
};

/// What a start record says.
struct StartRecord {
    ChainEnd previous;
    std::string key_id;
    std::string fragment_sha256;  ///< of the torn lines before it; empty: there are none
};

/// Nothing if the line is another one.
std::optional<StartRecord> start_of(const SealedLine& line);

}  // namespace gatehouse::audit
