#include "agent/http/tag_post.h"

#include <gtest/gtest.h>

namespace earful::agent {
namespace {

constexpr std::string_view kCall = R"("call_id":"0192f0c0-0000-8000-8000-000000000001","kind":"k")";
const Position kMinute = position_of_ms(60000);

std::string code_of(const std::string& rest) {
  const auto post = parse_tag_post("{" + std::string(kCall) + rest + "}");
  return post.ok() ? "" : post.error().code;
}

TagKind kind(uint32_t lead_ms, uint32_t lag_ms) {
  TagKind made;
  made.id = "k";
  made.lead_ms = lead_ms;
  made.lag_ms = lag_ms;
  return made;
}

Result<Tagged> place(const std::string& rest, const TagKind& of) {
  auto post = parse_tag_post("{" + std::string(kCall) + rest + "}");
  if (!post.ok()) return post.error();
  return place_tag(*post, of, kMinute);
}

TEST(TagPost, TakesAPointOrAStretch) {
  EXPECT_EQ(code_of(R"(,"position_ms":5)"), "");
  EXPECT_EQ(code_of(R"(,"pressed_ms":5,"released_ms":9.5)"), "");
  EXPECT_EQ(code_of(R"(,"position_ms":5,"end_ms":7,"note":"x","input":"key","live":false)"), "");
}

TEST(TagPost, RefusesPlacesThatAreNone) {
  for (const char* rest :
       {"", R"(,"position_ms":-1)", R"(,"position_ms":1e300)", R"(,"position_ms":1,"pressed_ms":1)",
        R"(,"released_ms":1)", R"(,"pressed_ms":2,"released_ms":1)",
        R"(,"position_ms":2,"end_ms":1)"}) {
    EXPECT_EQ(code_of(rest), "E_POSITION") << rest;
  }
  EXPECT_EQ(code_of(R"(,"position_ms":NaN)"), "E_JSON");
  EXPECT_EQ(code_of(R"(,"position_ms":"1")"), "E_FIELD");
}

TEST(TagPost, RefusesEveryOtherFault) {
  EXPECT_EQ(code_of(R"(,"position_ms":1,"positon_ms":2)"), "E_FIELD");
  EXPECT_EQ(code_of(R"(,"position_ms":1,"input":"mouse")"), "E_FIELD");
  EXPECT_EQ(code_of(R"(,"position_ms":1,"playback_rate":0.2)"), "E_RATE");
  EXPECT_EQ(code_of(R"(,"position_ms":1,"playback_rate":4.1)"), "E_RATE");
  EXPECT_EQ(code_of(R"(,"position_ms":1,"note":")" + std::string(4097, 'x') + "\""), "E_NOTE_SIZE");
  EXPECT_EQ(code_of(R"(,"position_ms":1,"note":")" + std::string(4096, 'x') + "\""), "");
  EXPECT_EQ(code_of(",\"position_ms\":1,\"note\":\"\xff\""), "E_JSON");
  EXPECT_EQ(code_of(R"(,"position_ms":1,"event_id":"00000000-0000-0000-0000-000000000000")"),
            "E_EVENT_ID");
  EXPECT_EQ(code_of(R"(,"position_ms":1,"event_id":"not an id")"), "E_EVENT_ID");
  EXPECT_EQ(code_of(R"(,"position_ms":1,"event_id":"0192f0c0-0000-4000-8000-000000000001")"), "");
  EXPECT_EQ(parse_tag_post("[1]").error().code, "E_JSON");
  EXPECT_EQ(parse_tag_post(std::string(60000, '[')).error().code, "E_JSON");
  EXPECT_EQ(parse_tag_post(R"({"call_id":"x","kind":"k","position_ms":1})").error().code,
            "E_NO_CALL");
}

TEST(TagPost, KeepsLeadAndLagAroundThePress) {
  const auto tag = place(R"(,"position_ms":20000)", kind(10000, 5000));
  EXPECT_EQ(position_ms(tag->start), 10000);
  EXPECT_EQ(position_ms(tag->end), 25000);
  EXPECT_EQ(tag->pressed, tag->released);
}

TEST(TagPost, ScalesTheReactionWithTheSpeed) {
  const auto tag =
      place(R"(,"pressed_ms":30000,"released_ms":31000,"playback_rate":2)", kind(10000, 5000));
  EXPECT_EQ(position_ms(tag->start), 10000);
  EXPECT_EQ(position_ms(tag->end), 41000);
}

TEST(TagPost, CutsLeadAndLagToTheCall) {
  const auto tag = place(R"(,"position_ms":58000,"playback_rate":4)", kind(60000, 5000));
  EXPECT_EQ(tag->start, 0);
  EXPECT_EQ(tag->end, kMinute);
}

TEST(TagPost, RefusesWhatIsPastTheCall) {
  EXPECT_TRUE(place(R"(,"position_ms":60000)", kind(0, 0)).ok());
  EXPECT_EQ(place(R"(,"position_ms":60001)", kind(0, 0)).error().code, "E_POSITION");
  EXPECT_EQ(place(R"(,"position_ms":1,"end_ms":60001)", kind(0, 0)).error().code, "E_POSITION");
}

TEST(TagPost, NamesWhatToUseInsteadOfAKind) {
  KindView merged{kind(0, 0), false, "root"}, retired{kind(0, 0), true, ""};
  EXPECT_NE(usable_kind(merged, "k").error().message.find("root"), std::string::npos);
  EXPECT_EQ(usable_kind(retired, "k").error().code, "E_KIND");
  EXPECT_EQ(usable_kind(std::nullopt, "k").error().code, "E_KIND");
}

TEST(TagPost, RevisesOnlyToWhatIsInOrder) {
  TagView tag;
  tag.start = position_of_ms(1000);
  tag.end = position_of_ms(2000);
  const auto revise = [&](std::string_view body) -> std::string {
    const auto revision = parse_tag_revision(body);
    if (!revision.ok()) return revision.error().code;
    const auto placed = place_revision(*revision, tag, kMinute);
    return placed.ok() ? "" : placed.error().code;
  };
  EXPECT_EQ(revise(R"({"note":""})"), "");
  EXPECT_EQ(revise(R"({"end_ms":60000})"), "");
  EXPECT_EQ(revise(R"({"start_ms":2001})"), "E_POSITION");
  EXPECT_EQ(revise(R"({"end_ms":60001})"), "E_POSITION");
  EXPECT_EQ(revise("{}"), "E_FIELD");
  EXPECT_EQ(revise(R"({"position_ms":1})"), "E_FIELD");
}

}  // namespace
}  // namespace earful::agent
