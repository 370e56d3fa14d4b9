#include "src/auth/base64url.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <random>
#include <string>

namespace gatehouse::auth {
namespace {

std::string encoded(std::string_view bytes)
{
    std::string text;
    append_base64url(text, bytes);
    return text;
}

TEST(Base64url, ExamplesOfTheRfcs)
{
    struct Example {
        std::string_view bytes;
        std::string_view text;
    };
    // RFC 4648 §10 without the padding; RFC 7515 appendix C.
    for (const Example& example : {
             Example{"", ""},
             Example{"f", "Zg"},
             Example{"fo", "Zm8"},
             Example{"foo", "Zm9v"},
             Example{"foob", "Zm9vYg"},
             Example{"fooba", "Zm9vYmE"},
             Example{"foobar", "Zm9vYmFy"},
             Example{"\x03\xec\xff\xe0\xc1", "A-z_4ME"},
         }) {
        EXPECT_EQ(encoded(example.bytes), example.text);
        EXPECT_EQ(base64url_decode(example.text), example.bytes);
    }
}

TEST(Base64url, WhatOpensslEncodesButForPaddingAndTwoCharacters)
{
    std::mt19937 random{7};
    for (std::size_t size = 1; size < 200; ++size) {
        std::string bytes(size, '\0');
        std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
        std::string expected(4 * ((size + 2) / 3) + 1, '\0');
        expected.resize(static_cast<std::size_t>(EVP_EncodeBlock(
            reinterpret_cast<unsigned char*>(expected.data()),
            reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(size))));
        std::replace(expected.begin(), expected.end(), '+', '-');
        std::replace(expected.begin(), expected.end(), '/', '_');
        expected.erase(std::min(expected.find('='), expected.size()));

        EXPECT_EQ(encoded(bytes), expected);
        EXPECT_EQ(base64url_decode(expected), bytes);
        EXPECT_EQ(base64url_encoded_size(size), expected.size());
        EXPECT_EQ(base64url_decoded_size(expected.size()), size);
    }
}

TEST(Base64url, NoOtherCharacterAtAnyPlace)
{
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (std::size_t place = 0; place < 8; ++place) {
        for (int c = 0; c < 256; ++c) {
            std::string text = "AAAAAAAA";
            text[place] = static_cast<char>(c);
            const bool known = alphabet.find(static_cast<char>(c)) != std::string_view::npos;
            EXPECT_EQ(base64url_decode(text).has_value(), known) << place << ", " << c;
        }
    }
}

TEST(Base64url, OneTextForOneSequenceOfBytes)
{
    for (const char* text : {"A", "AAAAA", "Zg=", "Zg==", "Zm8=", "Zm9v ", " Zm9v", "Zm9v\n", "Z g",
                             "Zm+v", "Zm/v", "=", "AA=A"}) {
        EXPECT_FALSE(base64url_decode(text)) << text;
    }
    // The bits past the last byte: of two characters four, of three two.
    EXPECT_TRUE(base64url_decode("AA"));
    EXPECT_TRUE(base64url_decode("AAA"));
    for (const char last : std::string_view{"BCDEFGHIJKLMNOP"}) {
        EXPECT_FALSE(base64url_decode(std::string{"A"} + last)) << last;
    }
    for (const char last : std::string_view{"BCD"}) {
        EXPECT_FALSE(base64url_decode(std::string{"AA"} + last)) << last;
    }
}

}  // namespace
}  // namespace gatehouse::auth
