#include "recorder/library/call_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful::recorder {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const CallNote kGap{CallNote::Kind::kGap, 1, 57600, 63385, "overflow", true, 964};
const CallNote kPause{CallNote::Kind::kPause, -1, 100, 200, "pause", false, -1};
const CallNote kCut{CallNote::Kind::kCut, -1, 480000, 480000, "cut", false, -1};

TEST(CallNotes, ComeBackFromTheirJson) {
  for (const CallNote& note : {kGap, kPause, kCut}) {
    EXPECT_EQ(parse_note(note_json(note)), note) << note_json(note);
  }
  EXPECT_THAT(parse_notes(notes_json(std::vector{kGap, kPause, kCut})),
              ElementsAre(kGap, kPause, kCut));
}

TEST(CallNotes, KeepEveryPositionExactly) {
  CallNote note = kGap;
  for (Position start = 48LL * 1000 * 3600 * 24; start < 48LL * 1000 * 3600 * 24 + 96; ++start) {
    note.start = note.end = start;
    ASSERT_EQ(parse_note(note_json(note)), note);
  }
}

TEST(CallNotes, SayBothLegsAndAnUnknownLossAsNull) {
  EXPECT_EQ(note_json(kCut),
            R"({"kind":"cut","leg":null,"start_ms":10000,"end_ms":10000,"cause":"cut",)"
            R"("own_fault":false,"lost_samples":null})");
}

TEST(CallNotes, SayWhatHasNoEndYetAsNull) {
  CallNote begun = kGap;
  begun.end = CallNote::kGoesOn;
  EXPECT_THAT(note_json(begun), testing::HasSubstr(R"("end_ms":null)"));
  EXPECT_EQ(parse_note(note_json(begun)), begun);
}

TEST(CallNotes, LeaveOutATornLine) {
  const std::string whole = note_json(kGap) + "\n" + note_json(kPause) + "\n";
  EXPECT_THAT(parse_note_lines(whole), ElementsAre(kGap, kPause));
  const size_t first = note_json(kGap).size();
  for (size_t length = 0; length < first; ++length) {
    EXPECT_THAT(parse_note_lines(whole.substr(0, length)), IsEmpty()) << length;
  }
  for (size_t length = first; length + 2 < whole.size(); ++length) {
    EXPECT_THAT(parse_note_lines(whole.substr(0, length)), ElementsAre(kGap)) << length;
  }
}

TEST(CallNotes, LeaveOutDamageAndKeepWhatFollows) {
  const std::string zeros(64, '\0');
  EXPECT_THAT(parse_note_lines(zeros + "\n" + note_json(kCut) + "\n" + zeros), SizeIs(1));
}

TEST(CallNotes, RefuseWhatIsNoNote) {
  for (const char* bad :
       {"", "{}", "[]", "7", R"({"kind":"gone","start_ms":0,"end_ms":1})",
        R"({"kind":"gap","start_ms":2,"end_ms":1})", R"({"kind":"gap","start_ms":-1,"end_ms":1})",
        R"({"kind":"gap","start_ms":0,"end_ms":1e300})",
        R"({"kind":"gap","leg":2,"start_ms":0,"end_ms":1})"}) {
    EXPECT_EQ(parse_note(bad), std::nullopt) << bad;
  }
  EXPECT_THAT(parse_notes("{\"a\":1}"), IsEmpty());
}

}  // namespace
}  // namespace earful::recorder
