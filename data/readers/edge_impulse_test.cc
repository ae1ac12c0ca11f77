// SPDX-License-Identifier: Apache-2.0
// Edge Impulse acquisition files: JSON and CBOR alike, signatures, nesting that would overflow the
// stack.
#include "data/readers/edge_impulse.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "data/readers/temporary_file.h"

namespace mote {
namespace {

using nlohmann::json;

json sample() {
  return json::parse(R"({
    "protected": {"ver": "v1", "alg": "HS256", "iat": 1700000000},
    "signature": "0000000000000000000000000000000000000000000000000000000000000000",
    "payload": {"device_name": "ac:87:a3:0a:2d:1b", "device_type": "collar", "interval_ms": 16,
                "sensors": [{"name": "accX", "units": "m/s2"}, {"name": "accY", "units": "m/s2"}],
                "values": [[-9.81, 0.03], [-9.83, 0.25], [null, 1], [-9.12, 2]]}})");
}

std::string cbor(const json& document) {
  const auto bytes = json::to_cbor(document);
  return {bytes.begin(), bytes.end()};
}

class EdgeImpulse : public testing::Test {
 protected:
  Recording read(const std::string& name, const std::string& bytes) {
    auto recordings = read_recordings(folder_.write(name, bytes), "", options_, diagnostics_);
    return recordings.empty() ? Recording() : recordings[0];
  }
  std::string error_text() const { return all_text(diagnostics_.errors()); }
  TemporaryFolder folder_;
  Diagnostics diagnostics_;
  ReadOptions options_;
};

TEST_F(EdgeImpulse, JsonAndCborGiveTheSame) {
  for (const Recording& r : {read("a.json", sample().dump()), read("a.cbor", cbor(sample()))}) {
    EXPECT_EQ(error_text(), "");
    EXPECT_EQ(r.rate_hz, 62.5);
    EXPECT_EQ(r.values, (std::vector<float>{-9.81f, 0.03f, -9.83f, 0.25f, -9.12f, 2}));
    ASSERT_EQ(r.axes.size(), 2u);
    EXPECT_EQ(r.axes[1].name, "accY");
    EXPECT_EQ(r.axes[1].unit, "m/s2");
    ASSERT_EQ(r.gaps.size(), 1u);
    EXPECT_EQ(r.gaps[0].before, 2);
  }
}

TEST_F(EdgeImpulse, OneSensorMayHaveBareNumbers) {
  json document = sample();
  document["payload"]["sensors"] = json::parse(R"([{"name": "audio", "units": "wav"}])");
  document["payload"]["values"] = {1, -2, 3};
  EXPECT_EQ(read("a.json", document.dump()).values, (std::vector<float>{1, -2, 3}));
}

TEST_F(EdgeImpulse, WrongFieldsAreNamed) {
  const std::pair<const char*, const char*> wrong[] = {
      {"/protected/alg", "protected.alg"},
      {"/payload/interval_ms", "payload.interval_ms"},
      {"/payload/sensors", "payload.sensors"},
      {"/payload/values", "payload.values"},
      {"/payload/values/1", "payload.values[1]"},
      {"/payload/values/1/0", "payload.values[1]"},
      {"/payload/sensors/1/name", "payload.sensors"},
      {"/payload", "protected"}};
  for (const auto& [field, place] : wrong) {
    diagnostics_ = {};
    json document = sample();
    document[json::json_pointer(field)] = "nonsense";
    if (std::string(field) == "/payload/sensors/1/name") document[json::json_pointer(field)] = 3;
    read("a.json", document.dump());
    EXPECT_EQ(codes(diagnostics_.errors()), "edge-impulse") << field;
    EXPECT_NE(error_text().find(place), std::string::npos) << error_text();
  }
}

// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
TEST(HmacSha256, PublishedVectors) {
  EXPECT_EQ(hmac_sha256_hex(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256_hex(std::string(131, '\xaa'),
                            "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_F(EdgeImpulse, SignatureIsVerifiedWhenAKeyIsGiven) {
  options_.hmac_key = "secret";
  for (const bool binary : {false, true}) {
    diagnostics_ = {};
    json document = sample();
    const std::string blank = binary ? cbor(document) : document.dump();
    document["signature"] = hmac_sha256_hex("secret", blank);
    std::string bytes = binary ? cbor(document) : document.dump();
    const std::string name = binary ? "a.cbor" : "a.json";
    EXPECT_EQ(read(name, bytes).size(), 3);
    EXPECT_EQ(error_text(), "");
    bytes[bytes.find("collar")] = 'd';
    read(name, bytes);
    EXPECT_NE(error_text().find("signature: does not fit the key"), std::string::npos);
  }
}

TEST_F(EdgeImpulse, DeepNestingIsRefusedNotFollowed) {
  read("a.cbor", std::string(2'000'000, '\x81'));
  read("a.json", std::string(2'000'000, '['));
  EXPECT_EQ(codes(diagnostics_.errors()), "edge-impulse edge-impulse");
}

TEST_F(EdgeImpulse, PrefixesAndDamageNeverCrash) {
  const std::string text = sample().dump(), binary = cbor(sample());
  expect_each_prefix_refused(folder_, "x.json", text, {}, false);
  expect_each_prefix_refused(folder_, "x.cbor", binary, {}, false);
  expect_no_crash_when_damaged(folder_, "x.json", text, {});
  expect_no_crash_when_damaged(folder_, "x.cbor", binary, {});
}

}  // namespace
}  // namespace mote
