#include <gmock/gmock.h>

#include <thread>

#include "tests/agent/http/api_fixture.h"

namespace earful::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kTag = "0192f0c0-0000-7000-8000-00000000000";  // and one more digit

TEST_F(ApiTest, GivesEveryWrongTokenTheSameAnswer) {
  std::string bent = api->token();
  bent.back() = bent.back() == '0' ? '1' : '0';
  const std::string expected = ask("GET", "/api/v1/calls", "").body;
  EXPECT_THAT(expected, HasSubstr("E_SESSION"));
  for (const std::string& token :
       {bent, bent.substr(1), bent + "0", std::string(), std::string("x")}) {
    const Answer answer = ask("GET", "/api/v1/calls", "Authorization: Bearer " + token + "\r\n");
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, expected);
    EXPECT_EQ(ask("POST", "/api/v1/session", "", R"({"token":")" + token + "\"}").body, expected);
  }
  EXPECT_EQ(ask("GET", "/api/v1/calls?token=" + api->token(), "").body, expected);
}

TEST_F(ApiTest, OpensASessionThatKnowsItsListener) {
  const std::string cookie = new_session();
  EXPECT_EQ(ask("GET", "/api/v1/session", cookie).body, R"({"listener":null})");
  const std::string me = "X-Earful: 1\r\n" + cookie;
  const Answer made = ask("POST", "/api/v1/listeners", me, R"({"name":" Noa "})");
  EXPECT_EQ(made.status, 201);
  const std::string id = Json::parse(made.body)["id"];
  const Answer chosen = ask("PUT", "/api/v1/session", me, R"({"listener":")" + id + "\"}");
  EXPECT_EQ(chosen.status, 200);
  EXPECT_EQ(Json::parse(ask("GET", "/api/v1/session", cookie_of(chosen)).body)["listener"]["name"],
            "Noa");
  EXPECT_EQ(ask("PUT", "/api/v1/session", me, R"({"listener":"x"})").status, 404);
  EXPECT_EQ(ask("PUT", "/api/v1/session", me, R"({"listener":null})").status, 200);
}

TEST_F(ApiTest, NeedsTheHeaderForChangesByCookie) {
  EXPECT_EQ(ask("POST", "/api/v1/listeners", new_session(), R"({"name":"Noa"})").status, 403);
}

TEST_F(ApiTest, AsksWhoIsListeningBeforeATagByCookie) {
  const CallId call = add_call("billing");
  const Answer answer =
      ask("POST", "/api/v1/tags", new_session() + "X-Earful: 1\r\n",
          R"({"call_id":")" + call.text() + R"(","kind":"wrong-charge","position_ms":1})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(code(answer), "E_WHO");
}

TEST_F(ApiTest, ListsCallsInTheAgreedShape) {
  const CallId call = add_call("billing");
  tag(call, R"("position_ms":1000)");
  const Json page = Json::parse(get("/api/v1/calls").body);
  EXPECT_EQ(page["next"], "");
  EXPECT_EQ(page["calls"][0],
            Json::parse(R"({"call_id":")" + call.text() +
                        R"(","external_id":"ext-billing","started_at":"2026-11-17T10:00:00.000Z",
      "duration_ms":60000.0,"queue":"billing","team":"","agent_ref":"","agent_name":"Dana",
      "language":"","customer_key":"k1:abc","legs":2,"live":false,"sample":false,"tags":1,"heard":0.0})"));
}

TEST_F(ApiTest, FiltersAndPagesCalls) {
  for (int i = 0; i < 3; ++i) add_call("billing");
  add_call("sales");
  index();
  const auto count = [&](const std::string& query) {
    return Json::parse(get("/api/v1/calls?" + query).body)["calls"].size();
  };
  EXPECT_EQ(count("queue=billing"), 3u);
  EXPECT_EQ(Json::parse(get("/api/v1/filters").body),
            Json::parse(R"({"queues":["billing","sales"],"languages":[]})"));
  EXPECT_EQ(count("external_id=ext-sales"), 1u);
  EXPECT_EQ(count("q=SALES"), 1u);
  EXPECT_EQ(count("since=2026-11-18T00:00:00Z"), 0u);
  const Json first = Json::parse(get("/api/v1/calls?limit=3").body);
  EXPECT_EQ(first["calls"].size(), 3u);
  EXPECT_EQ(count("limit=3&after=" + first["next"].get<std::string>()), 1u);
  for (const char* bad : {"limit=0", "limit=501", "limit=x", "since=today", "sample=maybe",
                          "order=up", "heard=yes", "after=nonsense", "limit=1&limit=2"}) {
    EXPECT_EQ(get(std::string("/api/v1/calls?") + bad).status, 400) << bad;
  }
}

TEST_F(ApiTest, ShowsWhereASearchStandsInACall) {
  const CallId call = add_call("billing");
  add_call("sales");
  tag(call, R"("position_ms":1000,"note":"fee twice")");
  index();
  const Json page = Json::parse(get("/api/v1/calls?q=bill%20FEE").body);
  EXPECT_EQ(page["calls"].size(), 0u) << "only the last word may be begun";
  const Json found = Json::parse(get("/api/v1/calls?q=FEE%20bill&kind=wrong-charge").body)["calls"];
  ASSERT_EQ(found.size(), 1u);
  const Json matches = found[0]["matches"];
  EXPECT_EQ(matches[0], Json::parse(R"({"field":"queue","text":"billing","marks":[[0,4]]})"));
  EXPECT_EQ(matches[1]["field"], "external_id");
  EXPECT_EQ(matches[2]["text"], "fee twice");
  EXPECT_EQ(matches[2]["marks"], Json::parse("[[0,3]]"));
  EXPECT_TRUE(matches[2].contains("event_id"));
  EXPECT_FALSE(Json::parse(get("/api/v1/calls").body)["calls"][0].contains("matches"));
}

TEST_F(ApiTest, TakesAnySearchAsText) {
  add_call("billing");
  index();
  const auto count = [&](const std::string& query) {
    const Answer answer = get("/api/v1/calls?" + query);
    EXPECT_EQ(answer.status, 200) << query;
    return Json::parse(answer.body)["calls"].size();
  };
  EXPECT_EQ(count("q="), 1u);
  EXPECT_EQ(count("q=%20"), 1u);
  EXPECT_EQ(count("q=%22%2A%28"), 0u);
  EXPECT_EQ(count("q=%22billing"), 1u);
  EXPECT_EQ(count("q=billing%20OR%20sales"), 0u);
  EXPECT_EQ(count("kind=no-such-kind"), 0u);
  const Answer refused = get("/api/v1/calls?q=" + std::string(10'000, 'a'));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(code(refused), "E_QUERY");
  for (const char* bytes : {"%00", "%FF%FE"}) {
    EXPECT_EQ(get(std::string("/api/v1/calls?q=") + bytes).status, 400);
  }
}

TEST_F(ApiTest, HidesSamplesOnceThereAreRealCalls) {
  add_call("practice", true);
  EXPECT_EQ(Json::parse(get("/api/v1/calls").body)["calls"].size(), 1u);
  add_call("billing");
  EXPECT_EQ(Json::parse(get("/api/v1/calls").body)["calls"][0]["queue"], "billing");
  EXPECT_EQ(Json::parse(get("/api/v1/calls?sample=true").body)["calls"][0]["queue"], "practice");
}

TEST_F(ApiTest, ServesAudioInPiecesAndPeaks) {
  const std::string call = "/api/v1/calls/" + add_call("billing").text();
  EXPECT_EQ(get(call + "/audio").value("Content-Type"), "audio/ogg");
  EXPECT_EQ(ask("GET", call + "/audio", bearer() + "Range: bytes=0-3\r\n").body, "OggS");
  const std::string peaks = get(call + "/peaks").body;
  EXPECT_THAT(
      peaks,
      HasSubstr(
          R"({"legs":2,"step_ms":20,"peaks":[[-1.00,0.99,-0.50,0.50],[0.00,0.00,-0.01,0.01]]})"));
  fs::remove_all(dir / "library" / "calls");
  EXPECT_EQ(code(get(call + "/audio")), "E_FILE");
  EXPECT_EQ(code(get(call + "/peaks")), "E_FILE");
  EXPECT_EQ(get("/api/v1/calls/nothing").status, 404);
  EXPECT_EQ(get("/api/v1/calls/" + CallId{make_uuid_v4()}.text() + "/audio").status, 404);
}

TEST_F(ApiTest, SavesATagOnceHoweverOftenItIsPosted) {
  const CallId call = add_call("billing");
  const std::string body = R"("event_id":")" + kTag + R"(1","position_ms":20000,"note":"x")";
  const Answer first = tag(call, body), again = tag(call, body);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(Json::parse(first.body)["event_id"], kTag + "1");
  const Answer other = tag(call, R"("event_id":")" + kTag + R"(1","position_ms":20001)");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(code(other), "E_CONFLICT");
}

TEST_F(ApiTest, CarriesTheCallAndTheListenerInTheEvent) {
  const CallId call = add_call("billing");
  tag(call, R"("event_id":")" + kTag + R"(2","position_ms":20000,"note":"hm")");
  const auto events = scribe->events();
  ASSERT_EQ(events.size(), 2u);  // the listener "api" first
  const Event& event = events[1];
  EXPECT_EQ(events[0].listener, event.listener);
  EXPECT_EQ(events[0].personal.listener_name, "api");
  EXPECT_EQ(event.subject, call);
  EXPECT_EQ(event.call->queue, "billing");
  EXPECT_EQ(event.personal, (Personal{"hm", "Dana", "api", "k1:abc"}));
  EXPECT_EQ(format_rfc3339(event.time), "2024-11-03T06:39:27.744Z") << "from the id";
}

TEST_F(ApiTest, ReadsNoTimeFromAnIdThatHoldsNone) {
  const CallId call = add_call("billing");
  tag(call, R"("event_id":"0192f0c0-0000-4000-8000-000000000002","position_ms":1)");
  EXPECT_NE(format_rfc3339(scribe->events().back().time), "2024-11-03T06:39:27.744Z");
}

TEST_F(ApiTest, ShowsTheTagsOfACall) {
  const CallId call = add_call("billing");
  tag(call, R"("position_ms":20000,"note":"hm")");
  const Json shown = Json::parse(get("/api/v1/calls/" + call.text()).body);
  ASSERT_EQ(shown["tags"].size(), 1u);
  EXPECT_EQ(shown["tags"][0]["position_ms"], 20000.0);
  EXPECT_EQ(shown["tags"][0]["start_ms"], 10000.0);
  EXPECT_EQ(shown["tags"][0]["state"], "saved");
  EXPECT_EQ(shown["tags"][0]["listener"]["name"], "api");
  EXPECT_EQ(shown["warnings"], "");
}

TEST_F(ApiTest, RevisesAndRetractsATag) {
  const CallId call = add_call("billing");
  const std::string id = Json::parse(tag(call, R"("position_ms":1)").body)["event_id"];
  EXPECT_EQ(post("/api/v1/tags/" + id + "/revise", R"({"note":"better"})").status, 200);
  EXPECT_THAT(get("/api/v1/calls/" + call.text()).body, HasSubstr("better"));
  EXPECT_EQ(post("/api/v1/tags/" + id + "/retract", "").status, 200);
  EXPECT_EQ(Json::parse(get("/api/v1/calls/" + call.text()).body)["tags"].size(), 0u);
  EXPECT_EQ(post("/api/v1/tags/" + kTag + "9/retract", "{}").status, 404);
  EXPECT_EQ(post("/api/v1/tags/" + id + "/revise", R"({"kind":"nonsense"})").status, 422);
}

TEST_F(ApiTest, TellsWhatWasDoneToATag) {
  const CallId call = add_call("billing");
  const std::string id = Json::parse(tag(call, R"("position_ms":20000)").body)["event_id"];
  post("/api/v1/tags/" + id + "/revise", R"({"kind":"idea","end_ms":30000})");
  post("/api/v1/tags/" + id + "/retract", "");
  const Json history = Json::parse(get("/api/v1/tags/" + id + "/history").body)["history"];
  ASSERT_EQ(history.size(), 3u);
  EXPECT_EQ(history[0]["what"], "tagged");
  EXPECT_EQ(history[0]["start_ms"], 10000.0);
  EXPECT_EQ(history[0]["listener"]["name"], "api");
  EXPECT_EQ(history[1]["kind"], "idea");
  EXPECT_EQ(history[1]["end_ms"], 30000.0);
  EXPECT_FALSE(history[1].contains("start_ms") || history[1].contains("note"));
  EXPECT_EQ(history[2]["what"], "retracted");
  EXPECT_EQ(get("/api/v1/tags/" + kTag + "9/history").status, 404);
  EXPECT_EQ(get("/api/v1/tags/x/history").status, 404);
}

TEST_F(ApiTest, GivesTheNewestTagsOfAllCalls) {
  const CallId billing = add_call("billing"), sales = add_call("sales");
  const auto kinds = [&](const std::string& query) {
    const Json told = Json::parse(get("/api/v1/tags" + query).body);
    std::string found;
    for (const Json& tag : told["tags"]) {
      found += (found.empty() ? "" : " ") + std::string(tag["kind"]);
    }
    return found;
  };
  const auto tag_at = [&](const CallId& call, const std::string& time, const std::string& kind) {
    tag(call, "\"position_ms\":1,\"event_id\":\"" + time + "-7000-8000-000000000001\"", kind);
  };
  tag_at(billing, "0192f0c0-0001", "idea");
  tag_at(sales, "0192f0c0-0003", "fault");
  tag_at(billing, "0192f0c0-0002", "serious");
  tag_at(billing, "0292f0c0-0002", "no-authority");  // a clock that is years ahead
  EXPECT_EQ(kinds(""), "fault serious idea");
  EXPECT_EQ(kinds("?limit=1"), "fault");
  EXPECT_EQ(kinds("?queue=billing"), "serious idea");
  EXPECT_EQ(kinds("?severity=1"), "serious");
  EXPECT_EQ(kinds("?team=none"), "");
  for (const char* wrong : {"?limit=0", "?limit=101", "?severity=4", "?severity=", "?kind=idea"}) {
    EXPECT_EQ(code(get(std::string("/api/v1/tags") + wrong)), "E_QUERY") << wrong;
  }
}

TEST_F(ApiTest, RefusesTagsThatCannotBe) {
  const CallId call = add_call("billing");
  EXPECT_EQ(tag(CallId{make_uuid_v4()}, R"("position_ms":1)").status, 404);
  EXPECT_EQ(tag(call, R"("position_ms":1)", "nonsense").status, 422);
  EXPECT_EQ(tag(call, R"("position_ms":60001)").status, 422);
  EXPECT_EQ(tag(call, R"("position_ms":-1)").status, 422);
  EXPECT_EQ(tag(call, R"("position_ms":1,"event_id":"1")").status, 422);
  EXPECT_EQ(tag(call, R"("position_ms":1,"note":")" + std::string(4097, 'x') + "\"").status, 413);
  EXPECT_EQ(tag(call, "\"position_ms\":1,\"note\":\"\xff\"").status, 400);
  EXPECT_EQ(post("/api/v1/tags", "{").status, 400);
  EXPECT_TRUE(scribe->events().empty());
}

TEST_F(ApiTest, SaysThatATagIsNotSaved) {
  const CallId call = add_call("billing");
  scribe->disk_full = true;
  const Answer answer = tag(call, R"("position_ms":1)");
  EXPECT_EQ(answer.status, 507);
  EXPECT_THAT(answer.body, HasSubstr("NOT SAVED"));
  scribe->disk_full = false;
  EXPECT_EQ(tag(call, R"("position_ms":1)").status, 201) << "the listener is defined again";
}

TEST_F(ApiTest, AnswersATagOnlyWhenItIsDurable) {
  const CallId call = add_call("billing");
  scribe->hold = true;
  RawClient client(api->port());
  const std::string body =
      R"({"call_id":")" + call.text() + R"(","kind":"wrong-charge","position_ms":1})";
  client.send("POST /api/v1/tags HTTP/1.1\r\n" + raw_http::host(api->port()) + bearer() +
              "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  while (scribe->held() < 2) EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(client.read_until("HTTP", std::chrono::milliseconds(50)), "");
  scribe->release();
  EXPECT_THAT(client.read_until("seq"), HasSubstr(" 201 "));
}

TEST_F(ApiTest, SurvivesAnAnswerAfterItsEnd) {
  const CallId call = add_call("billing");
  scribe->hold = true;
  std::thread asking([&] { EXPECT_EQ(tag(call, R"("position_ms":1)").status, 503); });
  while (scribe->held() < 2) std::this_thread::yield();
  api.reset();
  asking.join();
  scribe->release();
}

TEST_F(ApiTest, KnowsItsListeners) {
  const std::string id = "0192f0c0-0000-4000-8000-000000000001";
  EXPECT_EQ(post("/api/v1/listeners", R"({"name":"Noa","id":")" + id + "\"}").status, 201);
  EXPECT_EQ(post("/api/v1/listeners", R"({"name":"Noa","id":")" + id + "\"}").status, 200);
  EXPECT_EQ(post("/api/v1/listeners", R"({"name":"Eve","id":")" + id + "\"}").status, 409);
  for (const char* bad : {R"({"name":""})", R"({"name":" "})", R"({"name":"a\nb"})", R"({})",
                          R"({"name":"x","id":"y"})"}) {
    EXPECT_EQ(post("/api/v1/listeners", bad).status, 422) << bad;
  }
  EXPECT_EQ(get("/api/v1/listeners").body,
            R"({"listeners":[{"id":")" + id + R"(","name":"Noa"}]})");
}

TEST_F(ApiTest, ShowsTheTagBook) {
  const Json book = Json::parse(get("/api/v1/tagbook").body);
  EXPECT_EQ(book["kinds"].size(), 18u);
  EXPECT_EQ(book["families"].size(), 8u);
  EXPECT_EQ(book["kinds"][0]["id"], "wrong-charge");
  EXPECT_EQ(book["kinds"][0]["labels"]["en"], "Charged wrongly");
  EXPECT_EQ(book["kinds"][0]["hints"]["en"], book["kinds"][0]["hint"]);
  EXPECT_EQ(book["kinds"][0]["sets"], Json::parse(R"(["hour","desk"])"));
}

TEST_F(ApiTest, SendsNoticesToEveryPage) {
  api->notify({"link", R"({"state":"down","undelivered":3})"});
  RawClient page(api->port());
  page.send("GET /api/v1/events HTTP/1.1\r\n" + raw_http::host(api->port()) + bearer() + "\r\n");
  EXPECT_THAT(page.read_until("undelivered"), HasSubstr("event: link"));
  EXPECT_THAT(page.read_until("\"seq\":0"), HasSubstr("event: delivered"));
  api->notify({"tag", R"({"event_id":"x"})"});
  EXPECT_THAT(page.read_until("event: tag"), HasSubstr("event: tag"));
}

TEST_F(ApiTest, SaysHowItIsWithoutASession) {
  EXPECT_EQ(ask("GET", "/healthz", "").status, 200);
  EXPECT_EQ(ask("GET", "/readyz", "").status, 200);
  const CallId call = add_call("billing");
  tag(call, R"("position_ms":1)");
  const std::string metrics = ask("GET", "/metrics", "").body;
  EXPECT_THAT(metrics, HasSubstr("earful_tags_saved_total 1\n"));
  EXPECT_THAT(metrics, HasSubstr("earful_http_responses_total{status=\"201\"} 1\n"));
  EXPECT_THAT(metrics, Not(HasSubstr("Dana")));
}

TEST_F(ApiTest, IsNotReadyWhileTheJournalTakesNothing) {
  trouble = "NOT SAVED: the disk is full";
  EXPECT_EQ(ask("GET", "/readyz", "").status, 503);
  EXPECT_THAT(ask("GET", "/readyz", "").body, HasSubstr("disk is full"));
}

TEST_F(ApiTest, KeepsTokenAndSessionsAcrossARestart) {
  const std::string cookie = new_session();
  const std::string token = api->token();
  const uint16_t port = api->port();
  api.reset();
  ApiOptions options;
  options.port = port;
  options.token_file = dir / "console.token";
  options.state_file = dir / "state.db";
  options.library_dir = dir / "library";
  options.find_file = dir / "find.db";
  auto made = Api::start(options, *scribe);
  ASSERT_TRUE(made.ok()) << made.error().message;
  api = std::move(*made);
  EXPECT_EQ(api->token(), token);
  EXPECT_EQ(ask("GET", "/api/v1/session", cookie).status, 200);
}

}  // namespace
}  // namespace earful::agent
