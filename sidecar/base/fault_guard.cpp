#include "sidecar/base/fault_guard.h"

#include <csetjmp>
#include <csignal>

namespace gatehouse::sidecar {

namespace {

thread_local sigjmp_buf* way_out = nullptr;
struct sigaction before {};

void on_fault(int number, siginfo_t* info, void* context)
{
    if (way_out != nullptr) {
        siglongjmp(*way_out, 1);
    }
    if ((before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction != nullptr) {
        return before.sa_sigaction(number, info, context);
    }
    // The instruction is run again, now to the end that it would have had.
    std::signal(number, SIG_DFL);
}

void install()
{
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigaction(SIGBUS, &action, &before);
}

}  // namespace

bool survive_faults(void (*body)(void*), void* data) noexcept
{
    static const bool installed = (install(), true);
    static_cast<void>(installed);
    sigjmp_buf here;
    if (sigsetjmp(here, 1) != 0) {
        way_out = nullptr;
        return false;
    }
    way_out = &here;
    body(data);
    way_out = nullptr;
    return true;
}

}  // namespace gatehouse::sidecar
