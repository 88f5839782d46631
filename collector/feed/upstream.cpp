#include "collector/feed/upstream.h"

#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "collector/setup/data_folder.h"
#include "collector/setup/secret_file.h"
#include "proto/invite.h"

namespace earful::collector {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

std::string text_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

uint16_t port_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_unsigned() ? found->get<uint16_t>() : uint16_t(0);
}

Result<Upstream> parse_identity(const std::string& text, const std::string& name) {
  const Json json = Json::parse(text, nullptr, false);
  const Error bad{"E_IDENTITY", "reading " + name +
                                    ": it holds neither an invite line nor an "
                                    "identity; ask for another invitation"};
  if (!json.is_object()) return bad;
  Upstream upstream{text_at(json, "host"),
                    port_at(json, "feed_port"),
                    port_at(json, "desk_port"),
                    text_at(json, "server_public_key"),
                    {text_at(json, "public_key"), text_at(json, "secret_key")},
                    text_at(json, "enrolled_by")};
  if (upstream.host.empty() || upstream.feed_port == 0 || upstream.desk_port == 0 ||
      !curve_key_fault(upstream.server_public_key).empty() ||
      curve_public_of(upstream.keys.secret_key) != upstream.keys.public_key) {
    return bad;
  }
  return upstream;
}

Result<void> save(const Upstream& upstream, const fs::path& file) {
  const Json json{{"host", upstream.host},
                  {"feed_port", upstream.feed_port},
                  {"desk_port", upstream.desk_port},
                  {"server_public_key", upstream.server_public_key},
                  {"public_key", upstream.keys.public_key},
                  {"secret_key", upstream.keys.secret_key},
                  {"enrolled_by", upstream.enrolled_by}};
  return write_secret_file(file, json.dump(2) + "\n", true);
}

Result<void> enrol(const InviteLine& invite, const std::string& invitation,
                   const Upstream& upstream) {
  const Error silent{"E_UNREACHABLE", "enrolling at " + upstream.desk() +
                                          ": no answer; is the collector running, the address "
                                          "right, the invitation not older than a week?"};
  SocketContext context;
  EARFUL_ASSIGN(Socket desk,
                Socket::make(context, {.kind = SocketKind::kDealer,
                                       .server_public_key = invite.server_public_key,
                                       .client_keys = {invitation, invite.enrolment_secret_key}}));
  EARFUL_TRY(desk.connect(upstream.desk()));
  const std::array<const Socket*, 1> sockets{&desk};
  const auto until = std::chrono::steady_clock::now() + kEnrolTime;
  const DeskRequest request{1, Enroll{"", upstream.keys.public_key, std::nullopt}};
  bool sent = false;
  while (std::chrono::steady_clock::now() < until) {
    if (!sent) sent = desk.send({encode(request)});
    poll(sockets, nullptr, std::chrono::milliseconds(sent ? 500 : 20));
    const auto answer = desk.receive();
    if (!answer) continue;
    const auto reply = decode_desk_reply(answer->parts.back());
    if (!reply.ok()) return reply.error();
    if (const auto* refused = std::get_if<Refused>(&reply->reply)) {
      return Error{refused->code, refused->message};
    }
    if (std::holds_alternative<Enrolled>(reply->reply)) return {};
  }
  return silent;
}

}  // namespace

Result<Upstream> load_upstream(const fs::path& file) {
  EARFUL_ASSIGN(const std::string text, read_secret_file(file));
  return parse_identity(text, file.string());
}

Result<Upstream> join_upstream(const std::string& source, const fs::path& kept) {
  std::error_code fault;
  std::string text = source;
  if (!source.starts_with("earful1,")) {
    EARFUL_ASSIGN(text, read_secret_file(source));
    if (text.find("earful1,") == std::string::npos) return parse_identity(text, source);
  }
  EARFUL_ASSIGN(const InviteLine invite, parse_invite(text));
  const auto invitation = curve_public_of(invite.enrolment_secret_key);
  if (!invitation) return Error{"E_INVITE", "enrolling: the invitation's key is not one"};
  Upstream upstream{invite.host,       invite.feed_port,
                    invite.desk_port,  invite.server_public_key,
                    make_curve_keys(), ""};
  if (fs::exists(kept, fault)) {
    EARFUL_ASSIGN(const Upstream before, load_upstream(kept));
    // An invitation ends after a week; what it became does not.
    if (before.enrolled_by == *invitation) return before;
    if (before.server_public_key == upstream.server_public_key) upstream.keys = before.keys;
  }
  // Kept before it is used: an answer that is lost must not cost the invitation.
  EARFUL_TRY(save(upstream, kept));
  EARFUL_TRY(enrol(invite, *invitation, upstream));
  upstream.enrolled_by = *invitation;
  EARFUL_TRY(save(upstream, kept));
  return upstream;
}

fs::path reader_identity_path(const std::string& source) {
  std::string text = source;
  if (!source.starts_with("earful1,")) {
    if (auto content = read_secret_file(source); content.ok()) text = *content;
  }
  const Digest digest = generichash(text.substr(0, text.find_first_of("\r\n")));
  return DataFolder::default_root().parent_path() / "readers" /
         (to_hex(std::span<const uint8_t>(digest)).substr(0, 16) + ".json");
}

}  // namespace earful::collector
