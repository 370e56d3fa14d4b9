// Counts the user instructions of a process in single steps. Virtual machines often have no
// counters, and callgrind knows no SHA extensions: it counts a hash in software, which is another
// program.
//
//   step_counter PID     says "ready", counts until its standard input ends, prints the count
//
// A repeated string instruction counts once for each repetition.
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

std::atomic<bool> ended{false};

/// Steps on, with a signal for the process unless it is 0; the signal at which it stops next.
int step(pid_t pid, int signal)
{
    int status = 0;
    if (ptrace(PTRACE_SINGLESTEP, pid, nullptr, signal) != 0 ||
        waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) {
        std::perror("step_counter: the process is gone");
        std::exit(1);
    }
    return WSTOPSIG(status);
}

/// A process that waits for events does not step: a signal ends that. It never gets it.
void wait_for_end(pid_t pid)
{
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
    }
    ended = true;
    kill(pid, SIGSTOP);
}

}  // namespace

int main(int argc, char** argv)
{
    const pid_t pid = argc == 2 ? std::atoi(argv[1]) : 0;
    int status = 0;
    if (pid <= 0 || ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) != 0 ||
        ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) != 0 ||
        waitpid(pid, &status, __WALL) != pid) {
        std::perror("step_counter: cannot trace the process");
        return 1;
    }
    std::puts("ready");
    std::fflush(stdout);
    std::thread waiting{wait_for_end, pid};
    long steps = 0;
    for (int signal = 0;;) {
        const int stopped = step(pid, signal);
        if (ended && stopped == SIGSTOP) {
            break;
        }
        signal = stopped == SIGTRAP ? 0 : stopped;
        steps += stopped == SIGTRAP ? 1 : 0;
    }
    waiting.join();
    std::printf("%ld\n", steps);
    ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
    return 0;
}
