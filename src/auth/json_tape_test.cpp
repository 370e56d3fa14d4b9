#include "src/auth/json_tape.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::auth {
namespace {

/// A document and its nodes.
class Scanned {
public:
    explicit Scanned(std::string text)
        : text_(std::move(text)), nodes_(max_json_nodes(text_.size()))
    {
        count_ = scan_json_object(text_.data(), text_.size(), nodes_.data());
    }

    explicit operator bool() const { return count_ != 0; }
    std::size_t count() const { return count_; }
    JsonValue root() const { return {text_.data(), nodes_.data()}; }

private:
    std::string text_;
    std::vector<JsonNode> nodes_;
    std::size_t count_ = 0;
};

std::string string_in(const std::string& json)
{
    const Scanned document{R"({"a":)" + json + "}"};
    return document ? std::string{document.root().member("a").text()} : "(refused)";
}

TEST(JsonTape, ValuesOfEveryType)
{
    const Scanned document{
        " {\"s\" : \"text\",\t\"n\":-1.5e+3, \"t\":true,\"f\":false,\r\n\"z\":null,"
        "\"a\":[1,\"two\",[],{}],\"o\":{\"in\":{\"deep\":0}},\"\":\"\"} "};
    ASSERT_TRUE(document);
    const auto root = document.root();
    EXPECT_EQ(root.member("s").text(), "text");
    EXPECT_EQ(root.member("n").text(), "-1.5e+3");
    EXPECT_TRUE(root.member("n").is(JsonType::number));
    EXPECT_EQ(root.member("t").text(), "true");
    EXPECT_TRUE(root.member("f").is(JsonType::boolean));
    EXPECT_TRUE(root.member("z").is(JsonType::null));
    EXPECT_EQ(root.member("o").member("in").member("deep").text(), "0");
    EXPECT_EQ(root.member("").text(), "");
    EXPECT_FALSE(root.member("deep"));
    EXPECT_FALSE(root.member("s").member("text"));

    std::vector<JsonType> types;
    for (const JsonValue element : root.member("a")) {
        types.push_back(element.type());
        EXPECT_EQ(element.name(), "");
    }
    EXPECT_EQ(types,
              (std::vector{JsonType::number, JsonType::string, JsonType::array, JsonType::object}));
    EXPECT_EQ(document.count(), 15U);
}

TEST(JsonTape, StringsAreUnescaped)
{
    EXPECT_EQ(string_in(R"("a\"b\\c\/d\b\f\n\r\t")"), "a\"b\\c/d\b\f\n\r\t");
    EXPECT_EQ(string_in(R"("\u0041\u00e9\u20AC")"), "A\xC3\xA9\xE2\x82\xAC");
    EXPECT_EQ(string_in(R"("\uD834\uDD1E")"), "\xF0\x9D\x84\x9E");  // RFC 8259 §7
    EXPECT_EQ(string_in(R"("a\u0000b")"), std::string("a\0b", 3));
    EXPECT_EQ(string_in("\"gr\xC3\xBC\xC3\x9F dich\""), "gr\xC3\xBC\xC3\x9F dich");
    EXPECT_EQ(string_in("\"long enough for two words \\\" and then\xE2\x82\xAC more\""),
              "long enough for two words \" and then\xE2\x82\xAC more");
    for (const char* bad :
         {R"("\x")", R"("\u12")", R"("\u12g4")", R"("\uD834")", R"("\uD834x")", R"("\uD834\n")",
          R"("\uD834\u0041")", R"("\uDD1E")", "\"\xC3\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"",
          "\"\xF5\x80\x80\x80\"", "\"\xFF\"", "\"a\nb\"", "\"a\x1F\"", "\"open", "\"\\", "\""}) {
        EXPECT_EQ(string_in(bad), "(refused)") << bad;
    }
    EXPECT_EQ(string_in(std::string("\"a\0b\"", 5)), "(refused)");
}

TEST(JsonTape, NamesAreUnescapedBeforeTheyAreCompared)
{
    const Scanned document{R"({"\u0061lg":"HS256"})"};
    ASSERT_TRUE(document);
    EXPECT_EQ(document.root().member("alg").text(), "HS256");
    EXPECT_FALSE(Scanned{R"({"alg":1,"\u0061lg":2})"});
}

TEST(JsonTape, ANameTwiceInOneObjectIsRefused)
{
    EXPECT_FALSE(Scanned{R"({"a":1,"a":1})"});
    EXPECT_FALSE(Scanned{R"({"a":{"x":1},"b":{},"a":2})"});
    EXPECT_FALSE(Scanned{R"({"o":[{"x":1,"x":2}]})"});
    EXPECT_TRUE(Scanned{R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]})"});
}

TEST(JsonTape, RefusesWhatIsNoObject)
{
    for (const char* text : {"",
                             " ",
                             "[]",
                             "1",
                             "\"a\"",
                             "null",
                             "{",
                             "}",
                             "{}}",
                             "{} {}",
                             "{}x",
                             "{,}",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":1,}",
                             "{\"a\" 1}",
                             "{a:1}",
                             "{'a':1}",
                             "{\"a\":1 \"b\":2}",
                             "{1:2}",
                             "{\"a\":[1,]}",
                             "{\"a\":[1 2]}",
                             "{\"a\":[}",
                             "{\"a\":]}",
                             "{\"a\":tru}",
                             "{\"a\":True}",
                             "{\"a\":nul}",
                             "{\"a\":NaN}",
                             "{\"a\":Infinity}",
                             "{\"a\":01}",
                             "{\"a\":+1}",
                             "{\"a\":.5}",
                             "{\"a\":1.}",
                             "{\"a\":-}",
                             "{\"a\":1e}",
                             "{\"a\":1e+}",
                             "{\"a\":0x1}",
                             "{\"a\":1}//",
                             "\xEF\xBB\xBF{}",
                             "{\"a\":\v1}"}) {
        EXPECT_FALSE(Scanned{text}) << text;
    }
    for (const char* text : {"{}", " { } ", "{\"a\":-0}", "{\"a\":0.0e-9}", "{\"a\":1E5}"}) {
        EXPECT_TRUE(Scanned{text}) << text;
    }
}

TEST(JsonTape, DepthHasABound)
{
    const auto nested = [](int arrays) {
        return R"({"a":)" + std::string(arrays, '[') + std::string(arrays, ']') + '}';
    };
    EXPECT_TRUE(Scanned{nested(max_json_depth - 1)});
    EXPECT_FALSE(Scanned{nested(max_json_depth)});
    EXPECT_FALSE(Scanned{std::string(max_json_bytes, '[')});
}

TEST(JsonTape, NeverMoreNodesThanItSays)
{
    // The densest texts: two bytes for a node.
    std::string numbers = R"({"":[)";
    for (int i = 0; i < 1000; ++i) {
        numbers += "1,";
    }
    const Scanned document{numbers + "1]}"};
    EXPECT_EQ(document.count(), 1003U);
    EXPECT_LE(document.count(), max_json_nodes(numbers.size() + 3));
    EXPECT_FALSE(Scanned{numbers});
}

TEST(JsonTape, AWholeNumberIsOneForEveryReader)
{
    const auto whole = [](const std::string& number) {
        const Scanned document{R"({"a":)" + number + "}"};
        EXPECT_TRUE(document) << number;
        return document.root().member("a").whole();
    };
    EXPECT_EQ(whole("0"), 0);
    EXPECT_EQ(whole("1300819380"), 1'300'819'380);
    EXPECT_EQ(whole("9007199254740991"), (std::int64_t{1} << 53) - 1);
    for (const char* none : {"9007199254740992", "9223372036854775808", "99999999999999999999",
                             "-1", "-0", "1.0", "1.5", "1e9", "\"1\"", "true", "[1]", "null"}) {
        EXPECT_FALSE(whole(none)) << none;
    }
}

}  // namespace
}  // namespace gatehouse::auth
