// What cards' data are made of, so that a restart need not make them again: a digest of a card's
// definition, of those of its sources, and of the stamps of the files that were read.
//
// Only files tell what they are. A card over anything else, a database, a document, runs or another
// card, has no basis.
//
// Thread safety: Bases is immutable; kept_cards reads file systems and blocks.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "sidecar/app/compute_card.h"
#include "sidecar/app/produce.h"
#include "sidecar/board/store.h"
#include "sidecar/cards/work.h"
#include "sidecar/config/types.h"
#include "src/board/archive.h"

namespace gatehouse::app {

class Bases {
public:
    explicit Bases(const config::Config& config);

    /// Of what a computation of the card makes of these inputs, by this version of the program; an
    /// unknown one where nobody can tell.
    board::Basis of(const std::string& card, const Inputs& inputs) const;

private:
    std::map<std::string, std::string> definitions_;  ///< of cards that have a basis
};

/// By name: the cards whose data on the board are what a computation would give today.
std::map<std::string, sidecar::Kept> kept_cards(const std::shared_ptr<const Setup>& setup,
                                                const sidecar::BoardStore& store);

}  // namespace gatehouse::app
