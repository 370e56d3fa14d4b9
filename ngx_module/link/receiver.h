// Takes what the sidecar sends and keeps the worker's board by it. Knows no nginx.
//
// Thread safety: none; one owner.
#pragma once

#include <cstdint>
#include <string>

#include "src/base/result.h"
#include "src/board/board.h"
#include "src/link/channel.h"

namespace gatehouse::link_feature {

class Receiver {
public:
    struct Effect {
        std::uint64_t published = 0;  ///< generation that became visible; 0: none
        bool synced = false;          ///< the first full set is there
    };

    /// `board` must outlive the receiver.
    explicit Receiver(board::Board& board) noexcept : board_(board) {}

    /// A new connection: until it is synced, what the board held before stays.
    void begin();

    /// True once the sidecar of this connection has sent its first full set.
    bool synced() const noexcept { return synced_; }

    /// True once this connection brought any card.
    bool received_cards() const noexcept { return received_cards_; }

    /// An error ends the connection: the sidecar refused this worker, or sent what is no snapshot.
    Result<Effect> apply(link::Incoming message);

private:
    Result<Effect> publish(link::Incoming message);

    board::Board& board_;
    bool synced_ = false;
    bool received_cards_ = false;
};

}  // namespace gatehouse::link_feature
