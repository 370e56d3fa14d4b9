// From a question about a card to the snapshot that answers it: the card's SQL with the question's
// arguments, the rows it wants of the result, the card's steps, rendering; and from that snapshot
// to the compressed one.
//
// Thread safety: the functions that are made may be called by several threads at once. They block:
// for the pool.
#pragma once

#include <memory>

#include "sidecar/app/produce.h"
#include "sidecar/board/store.h"
#include "sidecar/on_demand/work.h"

namespace gatehouse::app {

on_demand::Compute make_answers(std::shared_ptr<const Setup> setup,
                                std::shared_ptr<sidecar::Generations> generations);

on_demand::Compress make_compress(std::shared_ptr<sidecar::Generations> generations);

}  // namespace gatehouse::app
