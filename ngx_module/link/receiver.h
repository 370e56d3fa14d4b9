// Takes what the sidecar sends and keeps the worker's board by it. Knows no nginx.
//
// Thread safety: none; one owner.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "src/base/result.h"
#include "src/board/board.h"
#include "src/board/table.h"
#include "src/link/channel.h"

namespace gatehouse::link_feature {

class Receiver {
public:
    struct Effect {
        std::uint64_t published = 0;  ///< generation that became visible; 0: none
        bool synced = false;          ///< the first full set is there
    };

    /// Whoever a table is for; what is wrong with it is theirs to say.
    using TakeTable = std::function<void(board::Table)>;

    /// `board` must outlive the receiver.
    Receiver(board::Board& board, TakeTable take_table)
        : board_(board), take_table_(std::move(take_table))
    {
    }

    /// A new connection: until it is synced, what the board held before stays.
    void begin();

    /// True once the sidecar of this connection has sent its first full set.
    bool synced() const noexcept { return synced_; }

    /// True once this connection brought any card.
    bool received_cards() const noexcept { return received_cards_; }

    /// An error ends the connection: the sidecar refused this worker, or sent what is no snapshot
    /// or no table.
    Result<Effect> apply(link::Incoming message);

private:
    Result<Effect> publish(link::Incoming message);
    Result<Effect> take_table(link::Incoming message);

    board::Board& board_;
    TakeTable take_table_;
    bool synced_ = false;
    bool received_cards_ = false;
};

}  // namespace gatehouse::link_feature
