#include "sidecar/app/progress_log.h"

#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "sidecar/app/card_test.h"
#include "sidecar/base/log.h"

namespace gatehouse::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Where the log goes while it lives.
class LogFile {
public:
    LogFile()
    {
        sidecar::log::configure("json", "info");
        sidecar::log::use_file({.path = path_});
    }
    ~LogFile() { sidecar::log::use_file({}); }

    /// What was said of work since the last time, as "work percent ms".
    std::vector<std::string> said()
    {
        static const std::regex line(
            R"re("message":"being computed","(\w+)":"(\w+)","percent":([0-9.]+),"ms":(\d+))re");
        std::ifstream file(path_);
        file.seekg(read_);
        std::vector<std::string> found;
        for (std::string text; std::getline(file, text); read_ += std::streamoff(text.size() + 1)) {
            std::smatch match;
            if (std::regex_search(text, match, line)) {
                found.push_back(match.format("$1 $2 $3 $4"));
            }
        }
        return found;
    }

private:
    Directory directory_;
    std::string path_ = directory_ / "log";
    std::streamoff read_ = 0;
};

class ProgressLogTest : public ::testing::Test {
protected:
    std::vector<std::string> said(std::vector<caches::Progress::Work> works)
    {
        progress_.say(works);
        return file_.said();
    }

    LogFile file_;
    ProgressLog progress_;
};

caches::Progress::Work ecg(std::int64_t elapsed_ms, double share)
{
    return {"source", "ecg", 0, elapsed_ms, share};
}

TEST_F(ProgressLogTest, SaysHowFarItIsAfterTwoSecondsAndThenEveryFive)
{
    EXPECT_THAT(said({ecg(1'999, 0.1)}), IsEmpty());
    EXPECT_THAT(said({ecg(2'000, 0.129)}), ElementsAre("source ecg 12 2000"));
    EXPECT_THAT(said({ecg(3'000, 0.2)}), IsEmpty());
    EXPECT_THAT(said({ecg(6'999, 0.4)}), IsEmpty());
    EXPECT_THAT(said({ecg(7'000, 0.5)}), ElementsAre("source ecg 50 7000"));
    EXPECT_THAT(said({ecg(12'500, 0.99)}), ElementsAre("source ecg 99 12500"));
}

TEST_F(ProgressLogTest, EachWorkHasATimeOfItsOwn)
{
    const caches::Progress::Work card{"card", "ecg", 0, 2'500, 0.75};
    EXPECT_THAT(said({ecg(2'000, 0), card}), ElementsAre("source ecg 0 2000", "card ecg 75 2500"));
    EXPECT_THAT(said({ecg(7'000, 0.1), card}), ElementsAre("source ecg 10 7000"));
}

TEST_F(ProgressLogTest, WorkThatBeginsAnewIsNewWork)
{
    EXPECT_THAT(said({ecg(9'000, 0.5)}), ElementsAre("source ecg 50 9000"));
    EXPECT_THAT(said({}), IsEmpty());
    EXPECT_THAT(said({ecg(2'100, 0.25)}), ElementsAre("source ecg 25 2100"));
}

}  // namespace
}  // namespace gatehouse::app
