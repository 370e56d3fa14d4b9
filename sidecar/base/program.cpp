#include "sidecar/base/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "sidecar/base/clean_text.h"
#include "src/base/unique_fd.h"

namespace gatehouse::sidecar {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t largest_output = 4096;
constexpr std::size_t longest_line = 200;

struct Child {
    pid_t pid = -1;
    UniqueFd output, input;  ///< our ends
    int error = 0;           ///< why there is none
    UniqueFd process{};      ///< readable once it has ended
};

struct Pipe {
    UniqueFd reads, writes;
};

bool make(Pipe& pipe)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    pipe = {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
    return true;
}

/// In a process group of its own, so that what it starts can be ended with it; environment secrets
/// stay ours: it gets a PATH alone.
Child start(const std::vector<std::string>& command)
{
    Pipe output, input;
    if (!make(output) || !make(input)) {
        return {-1, {}, {}, errno};
    }
    (void)::fcntl(input.writes.get(), F_SETFL, O_NONBLOCK);
    (void)::fcntl(output.reads.get(), F_SETFL, O_NONBLOCK);
    Child child{-1, std::move(output.reads), std::move(input.writes)};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input.reads.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, output.writes.get(), STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
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

/// Writes what it takes; closed once it has all, or wants no more.
void feed(UniqueFd& fd, std::string_view& input)
{
    const auto sent = input.empty() ? 0 : ::write(fd.get(), input.data(), input.size());
    if (sent > 0) {
        input.remove_prefix(static_cast<std::size_t>(sent));
    }
    if (input.empty() || (sent < 0 && errno != EAGAIN && errno != EINTR)) {
        fd = UniqueFd{};
    }
}

/// Takes some of what there is; closed at its end. False: there is nothing.
bool drain(UniqueFd& fd, std::string& out)
{
    std::array<char, 1024> bytes{};
    const auto count = ::read(fd.get(), bytes.data(), bytes.size());
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
        fd = UniqueFd{};
    } else if (count > 0 && out.size() < largest_output) {
        out.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return count > 0;
}

/// Until it has ended, or the time is over. What it has started may go on writing for ever, and is
/// not waited for.
void talk(Child& child, std::string_view input, Clock::time_point deadline, std::string& out)
{
    feed(child.input, input);
    while (Clock::now() < deadline) {
        // poll() passes by what is closed.
        pollfd polls[3]{{child.process.get(), POLLIN, 0},
                        {child.output.get(), POLLIN, 0},
                        {child.input.get(), POLLOUT, 0}};
        if (::poll(polls, 3, left_ms(deadline)) < 0 && errno != EINTR) {
            return;
        }
        if (polls[2].revents != 0) {
            feed(child.input, input);
        }
        if (polls[0].revents != 0) {
            while (child.output && out.size() < largest_output && drain(child.output, out)) {
            }
            return;
        }
        if (polls[1].revents != 0) {
            (void)drain(child.output, out);
        }
    }
}

/// Ends it if it still runs, and in any case all that it has started.
void end(const Child& child, ProgramRun& run)
{
    pollfd ended{child.process.get(), POLLIN, 0};
    run.in_time = ::poll(&ended, 1, 0) > 0;
    // Before it is waited for: until then no other group can have its number.
    ::kill(-child.pid, SIGKILL);
    int status = 0;
    ::waitpid(child.pid, &status, 0);
    if (WIFEXITED(status)) {
        run.status = WEXITSTATUS(status);
    }
}

}  // namespace

std::string ProgramRun::reason() const
{
    if (!error.empty()) {
        return error;
    }
    if (!in_time || !status) {
        return in_time ? "the program was ended by a signal" : "the program did not end in time";
    }
    const auto line = clean_text(output.substr(0, output.find('\n')), longest_line);
    return line.empty() ? "exit status " + std::to_string(*status) : line;
}

ProgramRun run_program(const std::vector<std::string>& command, const std::string& input,
                       std::chrono::milliseconds timeout)
{
    const auto deadline = Clock::now() + timeout;
    auto child = start(command);
    ProgramRun run;
    if (child.error != 0) {
        run.error = '"' + command.front() + "\" cannot be started: " + std::strerror(child.error);
        return run;
    }
    child.process = UniqueFd{static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0))};
    talk(child, input, deadline, run.output);
    end(child, run);
    return run;
}

}  // namespace gatehouse::sidecar
