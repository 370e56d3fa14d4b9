// For tests: a PostgreSQL of its own, on a Unix socket, run by an unprivileged user.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace gatehouse::sidecar {

class TestPostgres {
public:
    TestPostgres()
    {
        char name[] = "/tmp/gth-pg-XXXXXX";
        directory_ = ::mkdtemp(name);
        if (::geteuid() == 0) {  // PostgreSQL refuses to be run by root
            as_ = "runuser -u postgres -- ";
            (void)std::system(("chown postgres " + directory_).c_str());
        }
        const std::string programs = "$(ls -d /usr/lib/postgresql/*/bin | tail -1)/";
        started_ = run(programs + "initdb -D " + directory_ +
                       "/data -A trust -U gatehouse --no-sync -E UTF8 --locale=C") &&
                   run(programs + "pg_ctl -w -D " + directory_ + "/data -l " + directory_ +
                       "/log -o '-F -c listen_addresses= -k " + directory_ + "' start");
        stop_ = programs + "pg_ctl -m immediate -D " + directory_ + "/data stop";
    }
    ~TestPostgres()
    {
        if (started_) {
            (void)run(stop_);
        }
        std::filesystem::remove_all(directory_);
    }
    TestPostgres(const TestPostgres&) = delete;
    TestPostgres& operator=(const TestPostgres&) = delete;

    bool started() const { return started_; }
    std::string url() const { return "host=" + directory_ + " user=gatehouse dbname=postgres"; }

private:
    bool run(const std::string& command) const
    {
        const auto quiet = "cd / && " + as_ + "sh -c \"" + command + "\" > /dev/null 2>&1";
        return std::system(quiet.c_str()) == 0;
    }

    std::string directory_, as_, stop_;
    bool started_ = false;
};

}  // namespace gatehouse::sidecar
