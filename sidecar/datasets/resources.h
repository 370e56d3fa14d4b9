// Datasets on the control socket. An upload comes in pieces, since a request there has at most
// 1 MiB:
//
//     GET    /v1/datasets                POST /v1/datasets/NAME/uploads      begins: {"id": "…"}
//     POST   /v1/datasets/NAME/drop      POST /v1/uploads/ID                 a piece
//                                        POST /v1/uploads/ID/end             what became of it
//
// One that gets no piece for a minute is dropped.
#pragma once

#include <memory>
#include <vector>

#include "sidecar/base/loop.h"
#include "sidecar/base/resource.h"
#include "sidecar/datasets/agent.h"

namespace gatehouse::datasets {

/// REQUIRES: the agent outlives them.
std::vector<sidecar::Resource> resources(sidecar::Loop& loop, Agent& agent);

}  // namespace gatehouse::datasets
