// Survives a SIGBUS: what a thread gets that touches a page of a mapped file which somebody has cut
// short. Memory of a sealed size needs none of this.
//
// Thread safety: guards of several threads do not disturb each other. They do not nest.
#pragma once

namespace gatehouse::sidecar {

/// False: `body` touched what is not there any more, and was left in the middle. REQUIRES: it makes
/// no object that has a destructor.
bool survive_faults(void (*body)(void*), void* data) noexcept;

template <class Body>
bool survive_faults(const Body& body) noexcept
{
    return survive_faults([](void* data) { (*static_cast<const Body*>(data))(); },
                          const_cast<Body*>(&body));
}

}  // namespace gatehouse::sidecar
