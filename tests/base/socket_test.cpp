#include "base/socket.h"

#include <gtest/gtest.h>

namespace earful {
namespace {

using namespace std::chrono_literals;

class SocketTest : public testing::Test {
 protected:
  // How many of these the receiver, the sender and the network between them took before the sender
  // was refused for a while.
  static int taken(Socket& sender, const std::string& message, int at_most) {
    constexpr int kPatience = 50;
    int sent = 0;
    for (int refused = 0; sent < at_most && refused < kPatience;) {
      if (sender.send({message})) {
        ++sent;
        refused = 0;
      } else {
        ++refused;
        poll({}, nullptr, 10ms);
      }
    }
    return sent;
  }

  SocketContext context_;
};

// An enrolled station that ignored its credit could make the intake hold gigabytes.
TEST_F(SocketTest, APeerThatIsNotReadFromCannotPileUpMessages) {
  constexpr int kWaiting = 8, kMany = 400;
  Socket receiver =
      Socket::make(context_, {.kind = SocketKind::kRouter, .receive_high_water_mark = kWaiting})
          .value();
  ASSERT_TRUE(receiver.bind("tcp://127.0.0.1:*").ok());
  Socket sender =
      Socket::make(context_, {.kind = SocketKind::kDealer, .high_water_mark = 1}).value();
  ASSERT_TRUE(sender.connect(receiver.endpoint()).ok());
  const std::string message(512 * 1024, 'x');
  const int sent = taken(sender, message, kMany);
  EXPECT_GE(sent, kWaiting);
  EXPECT_LT(sent, kMany);
  // And none is lost.
  int received = 0;
  for (const Socket* sockets[] = {&receiver}; received < sent;) {
    poll(sockets, nullptr, 10s);
    const auto got = receiver.receive();
    ASSERT_TRUE(got.has_value()) << "after " << received << " of " << sent;
    EXPECT_EQ(got->parts.back().size(), message.size());
    ++received;
  }
}

}  // namespace
}  // namespace earful
