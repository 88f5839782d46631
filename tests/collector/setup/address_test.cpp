#include "collector/setup/address.h"

#include <gtest/gtest.h>

namespace earful::collector {
namespace {

TEST(Address, TakesEndpointsApart) {
  EXPECT_EQ(port_of("tcp://127.0.0.1:7301"), 7301);
  EXPECT_EQ(port_of("tcp://127.0.0.1"), 0);
  EXPECT_EQ(host_of("tcp://[::1]:7301"), "[::1]");
  EXPECT_TRUE(is_loopback("127.0.0.1"));
  EXPECT_FALSE(is_loopback("10.0.0.1"));
}

TEST(Address, SaysPlainlyWhereASocketListens) {
  EXPECT_EQ(plain_endpoint("tcp://[::ffff:127.0.0.1]:7301"), "tcp://127.0.0.1:7301");
  EXPECT_EQ(plain_endpoint("tcp://[::1]:7301"), "tcp://[::1]:7301");
}

TEST(Address, RefusesAPortThatWouldBecomeAnother) {
  EXPECT_NE(endpoint_fault("tcp://127.0.0.1:70000"), "");
  EXPECT_NE(endpoint_fault("tcp://127.0.0.1:-1"), "");
  EXPECT_NE(endpoint_fault("tcp://127.0.0.1:"), "");
  EXPECT_NE(endpoint_fault("tcp://:7301"), "");
  EXPECT_NE(endpoint_fault("127.0.0.1:7301"), "");
  EXPECT_NE(endpoint_fault(""), "");
}

TEST(Address, TakesWhatASocketCanBindTo) {
  for (const char* good : {"tcp://127.0.0.1:7301", "tcp://*:0", "tcp://[::]:*", "ipc:///run/x"}) {
    EXPECT_EQ(endpoint_fault(good), "") << good;
  }
}

}  // namespace
}  // namespace earful::collector
