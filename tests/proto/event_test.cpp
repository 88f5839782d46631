#include "proto/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace earful {
namespace {

using ::testing::HasSubstr;

template <class IdType>
IdType id(uint8_t last) {
  IdType made;
  made.bytes[15] = last;
  made.bytes[6] = 0x70;
  return made;
}

Event an_event(Payload payload) {
  Event event;
  event.id = id<EventId>(1);
  event.source = id<StationId>(2);
  event.time = *parse_rfc3339("2026-11-17T14:05:00.250Z");
  event.subject = id<CallId>(3);
  event.listener = id<ListenerId>(4);
  event.call = CallSnapshot{.external_id = "pbx-1",
                            .started_at = *parse_rfc3339("2026-11-17T14:00:00Z"),
                            .direction = Direction::kInbound,
                            .queue = "billing",
                            .labels = {{"a", "1"}, {"b", "2"}}};
  event.personal.note = "שלום";
  event.payload = std::move(payload);
  return event;
}

Tagged a_tag() { return {.kind = "long-wait", .pressed = 48000, .start = 1, .end = 96000}; }

HourPlanned an_hour() {
  return {.week = "2026-11-22",
          .iso_week = "2026-W48",
          .since = *parse_rfc3339("2026-11-14T22:00:00Z"),
          .until = *parse_rfc3339("2026-11-21T22:00:00Z"),
          .seed = std::string(32, 's'),
          .frame_sha256 = std::string(32, 'f'),
          .hour_ms = 3'600'000,
          .shortest_ms = 20'000,
          .longest_ms = 1'800'000,
          .strata = {"queue", "length"},
          .frame_calls = 9,
          .too_short = 2,
          .too_long = 1,
          .unheard = 5,
          .heard = 1,
          .drawn_from = {{{"billing", "1"}, 5, 2}},
          .calls = {{id<CallId>(6), 0.4, 0, false, 200'000}, {id<CallId>(7), 1, 0, true, 90'000}},
          .expected_ms = 3.6e6,
          .deviation_ms = 1e5};
}

std::string code_of(const Event& event) {
  const auto decoded = decode_event(encode_event(event));
  return decoded.ok() ? "" : decoded.error().code;
}

TEST(Event, ComesBackAsItWent) {
  const Payload payloads[] = {
      CallStarted{},
      CallUpdated{},
      CallEnded{480000, 2},
      a_tag(),
      TagRevised{.tag = id<EventId>(9), .kind = "fault", .end = 5, .note_revised = true},
      TagRetracted{id<EventId>(9)},
      ListenerDefined{id<ListenerId>(5)},
      ListenerMerged{id<ListenerId>(5), id<ListenerId>(6)},
      ListeningStarted{id<EventId>(7), true},
      Listened{id<EventId>(7), {{1, 2}, {3, 4}}, 1.5, true, {{2, 3}}},
      ListeningEnded{id<EventId>(7)},
      TagKindDefined{{.id = "x",
                      .labels = {{"en", "X"}},
                      .hint = "When",
                      .hints = {{"en", "When"}, {"he", "מתי"}},
                      .shape = TagShape::kRange,
                      .order = 3,
                      .sets = {"desk"}}},
      TagKindMerged{"a", "b"},
      TagKindRetired{"a"},
      FollowUpOpened{id<EventId>(8), "promise", id<EventId>(9)},
      FollowUpClosed{id<EventId>(8), "kept", "2026-11-22"},
      AudioGap{1, 2, 3, "overflow", true},
      Paused{4, 5},
      JournalGap{id<StationId>(1), id<JournalId>(2), 3, 4, "restored"},
      Erased{{id<EventId>(1)}, "asked"},
      an_hour(),
      HourCallSkipped{id<EventId>(8), true},
      HourCallAdded{id<EventId>(8)},
      HourWords{id<EventId>(8)},
      WeekTakenOff{"2026-11-22", "2026-W48", true}};
  static_assert(std::size(payloads) + 1 == std::variant_size_v<Payload>);
  for (const Payload& payload : payloads) {
    const Event event = an_event(payload);
    const auto back = decode_event(encode_event(event));
    ASSERT_TRUE(back.ok()) << type_of(payload) << ": " << back.error().message;
    EXPECT_EQ(back->payload, payload) << type_of(payload);
    EXPECT_EQ(back->type, type_of(payload));
    EXPECT_EQ(back->call, event.call);
    EXPECT_EQ(back->personal, event.personal);
    EXPECT_EQ(back->time, event.time);
    EXPECT_EQ(back->listener, event.listener);
    EXPECT_EQ(encode_event(*back), encode_event(event));
  }
}

TEST(Event, RefusesAnHourThatCannotBe) {
  const auto with = [](auto change) {
    HourPlanned hour = an_hour();
    change(hour);
    return code_of(an_event(hour));
  };
  EXPECT_EQ(with([](HourPlanned&) {}), "");
  EXPECT_EQ(with([](HourPlanned& hour) { hour.week = "2026-13-01"; }), "E_VALUE");
  EXPECT_EQ(with([](HourPlanned& hour) { hour.seed.pop_back(); }), "E_VALUE");
  EXPECT_EQ(with([](HourPlanned& hour) { hour.frame_sha256 = ""; }), "E_VALUE");
  EXPECT_EQ(with([](HourPlanned& hour) { hour.hour_ms = -1; }), "E_VALUE");
  EXPECT_EQ(with([](HourPlanned& hour) { hour.calls[0].probability = 0; }), "E_VALUE");
  EXPECT_EQ(with([](HourPlanned& hour) { hour.calls[0].probability = 1e-200; }), "E_VALUE");
  EXPECT_EQ(with([](HourPlanned& hour) { hour.calls[0].stratum = 1; }), "E_VALUE");
  EXPECT_EQ(with([](HourPlanned& hour) { hour.calls[0].call = {}; }), "E_ID");
  EXPECT_EQ(code_of(an_event(WeekTakenOff{"22 November", "", false})), "E_VALUE");
  EXPECT_EQ(code_of(an_event(FollowUpClosed{id<EventId>(8), "note", "soon"})), "E_VALUE");
}

TEST(Event, RefusesATruncatedVarint) {
  EXPECT_EQ(decode_event("\x08").error().code, "E_DECODE");
  EXPECT_EQ(decode_event(std::string(10, '\xff')).error().code, "E_DECODE");
}

TEST(Event, RefusesDeepNestingWithoutUsingTheStack) {
  for (const size_t depth : {101, 60000}) {
    const std::string groups(depth, '\x5b');  // field 11, start of a group
    EXPECT_EQ(decode_event(groups).error().code, "E_DEPTH") << depth;
  }
}

TEST(Event, RefusesALengthBeyondItsEnd) {
  EXPECT_EQ(decode_event("\x0a\xff\xff\xff\xff\x07").error().code, "E_DECODE");
}

TEST(Event, RefusesMoreThan64KiBBeforeReadingIt) {
  EXPECT_EQ(decode_event(std::string(kMaxEventBytes + 1, 'x')).error().code, "E_SIZE");
}

TEST(Event, KeepsUnknownFieldsOutOfTheWay) {
  const std::string raw = encode_event(an_event(a_tag())) +
                          "\xba\x3e\x03"
                          "new";
  const auto event = decode_event(raw);
  ASSERT_TRUE(event.ok());
  EXPECT_EQ(std::get<Tagged>(event->payload).kind, "long-wait");
}

TEST(Event, CarriesAPayloadOfANewerVersionByItsName) {
  Event event = an_event({});
  event.type = "earful.v1.SomethingNew";
  const auto back = decode_event(encode_event(event));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->type, "earful.v1.SomethingNew");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(back->payload));
}

TEST(Event, SaysWhenItNeedsANewerSchema) {
  const std::string raw = encode_event(an_event(a_tag())) + "\x48\x02";
  EXPECT_EQ(decode_event(raw).error().code, "E_NEWER");
}

TEST(Event, RefusesAZeroId) {
  Event event = an_event(a_tag());
  event.id = {};
  EXPECT_EQ(code_of(event), "E_ID");
}

TEST(Event, RefusesATypeThatIsNotItsPayload) {
  const Event event = an_event(a_tag());
  std::string raw = encode_event(event);
  raw.replace(raw.find("Tagged"), 6, "Bagged");
  EXPECT_EQ(decode_event(raw).error().code, "E_TYPE");
}

TEST(Event, RefusesTimesNobodyLivedThrough) {
  for (const char* time : {"1969-12-31T00:00:00Z", "9999-01-01T00:00:00Z"}) {
    Event event = an_event(a_tag());
    event.time = *parse_rfc3339(time);
    EXPECT_EQ(code_of(event), "E_VALUE") << time;
  }
}

TEST(Event, RefusesPositionsAndRatesOutsideACall) {
  for (Tagged tag : {Tagged{.kind = "x", .pressed = -1}, Tagged{.kind = "x", .start = 2, .end = 1},
                     Tagged{.kind = "x", .playback_rate = 0.0 / 0.0}, Tagged{.kind = ""},
                     Tagged{.kind = "x", .end = INT64_MAX}}) {
    EXPECT_EQ(code_of(an_event(tag)), "E_VALUE");
  }
}

TEST(Event, RefusesANoteThatIsNotUtf8AsAnyProtobufReaderWould) {
  std::string raw = encode_event(an_event(a_tag()));
  raw[raw.find("\xd7\xa9")] = '\xff';
  EXPECT_EQ(decode_event(raw).error().code, "E_DECODE");
}

TEST(Event, RefusesHintsBeyondTheirLimits) {
  TagKind kind{.id = "x", .hints = {{"en", std::string(kMaxTextBytes, 'x')}}};
  EXPECT_EQ(code_of(an_event(TagKindDefined{kind})), "");
  kind.hints["he"] = std::string(kMaxTextBytes + 1, 'x');
  EXPECT_EQ(code_of(an_event(TagKindDefined{kind})), "E_VALUE");
  kind.hints.clear();
  for (size_t i = 0; i <= kMaxLanguages; ++i) kind.hints["l" + std::to_string(i)] = "x";
  EXPECT_EQ(code_of(an_event(TagKindDefined{kind})), "E_VALUE");
}

TEST(Event, PrintsTheHintsOfAKindByLanguage) {
  const TagKind kind{.id = "x", .hint = "When", .hints = {{"en", "When"}, {"he", "מתי"}}};
  EXPECT_THAT(event_json(an_event(TagKindDefined{kind})),
              HasSubstr(R"("hint":"When","hints":{"en":"When","he":"מתי"})"));
}

TEST(Event, PrintsOneLineWhateverANoteHolds) {
  Event event = an_event(a_tag());
  event.personal.note = std::string("a\n\"b\"\0c\u202E", 10);
  const std::string line = event_json(event);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_THAT(line, HasSubstr("\"pressed_position\":48000"));
  EXPECT_THAT(line, HasSubstr("\"time\":\"2026-11-17T14:05:00.250Z\""));
}

TEST(Event, LosesItsPersonalDataAndNothingElseWhenErased) {
  const Event event = an_event(a_tag());
  const auto raw = erase_personal(encode_event(event));
  ASSERT_TRUE(raw.ok());
  EXPECT_EQ(raw->find("שלום"), std::string::npos);
  const auto erased = decode_event(*raw);
  ASSERT_TRUE(erased.ok());
  EXPECT_TRUE(erased->erased);
  EXPECT_EQ(erased->id, event.id);
  EXPECT_EQ(erased->payload, event.payload);
}

}  // namespace
}  // namespace earful
