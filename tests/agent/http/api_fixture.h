// The API of a station whose scribe has no disk, over a library of made-up calls.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "agent/finding/indexer.h"
#include "agent/http/api.h"
#include "base/hash.h"
#include "recorder/codec/peaks.h"
#include "recorder/library/library.h"
#include "tests/agent/http/fake_scribe.h"
#include "tests/base/http_client.h"

namespace earful::agent {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using raw_http::Answer;
using raw_http::RawClient;

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    fs::create_directories(dir);
    library = std::make_unique<recorder::Library>(*recorder::Library::open(dir / "library"));
    scribe = std::make_unique<FakeScribe>(*State::open(dir / "state.db", false));
    index();
    start();
  }
  ~ApiTest() override {
    api.reset();
    fs::remove_all(dir);
  }

  void start() {
    ApiOptions options;
    options.port = 0;
    options.token_file = dir / "console.token";
    options.state_file = dir / "state.db";
    options.library_dir = dir / "library";
    options.find_file = dir / "find.db";
    options.station = StationId{make_uuid_v8("0123456789abcdef")};
    options.trouble = [this] { return trouble; };
    if (ask_customer) options.ask_customer = ask_customer;
    auto made = Api::start(options, *scribe);
    ASSERT_TRUE(made.ok()) << made.error().message;
    api = std::move(*made);
  }

  // What the finder's thread does in a station.
  void index() {
    auto indexer = Indexer::open({dir / "find.db", dir / "library", dir / "state.db"});
    ASSERT_TRUE(indexer.ok()) << indexer.error().message;
    auto looked = indexer->look({});
    while (looked.ok() && *looked) looked = indexer->look({});
    ASSERT_TRUE(looked.ok()) << looked.error().message;
  }

  CallId add_call(const std::string& queue, bool sample = false, const std::string& id = "",
                  const std::string& key = "k1:abc") {
    recorder::Call call;
    call.id = CallId{make_uuid_v8(view(generichash(queue + std::to_string(calls++))))};
    call.snapshot.queue = queue;
    call.snapshot.external_id = "ext-" + queue;
    call.snapshot.started_at = *parse_rfc3339("2026-11-17T10:00:00Z");
    call.snapshot.sample = sample;
    call.agent_name = "Dana";
    call.customer_id = id;
    call.customer_key = key;
    call.duration = position_of_ms(60000);
    call.added_at = *call.snapshot.started_at;
    EXPECT_TRUE(library->add(call).ok());
    const fs::path audio = library->audio_path(call.id);
    fs::create_directories(audio.parent_path());
    std::ofstream(audio) << "OggS-0123456789";
    recorder::Peaks peaks;
    peaks.legs = 2;
    peaks.values = {-128, 127, 0, 0, -64, 64, -1, 1};
    std::ofstream(library->peaks_path(call.id)) << recorder::encode_peaks(peaks);
    return call.id;
  }

  std::string bearer() const { return "Authorization: Bearer " + api->token() + "\r\n"; }
  Answer ask(std::string_view method, const std::string& target, const std::string& headers,
             std::string_view body = "") {
    return raw_http::request(api->port(), method, target, headers, body);
  }
  Answer get(const std::string& target) { return ask("GET", target, bearer()); }
  Answer post(const std::string& target, const std::string& body) {
    return ask("POST", target, bearer(), body);
  }
  Answer tag(const CallId& call, const std::string& rest,
             const std::string& kind = "wrong-charge") {
    return post("/api/v1/tags",
                R"({"call_id":")" + call.text() + R"(","kind":")" + kind + "\"," + rest + "}");
  }
  static std::string code(const Answer& answer) {
    return Json::parse(answer.body)["error"]["code"];
  }
  // "earful-PORT=..." of a fresh session.
  std::string cookie_of(const Answer& answer) {
    const std::string set = answer.value("Set-Cookie");
    return "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
  }
  std::string new_session() {
    return cookie_of(ask("POST", "/api/v1/session", "", R"({"token":")" + api->token() + "\"}"));
  }

  int calls = 0;
  std::function<void(CustomerQuestion)> ask_customer;
  std::string trouble;
  fs::path dir = fs::temp_directory_path() / ("earful_api_" + std::to_string(::getpid()));
  std::unique_ptr<recorder::Library> library;
  std::unique_ptr<FakeScribe> scribe;
  std::unique_ptr<Api> api;
};

}  // namespace earful::agent
