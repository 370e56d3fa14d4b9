#include "src/audit/verifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace gatehouse::audit {
namespace {

const std::string key = "0123456789abcdef0123456789abcdef";

Mac mac(const std::string& with = key)
{
    auto made = Mac::create(with);
    EXPECT_TRUE(made);
    return std::move(*made);
}

std::string start_body(const Mac& by, const ChainEnd& end, const std::string& more = "")
{
    return "{\"seq\":" + std::to_string(end.seq + 1) +
           ",\"time\":\"2026-01-02T03:04:05.678Z\",\"event\":\"start\",\"reason\":\"boot\",\"key\":"
           "\"" +
           by.key_id() + "\",\"previous\":\"" + end.hmac + '"' + more;
}

std::string decision_body(const ChainEnd& end)
{
    return "{\"seq\":" + std::to_string(end.seq + 1) + ",\"user\":\"user " +
           std::to_string(end.seq % 3) + '"';
}

/// Lines without their ends.
class Log {
public:
    explicit Log(const Mac& by) : mac_(by) {}

    void start(const std::string& more = "") { add(start_body(mac_, end, more)); }
    void decisions(int count)
    {
        for (int i = 0; i < count; ++i) {
            add(decision_body(end));
        }
    }
    void add(std::string body)
    {
        seal(mac_, end, body);
        body.pop_back();
        lines.push_back(std::move(body));
    }

    std::vector<std::string> lines;
    ChainEnd end;

private:
    const Mac& mac_;
};

/// The number of the first bad line, from 1; 0: none.
std::size_t first_flaw(const std::vector<std::string>& lines, Verifier verifier = Verifier{mac()})
{
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (const auto flaw = verifier.next(lines[i])) {
            return i + 1 - flaw->lines_back;
        }
    }
    const auto flaw = verifier.finish();
    return flaw ? lines.size() + 1 - flaw->lines_back : 0;
}

// RFC 4231, test case 2 has a key of 4 bytes; 3 and 4 have keys of 20 and 25. Case 6: 131 bytes.
TEST(AuditMac, ComputesTheExamplesOfRfc4231)
{
    const std::string long_key(131, '\xaa');
    EXPECT_EQ(mac(long_key)("Test Using Larger Than Block-Size Key", " - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(mac(long_key)("This is a test using a larger than block-size key and a larger than "
                            "block-size data. The key needs to be hashed before being used by the "
                            "HMAC algorithm.",
                            ""),
              "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
    EXPECT_FALSE(Mac::create(std::string(31, 'k')));
}

// FIPS 180-2, appendix B.1.
TEST(AuditMac, ComputesSha256)
{
    EXPECT_EQ(sha256_digits("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

class AuditVerifier : public ::testing::Test {
protected:
    AuditVerifier() : log(by)
    {
        log.start();
        log.decisions(20);
        log.start();
        log.decisions(20);
    }

    Mac by = mac();
    Log log;
};

TEST_F(AuditVerifier, AcceptsAChain)
{
    EXPECT_EQ(first_flaw(log.lines), 0u);
    EXPECT_EQ(log.end.seq, 42u);
    // From a later file on.
    EXPECT_EQ(first_flaw({log.lines.begin() + 21, log.lines.end()}), 0u);
}

TEST_F(AuditVerifier, FindsEveryLineThatIsTakenOut)
{
    for (std::size_t i = 0; i + 1 < log.lines.size(); ++i) {
        auto lines = log.lines;
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(first_flaw(lines), i + 1) << i;
    }
}

TEST_F(AuditVerifier, FindsEveryRunOfLinesThatIsTakenOut)
{
    for (std::size_t from = 0; from < log.lines.size(); ++from) {
        for (std::size_t to = from + 1; to < log.lines.size(); ++to) {
            if (from == 0 && to == 21) {
                continue;  // a whole file: what follows stands on its own
            }
            auto lines = log.lines;
            lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(from),
                        lines.begin() + static_cast<std::ptrdiff_t>(to));
            ASSERT_EQ(first_flaw(lines), from + 1) << from << ' ' << to;
        }
    }
}

TEST_F(AuditVerifier, FindsEverySwap)
{
    for (std::size_t i = 0; i < log.lines.size(); ++i) {
        for (std::size_t j = i + 1; j < log.lines.size(); ++j) {
            auto lines = log.lines;
            std::swap(lines[i], lines[j]);
            // The later start record in the place of the first says itself what it hangs on.
            const auto expected = i == 0 && j == 21 ? 2 : i + 1;
            ASSERT_EQ(first_flaw(lines), expected) << i << ' ' << j;
        }
    }
}

TEST_F(AuditVerifier, FindsEveryLineThatIsPutIn)
{
    Log other{by};
    other.start();
    other.decisions(5);
    for (std::size_t at = 0; at <= log.lines.size(); ++at) {
        for (const auto& line : {log.lines[0], log.lines[7], log.lines[21], log.lines[41],
                                 other.lines[2], std::string{"{}"}, std::string{}}) {
            auto lines = log.lines;
            lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), line);
            const auto flaw = first_flaw(lines);
            // Before the first and after the last, what is put in may pass for a beginning or an
            // end; then the next one is wrong.
            ASSERT_GE(flaw, at + 1) << at << line;
            ASSERT_LE(flaw, at + 2) << at << line;
        }
    }
}

TEST_F(AuditVerifier, FindsEveryByteThatIsChanged)
{
    std::mt19937 random{7};
    for (std::size_t i = 0; i < log.lines.size(); ++i) {
        for (std::size_t byte = 0; byte < log.lines[i].size(); ++byte) {
            auto lines = log.lines;
            lines[i][byte] = static_cast<char>(lines[i][byte] ^ (1 + random() % 255));
            ASSERT_EQ(first_flaw(lines), i + 1) << i << ' ' << byte;
        }
    }
}

TEST_F(AuditVerifier, OnlyTheEndCanBeCutOff)
{
    auto lines = log.lines;
    lines.pop_back();
    Verifier verifier{mac()};
    for (const auto& line : lines) {
        EXPECT_FALSE(verifier.next(line));
    }
    EXPECT_EQ(verifier.end().seq, log.end.seq - 1);
    EXPECT_NE(verifier.end(), log.end);
}

TEST_F(AuditVerifier, NeedsTheKey)
{
    EXPECT_EQ(first_flaw(log.lines, Verifier{mac("another key of thirty-two bytes.")}), 1u);
}

TEST_F(AuditVerifier, GoesOnFromALine)
{
    EXPECT_EQ(first_flaw({log.lines.begin() + 21, log.lines.end()},
                         Verifier{mac(), ChainEnd{21, std::string(hmac_digits, 'a')}}),
              1u);
}

TEST_F(AuditVerifier, AcceptsATornLineThatTheNextOwnsUpTo)
{
    const auto torn = log.lines[5].substr(0, 40);
    const auto more = ",\"fragment\":{\"bytes\":40,\"sha256\":\"" + sha256_digits(torn) + "\"}";
    log.start(more);
    log.decisions(2);
    auto lines = log.lines;
    const auto start = lines.begin() + 42;
    EXPECT_EQ(first_flaw(lines), 43u) << "the torn line is missing";
    lines.insert(start, torn);
    EXPECT_EQ(first_flaw(lines), 0u);
    lines[42][3] ^= 1;
    EXPECT_EQ(first_flaw(lines), 43u) << "the torn line was changed";
    lines[42] = torn;
    lines.insert(lines.begin() + 42, torn);
    EXPECT_EQ(first_flaw(lines), 43u) << "and there is one only";
}

TEST_F(AuditVerifier, AcceptsSeveralTornLines)
{
    const auto sha256 = sha256_digits("torn once\ntorn twice");
    log.start(R"(,"fragment":{"bytes":20,"sha256":")" + sha256 + "\"}");
    auto lines = log.lines;
    lines.insert(lines.begin() + 42, {"torn once", "torn twice"});
    EXPECT_EQ(first_flaw(lines), 0u);
    std::swap(lines[42], lines[43]);
    EXPECT_EQ(first_flaw(lines), 43u);
    lines.resize(44);
    EXPECT_EQ(first_flaw(lines), 43u);
}

TEST(AuditLine, WhatIsNoneIsNotTakenApart)
{
    const auto by = mac();
    ChainEnd end;
    std::string line = decision_body(end);
    seal(by, end, line);
    line.pop_back();
    ASSERT_TRUE(take_apart(line));
    EXPECT_EQ(take_apart(line)->seq, 1u);
    EXPECT_EQ(take_apart(line)->hmac, end.hmac);
    for (std::size_t size = 0; size < line.size(); ++size) {
        EXPECT_FALSE(take_apart(line.substr(0, size))) << size;
    }
    EXPECT_FALSE(take_apart(line + "\n"));
    EXPECT_FALSE(take_apart(" " + line));
}

}  // namespace
}  // namespace gatehouse::audit
