// For tests: a zone in a file, and what it says.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "src/limit/test_zone.h"
#include "src/limit/zone_file.h"

namespace gatehouse::limit {

namespace fs = std::filesystem;

/// A zone in a file, in a directory of the test's own.
class ZoneFile : public testing::Test {
protected:
    ZoneFile()
    {
        char name[] = "/tmp/gatehouse-zone-XXXXXX";
        directory_ = ::mkdtemp(name);
        settings_ = {.name = "api",
                     .bytes = Zone::smallest_bytes,
                     .key = "$gate_client",
                     .path = (directory_ / "zone").string()};
    }
    ~ZoneFile() override
    {
        fs::permissions(directory_, fs::perms::all);
        fs::remove_all(directory_);
    }

    Zone open(const Clocks& clocks = test_clocks()) const
    {
        auto zone = Zone::open(settings_, clocks);
        EXPECT_TRUE(zone) << zone.error().message;
        return std::move(*zone);
    }

    /// The error's text; empty: it opens. A look at the file alone finds the same, and leaves it.
    std::string refusal(const ZoneSettings& settings, const Clocks& clocks = test_clocks()) const
    {
        const auto before = state();
        const auto checked = check_file(settings, clocks);
        EXPECT_EQ(state(), before);
        const auto zone = Zone::open(settings, clocks);
        EXPECT_EQ(checked ? "" : checked.error().message, zone ? "" : zone.error().message);
        return zone ? "" : zone.error().message;
    }
    std::string refusal() const { return refusal(settings_); }

    std::string bytes() const
    {
        std::ifstream file{settings_.path, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
    /// Whether it is there, and what is in it.
    std::pair<fs::file_type, std::string> state() const
    {
        std::error_code failed;
        const auto type = fs::symlink_status(settings_.path, failed).type();
        return {type, type == fs::file_type::regular ? bytes() : std::string{}};
    }
    void write(const std::string& bytes) const
    {
        std::ofstream{settings_.path, std::ios::binary | std::ios::trunc} << bytes;
    }
    void change(const std::function<void(ZoneHeader&)>& edit) const
    {
        auto all = bytes();
        ZoneHeader header;
        std::memcpy(&header, all.data(), sizeof header);
        edit(header);
        std::memcpy(all.data(), &header, sizeof header);
        write(all);
    }

    /// What a user without rights is told.
    std::string refusal_as_nobody() const
    {
        int pipe[2];
        EXPECT_EQ(::pipe(pipe), 0);
        const pid_t pid = ::fork();
        if (pid == 0) {
            const bool dropped = ::geteuid() != 0 || ::setuid(65534) == 0;
            const auto text = dropped ? refusal() : std::string{"cannot drop rights"};
            [[maybe_unused]] const auto written = ::write(pipe[1], text.data(), text.size());
            ::_exit(0);
        }
        ::close(pipe[1]);
        char text[1024];
        const auto size = ::read(pipe[0], text, sizeof text);
        ::close(pipe[0]);
        ::waitpid(pid, nullptr, 0);
        return {text, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }

    fs::path directory_;
    ZoneSettings settings_;
};

/// How many requests of key 1 would pass at this time.
inline std::uint64_t remaining(Zone& zone, const std::vector<Window>& windows,
                               std::uint64_t monotonic_ms)
{
    Request request{zone, windows, 1, 0};
    request.at(zone.now(monotonic_ms));
    return request.peek() == Request::npos ? request[0].outcome().remaining + 1 : 0;
}

inline void spend(Zone& zone, const std::vector<Window>& windows, std::uint64_t monotonic_ms,
                  int times)
{
    for (int i = 0; i < times; ++i) {
        Request request{zone, windows, 1, 0};
        request.at(zone.now(monotonic_ms));
        ASSERT_EQ(request.decide(), Request::npos);
    }
}

}  // namespace gatehouse::limit
