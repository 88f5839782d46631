#include "collector/keys/keystore.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "collector/keys/zap.h"
#include "tests/collector/station.h"
#include "tests/temporary_folder.h"

namespace earful::collector {
namespace {

class KeystoreTest : public testing::Test {
 protected:
  KeystoreTest() : keys_(*Keystore::open(path())) {}

  std::filesystem::path path() const { return folder_.path() / "keys.db"; }
  std::optional<Identity> find(const std::string& key, WallTime now = kNoon) {
    return *keys_.find(key, now);
  }
  std::string code(const Result<Role>& result) { return result.ok() ? "" : result.error().code; }
  std::string code(const Result<void>& result) { return result.ok() ? "" : result.error().code; }

  TemporaryFolder folder_;
  Keystore keys_;
  CurveKeys newcomer_ = make_curve_keys();
  StationId station_{make_uuid_v4()};
};

TEST_F(KeystoreTest, KeepsItsKeysForItself) {
  struct stat info;
  ASSERT_EQ(stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(Keystore::open(path())->server_keys().secret_key, keys_.server_keys().secret_key);
}

TEST_F(KeystoreTest, RefusesAFileOthersCanRead) {
  chmod(path().c_str(), 0644);
  const auto opened = Keystore::open(path());
  EXPECT_EQ(opened.error().code, "E_SECRET_FILE");
  EXPECT_THAT(opened.error().message, testing::HasSubstr("chmod 600 " + path().string()));
}

TEST_F(KeystoreTest, RefusesALink) {
  const auto link = folder_.path() / "link.db";
  std::filesystem::create_symlink(path(), link);
  EXPECT_EQ(Keystore::open(link).error().code, "E_SECRET_FILE");
}

TEST_F(KeystoreTest, TurnsAnInvitationIntoAStation) {
  const CurveKeys invitation = *keys_.invite("floor 2", Role::kStation, kNoon);
  const auto found = find(invitation.public_key);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->role, Role::kEnroll);
  ASSERT_TRUE(keys_.enroll(*found, newcomer_.public_key, station_, kNoon).ok());
  EXPECT_EQ(find(newcomer_.public_key)->role, Role::kStation);
  EXPECT_EQ(find(newcomer_.public_key)->station_id, station_);
  EXPECT_EQ(find(newcomer_.public_key)->name, "floor 2");
}

TEST_F(KeystoreTest, LetsTheSameNewcomerAskAgainAndNoOther) {
  const auto invitation = *find(keys_.invite("a", Role::kStation, kNoon)->public_key);
  ASSERT_TRUE(keys_.enroll(invitation, newcomer_.public_key, station_, kNoon).ok());
  EXPECT_EQ(code(keys_.enroll(invitation, newcomer_.public_key, station_, kNoon)), "");
  EXPECT_EQ(code(keys_.enroll(invitation, make_curve_keys().public_key, station_, kNoon)),
            "E_USED");
}

TEST_F(KeystoreTest, ForgetsAnInvitationAfterAWeek) {
  const CurveKeys invitation = *keys_.invite("a", Role::kStation, kNoon);
  EXPECT_TRUE(find(invitation.public_key, kNoon + std::chrono::hours(167)));
  EXPECT_FALSE(find(invitation.public_key, kNoon + std::chrono::hours(168)));
}

TEST_F(KeystoreTest, GivesAStationIdToOneKeyOnly) {
  const auto first = *find(keys_.invite("a", Role::kStation, kNoon)->public_key);
  const auto second = *find(keys_.invite("b", Role::kStation, kNoon)->public_key);
  ASSERT_TRUE(keys_.enroll(first, newcomer_.public_key, station_, kNoon).ok());
  EXPECT_EQ(code(keys_.enroll(second, make_curve_keys().public_key, station_, kNoon)), "E_STATION");
}

TEST_F(KeystoreTest, LetsAStationIdGoWithItsRevokedKey) {
  ASSERT_TRUE(keys_.admit("a", newcomer_.public_key, Role::kStation, kNoon).ok());
  ASSERT_TRUE(keys_.bind_station(newcomer_.public_key, station_).ok());
  ASSERT_TRUE(keys_.revoke("a", kNoon).ok());
  EXPECT_FALSE(find(newcomer_.public_key));
  const CurveKeys next = make_curve_keys();
  ASSERT_TRUE(keys_.admit("a", next.public_key, Role::kStation, kNoon).ok());
  EXPECT_EQ(code(keys_.bind_station(next.public_key, station_)), "");
}

TEST_F(KeystoreTest, NeverLetsARevokedKeyBackIn) {
  ASSERT_TRUE(keys_.admit("a", newcomer_.public_key, Role::kReader, kNoon).ok());
  ASSERT_TRUE(keys_.revoke("a", kNoon).ok());
  EXPECT_EQ(code(keys_.admit("a", newcomer_.public_key, Role::kReader, kNoon)), "E_KEY");
  EXPECT_EQ(code(keys_.revoke("a", kNoon)), "E_UNKNOWN");
}

TEST_F(KeystoreTest, RevokesAnInvitationNobodyUsed) {
  const CurveKeys invitation = *keys_.invite("a", Role::kReader, kNoon);
  ASSERT_TRUE(keys_.revoke("a", kNoon).ok());
  EXPECT_FALSE(find(invitation.public_key));
}

TEST_F(KeystoreTest, TellsWhatIsWrongWithAKey) {
  const std::string key = newcomer_.public_key;
  EXPECT_EQ(code(keys_.admit("a", key.substr(1), Role::kReader, kNoon)), "E_KEY");
  EXPECT_EQ(code(keys_.admit("a", key + "0", Role::kReader, kNoon)), "E_KEY");
  EXPECT_EQ(code(keys_.admit("a", "\"" + key.substr(1), Role::kReader, kNoon)), "E_KEY");
  EXPECT_EQ(code(keys_.admit("a", keys_.server_keys().public_key, Role::kReader, kNoon)), "E_KEY");
  EXPECT_EQ(code(keys_.admit("a", keys_.server_keys().secret_key, Role::kReader, kNoon)), "E_KEY");
  EXPECT_EQ(code(keys_.admit("", key, Role::kReader, kNoon)), "E_NAME");
}

TEST_F(KeystoreTest, TellsASecretKeyWhosePublicHalfItKnows) {
  ASSERT_TRUE(keys_.admit("a", newcomer_.public_key, Role::kReader, kNoon).ok());
  const auto admitted = keys_.admit("b", newcomer_.secret_key, Role::kReader, kNoon);
  EXPECT_THAT(admitted.error().message, testing::HasSubstr("this is a secret key"));
}

TEST_F(KeystoreTest, GivesANameToOneLivingKey) {
  ASSERT_TRUE(keys_.admit("a", newcomer_.public_key, Role::kReader, kNoon).ok());
  EXPECT_EQ(code(keys_.admit("a", newcomer_.public_key, Role::kReader, kNoon)), "");
  EXPECT_EQ(code(keys_.admit("a", make_curve_keys().public_key, Role::kReader, kNoon)), "E_NAME");
  EXPECT_EQ(keys_.invite("a", Role::kReader, kNoon).error().code, "E_NAME");
}

TEST_F(KeystoreTest, SeesWhatAnotherConnectionChanged) {
  Keystore other = *Keystore::open(path());
  EXPECT_FALSE(find(newcomer_.public_key));
  ASSERT_TRUE(other.admit("a", newcomer_.public_key, Role::kReader, kNoon).ok());
  ASSERT_TRUE(keys_.refresh().ok());
  EXPECT_TRUE(find(newcomer_.public_key));
}

TEST(MayEnter, FollowsTheTable) {
  EXPECT_TRUE(may_enter("intake", Role::kStation));
  EXPECT_FALSE(may_enter("intake", Role::kReader));
  EXPECT_FALSE(may_enter("intake", Role::kEnroll));
  EXPECT_TRUE(may_enter("feed", Role::kStation));
  EXPECT_TRUE(may_enter("feed", Role::kReader));
  EXPECT_FALSE(may_enter("feed", Role::kEnroll));
  EXPECT_TRUE(may_enter("desk", Role::kReader));
  EXPECT_TRUE(may_enter("desk", Role::kEnroll));
  EXPECT_FALSE(may_enter("elsewhere", Role::kStation));
}

}  // namespace
}  // namespace earful::collector
