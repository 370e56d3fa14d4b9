#include "sidecar/audit/recorder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "src/audit/verifier.h"

namespace gatehouse::audit_log {
namespace {

const std::string key = "0123456789abcdef0123456789abcdef";

class RecorderTest : public ::testing::Test {
protected:
    RecorderTest() : region(make_region())
    {
        char pattern[] = "/tmp/gth-audit-XXXXXX";
        directory = ::mkdtemp(pattern);
        settings.file = directory + "/audit.log";
        settings.state = directory + "/audit.state";
        settings.key = key;
        settings.rotate_size = 0;
        restart();
    }
    ~RecorderTest() override { std::filesystem::remove_all(directory); }

    static audit::Region make_region()
    {
        auto made = audit::Region::create(2, 0xabc);
        EXPECT_TRUE(made);
        return std::move(*made);
    }

    std::vector<Rings> rings() const
    {
        auto adopted = SharedMemory::adopt(UniqueFd{::dup(region.fd())});
        EXPECT_TRUE(adopted);
        return {{std::make_shared<const SharedMemory>(std::move(*adopted)), nullptr}};
    }

    /// As after a crash: nothing is finished.
    void restart()
    {
        recorder.reset();
        recorder = std::make_unique<Recorder>(settings);
    }

    void write(int count, unsigned slot = 0)
    {
        for (int i = 0; i < count; ++i) {
            audit::Decision decision;
            decision.at_ms = ++written;
            decision.user = "alice";
            decision.status = 200;
            audit::write(region.ring(slot), decision);
        }
    }

    void run(std::int64_t ms = 10) { recorder->run(rings(), {now_ms += ms, now_ms}); }

    std::vector<std::string> lines(const std::string& suffix = "") const
    {
        std::ifstream in{settings.file + suffix};
        std::vector<std::string> all;
        for (std::string line; std::getline(in, line);) {
            all.push_back(line);
        }
        return all;
    }

    /// What is wrong with the files, the oldest first; empty: nothing.
    std::string flaw(const std::vector<std::string>& suffixes = {""}) const
    {
        audit::Verifier verifier{audit::Mac::create(key)->copy()};
        for (const auto& suffix : suffixes) {
            for (const auto& line : lines(suffix)) {
                if (const auto found = verifier.next(line)) {
                    return found->what + ": " + line;
                }
            }
        }
        const auto last = verifier.finish();
        return last ? last->what : "";
    }

    std::size_t count(const std::string& what, const std::string& suffix = "") const
    {
        std::size_t found = 0;
        for (const auto& line : lines(suffix)) {
            found += line.find(what) != line.npos ? 1 : 0;
        }
        return found;
    }

    void append(const std::string& text) const
    {
        std::ofstream{settings.file, std::ios::app} << text;
    }

    std::string directory;
    config::Audit settings;
    audit::Region region;
    std::unique_ptr<Recorder> recorder;
    std::int64_t written = 0;
    std::int64_t now_ms = 1'700'000'000'000;
};

TEST_F(RecorderTest, WritesEveryDecisionOnce)
{
    write(3);
    write(2, 1);
    run();
    run();
    EXPECT_EQ(lines().size(), 6u);
    EXPECT_EQ(count(R"("user":"alice")"), 5u);
    EXPECT_EQ(count(R"("ring":"0000000000000abc/0/3")"), 1u);
    EXPECT_EQ(flaw(), "");
    EXPECT_EQ(recorder->status().written, 5u);
    EXPECT_EQ(recorder->status().end.seq, 6u);
}

TEST_F(RecorderTest, GoesOnAfterACrashWithoutLossOrRepetition)
{
    for (int i = 0; i < 5; ++i) {
        write(7);
        run(i * 400);  // some with the state written, some without
        write(1);
        restart();
    }
    run();
    EXPECT_EQ(count(R"("user":"alice")"), 40u);
    EXPECT_EQ(count(R"("event":"start")"), 6u);
    EXPECT_EQ(flaw(), "");
    EXPECT_EQ(recorder->status().written, 40u);
}

TEST_F(RecorderTest, CompletesATornLine)
{
    run();  // and writes the state
    write(2);
    run();
    recorder.reset();
    // As if the process had been killed within its last write.
    const auto whole = lines();
    std::filesystem::resize_file(
        settings.file, std::filesystem::file_size(settings.file) - whole.back().size() / 2);
    restart();
    run();
    EXPECT_EQ(count(R"("fragment")"), 1u);
    EXPECT_EQ(count(R"("ring":"0000000000000abc/0/2")"), 1u) << "the torn one is told again";
    EXPECT_EQ(flaw(), "");
}

TEST_F(RecorderTest, ALineThatOnlyLacksItsEndIsWhole)
{
    run();
    write(2);
    run();
    recorder.reset();
    std::filesystem::resize_file(settings.file, std::filesystem::file_size(settings.file) - 1);
    restart();
    run();
    EXPECT_EQ(count(R"("fragment")"), 0u);
    EXPECT_EQ(count(R"("user":"alice")"), 2u);
    EXPECT_EQ(flaw(), "");
}

TEST_F(RecorderTest, CountsWhatWasWrittenOver)
{
    write(5);
    run();
    constexpr auto capacity = static_cast<int>(audit::ring_capacity);
    write(capacity + 100);
    run();
    write(1);
    run();
    EXPECT_EQ(recorder->status().dropped, 100u);
    EXPECT_EQ(recorder->status().written, 5u + capacity + 1u);
    EXPECT_EQ(count(R"("event":"dropped","count":100,)"), 1u);
    EXPECT_EQ(flaw(), "");
}

TEST_F(RecorderTest, RotatesBySizeAndKeepsSome)
{
    settings.rotate_size = 2000;
    settings.keep = 2;
    restart();
    for (int i = 0; i < 10; ++i) {
        write(5);
        run();
    }
    EXPECT_EQ(flaw({".2", ".1", ""}), "");
    EXPECT_FALSE(std::filesystem::exists(settings.file + ".3"));
    EXPECT_EQ(lines().size(), 1u);
    EXPECT_NE(lines()[0].find(R"("reason":"rotate")"), std::string::npos);
}

TEST_F(RecorderTest, GoesOnInANewFileWhereSomebodyMovedTheOld)
{
    write(2);
    run();
    recorder->reopen({now_ms, now_ms});
    EXPECT_EQ(lines().size(), 3u) << "nobody has";
    std::filesystem::rename(settings.file, settings.file + ".1");
    write(1);
    run();
    EXPECT_EQ(lines(".1").size(), 4u) << "not yet told";
    recorder->reopen({now_ms, now_ms});
    write(1);
    run();
    EXPECT_EQ(lines().size(), 2u);
    EXPECT_EQ(flaw({".1", ""}), "");
}

TEST_F(RecorderTest, ACutOffEndIsNeverSmoothedOver)
{
    write(10);
    run();
    recorder->finish(rings(), {now_ms, now_ms});
    recorder.reset();
    auto all = lines();
    std::ofstream{settings.file} << all[0] << '\n' << all[1] << '\n';
    restart();
    write(1);
    run();
    EXPECT_EQ(flaw().substr(0, 19), "9 lines are missing");
}

TEST_F(RecorderTest, ALineThatWasPutInStaysOne)
{
    write(2);
    run();
    recorder.reset();
    append("{\"seq\":9,\"user\":\"mallory\",\"hmac\":\"" + std::string(64, 'a') + "\"}\n");
    restart();
    write(1);
    run();
    EXPECT_NE(flaw(), "");
    EXPECT_EQ(recorder->status().end.seq, 5u) << "start, two, start, one";
}

TEST_F(RecorderTest, WaitsForAFullDisk)
{
    write(3);
    run();
    // A file that takes no more, as a full disk does: /dev/full answers ENOSPC.
    recorder.reset();
    settings.file = "/dev/full";
    restart();
    run();
    EXPECT_NE(recorder->status().error, "");
    settings.file = directory + "/audit.log";
    restart();
    run();
    EXPECT_EQ(recorder->status().error, "");
    EXPECT_EQ(flaw(), "");
}

TEST_F(RecorderTest, OneProcessAtATime)
{
    run();
    Recorder other{settings};
    other.run(rings(), {now_ms, now_ms});
    EXPECT_NE(other.status().error.find("another process"), std::string::npos);
}

TEST_F(RecorderTest, MakesItsKey)
{
    settings.key.clear();
    settings.key_file = directory + "/key";
    restart();
    run();
    struct stat status {};
    ASSERT_EQ(::stat(settings.key_file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_EQ(status.st_size, 65);
    const auto id = recorder->status().key_id;
    restart();
    run();
    EXPECT_EQ(recorder->status().key_id, id);
    ::chmod(settings.key_file.c_str(), 0644);
    restart();
    run();
    EXPECT_NE(recorder->status().error, "") << "a key that everybody may read is none";
}

}  // namespace
}  // namespace gatehouse::audit_log
