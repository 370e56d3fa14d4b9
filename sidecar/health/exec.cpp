// Checks of kind exec: a program's exit status, as monitoring plugins have it.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "sidecar/health/kinds.h"
#include "src/base/unique_fd.h"

namespace gatehouse::checks {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t largest_output = 4096;

struct Child {
    pid_t pid = -1;
    UniqueFd output;
    int error = 0;  ///< why there is none
};

/// In a process group of its own, so that what it starts can be ended with it; without our input,
/// environment secrets stay ours: it gets a PATH alone.
Child start(const std::vector<std::string>& command)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return {-1, {}, errno};
    }
    Child child{-1, UniqueFd{ends[0]}};
    const UniqueFd input{ends[1]};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, input.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    std::vector<char*> arguments;
    for (const auto& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char* environment[] = {path, nullptr};
    child.error = ::posix_spawn(&child.pid, command.front().c_str(), &files, &attributes,
                                arguments.data(), environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return child;
}

int left_ms(Clock::time_point deadline)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

/// What it writes until it closes its output, or the time is over.
void read_output(int fd, Clock::time_point deadline, std::string& out)
{
    for (;;) {
        pollfd poll{fd, POLLIN, 0};
        if (::poll(&poll, 1, left_ms(deadline)) <= 0) {
            return;
        }
        std::array<char, 1024> bytes{};
        const auto count = ::read(fd, bytes.data(), bytes.size());
        if (count <= 0) {
            return;
        }
        if (out.size() < largest_output) {
            out.append(bytes.data(), static_cast<std::size_t>(count));
        }
    }
}

struct End {
    bool in_time = true;        ///< else it was killed
    std::optional<int> status;  ///< nothing: a signal ended it
};

End wait_for(pid_t pid, Clock::time_point deadline)
{
    End end;
    const UniqueFd process{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
    pollfd ended{process.get(), POLLIN, 0};
    if (::poll(&ended, 1, left_ms(deadline)) <= 0) {
        ::kill(-pid, SIGKILL);
        end.in_time = false;
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (WIFEXITED(status)) {
        end.status = WEXITSTATUS(status);
    }
    return end;
}

}  // namespace

Measurement run_exec(const config::Check& check)
{
    const auto deadline = Clock::now() + check.timeout;
    const auto child = start(check.command);
    if (child.error != 0) {
        return down("\"" + check.command.front() +
                    "\" cannot be started: " + std::strerror(child.error));
    }
    std::string output;
    read_output(child.output.get(), deadline, output);
    const auto end = wait_for(child.pid, deadline);
    const auto line = output.substr(0, output.find('\n')).substr(0, 200);
    if (!end.in_time || !end.status) {
        return down(end.in_time ? "the program was ended by a signal"
                                : "the program did not end in time");
    }
    if (*end.status == 0) {
        return {};
    }
    const auto message = line.empty() ? "exit status " + std::to_string(*end.status) : line;
    return *end.status == 1 ? degraded(message) : down(message);
}

}  // namespace gatehouse::checks
