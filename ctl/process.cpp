#include "ctl/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "src/base/unique_fd.h"

extern char** environ;

namespace gatehouse::ctl {

namespace {

std::string read_all(int fd)
{
    std::string all;
    char buffer[4096];
    for (;;) {
        const auto size = ::read(fd, buffer, sizeof buffer);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return all;
        }
        all.append(buffer, static_cast<std::size_t>(size));
    }
}

int wait_for(pid_t pid)
{
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Ran run_program(const std::string& program, const std::vector<std::string>& arguments,
                Output output)
{
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) {
        argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);

    int ends[2] = {-1, -1};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    if (output == Output::capture && ::pipe2(ends, O_CLOEXEC) == 0) {
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    UniqueFd from{ends[0]};
    UniqueFd to{ends[1]};
    pid_t pid = -1;
    const int failed =
        ::posix_spawnp(&pid, program.c_str(), &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    to.reset();
    if (failed != 0) {
        return {};
    }
    Ran ran;
    if (from) {
        ran.output = read_all(from.get());
    }
    ran.status = wait_for(pid);
    return ran;
}

std::string gatehoused_program()
{
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    const auto beside = self.parent_path() / "gatehoused";
    return !error && std::filesystem::exists(beside, error) ? beside.string() : "gatehoused";
}

}  // namespace gatehouse::ctl
