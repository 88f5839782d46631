#include "agent/customer/customer_key.h"

#include <gtest/gtest.h>

namespace earful::agent {
namespace {

const SiteKey kKey{1, std::string(32, '\x01')};

TEST(CustomerKey, IsTheSameForEveryWayToWriteANumber) {
  for (const char* way : {"+1 650-253-0000", "(650) 253-0000", "650.253.0000", " +16502530000 ",
                          "＋１６５０２５３００００"}) {
    EXPECT_EQ(normal_customer_id(way, "US"), "+16502530000") << way;
  }
  EXPECT_EQ(normal_customer_id("03-123-4567", "IL"), "+97231234567");
  EXPECT_EQ(normal_customer_id("02-312-3456", "KR"), "+8223123456");
  EXPECT_EQ(normal_customer_id("06 1234 5678", "IT"), "+390612345678");  // Italy keeps its zero
}

TEST(CustomerKey, LeavesAccountsAlone) {
  EXPECT_EQ(normal_customer_id("C-20418", "US"), "C-20418");
  EXPECT_EQ(normal_customer_id("\u00a0ＡＢ１２\n", "US"), "AB12");
  EXPECT_EQ(normal_customer_id("12345", "US"), "12345");
  EXPECT_EQ(normal_customer_id("650-253-0000", ""), "650-253-0000");
}

TEST(CustomerKey, NeedsTheSiteKeyAndNamesItsVersion) {
  const std::string key = customer_key("+16502530000", "US", kKey);
  EXPECT_EQ(key.substr(0, 3), "k1:");
  EXPECT_EQ(key.size(), 3u + 32);
  EXPECT_NE(key, customer_key("+16502530000", "US", {1, std::string(32, '\x02')}));
  EXPECT_EQ(key, customer_key("(650) 253-0000", "US", kKey));
}

// The table in docs/wire.md.
TEST(CustomerKey, IsWhatTheWirePageSays) {
  SiteKey site_key{1, std::string(32, '\0')};
  for (size_t i = 0; i < site_key.key.size(); ++i) site_key.key[i] = char(i);
  const struct {
    const char *raw, *region, *key;
  } vectors[] = {
      {"(650) 253-0000", "US", "k1:f0d4b2789e1f47125956833f7daab9d2"},
      {"03-123-4567", "IL", "k1:2c42a9b5416f654aae2253709bed4b73"},
      {"02-312-3456", "KR", "k1:792e6abc1c873fc1febcd74ba824e000"},
      {"650-253-0000", "", "k1:9fef750239a2bfae80d9fb547a62c913"},
      {" C-20418 ", "US", "k1:7f29b6cc96b90b37d9c9e9aa2c8fb230"},
      {"ＡＢ１２", "US", "k1:9debf107a2c1f9f9cbcc239b5ad2a2f5"},
  };
  for (const auto& vector : vectors) {
    EXPECT_EQ(customer_key(vector.raw, vector.region, site_key), vector.key) << vector.raw;
  }
}

}  // namespace
}  // namespace earful::agent
