// What the control API tells of limits, and does to them:
//
//   GET  /v1/limits
//   GET  /v1/limits/ZONE/key?key=KEY[&form=text|hex][&rate=R][&quota=Q][&burst=N]
//   POST /v1/limits/ZONE/reset?key=KEY[&form=…][&rate=R][&quota=Q]  or  ?all=true
//   GET  /v1/top-keys[?zone=ZONE][&most=N]
//
// A zone of the same name in several nginx is told, and reset, in each.
//
// Thread safety: none; lives on the loop.
#pragma once

#include <functional>
#include <vector>

#include "sidecar/base/resource.h"
#include "sidecar/limits/zones.h"

namespace gatehouse::limits {

struct Ports {
    std::function<std::vector<Worker>()> workers;
    /// Runs work that takes long elsewhere, then `done` on the loop.
    std::function<void(std::function<void()> work, std::function<void()> done)> run;
};

std::vector<sidecar::Resource> resources(Ports ports);

}  // namespace gatehouse::limits
