#include "agent/uplink/identity.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/hash.h"
#include "proto/feed.h"
#include "proto/invite.h"

namespace earful::agent {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kJoinWithin{10};

Result<void> check_private(const std::filesystem::path& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return {};
  const std::string what = "reading the station's keys in " + path.string() + ": ";
  if (S_ISLNK(info.st_mode)) {
    return Error{"E_LINK", what + "it is a symbolic link; put the file itself there"};
  }
  if (info.st_uid != geteuid()) {
    return Error{"E_OWNER", what + "it belongs to another user; run: chown " +
                                std::to_string(geteuid()) + " " + path.string()};
  }
  if (info.st_mode & 077) {
    return Error{"E_MODE", what + "other users can read it; run: chmod 600 " + path.string()};
  }
  return {};
}

Json json_of(const Identity& identity) {
  Json out{{"station_id", identity.station_id.text()},
           {"public_key", identity.keys.public_key},
           {"secret_key", identity.keys.secret_key},
           {"site_keys", Json::array()}};
  for (const SiteKey& key : identity.site_keys) {
    out["site_keys"].push_back({{"version", key.version}, {"key", to_hex(key.key)}});
  }
  if (identity.collector) {
    const CollectorAddress& to = *identity.collector;
    out["collector"] = {{"host", to.host},
                        {"intake_port", to.intake_port},
                        {"feed_port", to.feed_port},
                        {"desk_port", to.desk_port},
                        {"server_public_key", to.server_public_key}};
  }
  return out;
}

Result<Identity> identity_of(const std::string& text, const std::filesystem::path& path) {
  const Error fault{"E_IDENTITY", "reading the station's keys in " + path.string() +
                                      ": the file is damaged; restore it from a backup, or remove "
                                      "it and join the collector again"};
  try {
    const Json in = Json::parse(text);
    Identity identity;
    const auto station = StationId::parse(in.at("station_id").get<std::string>());
    if (!station) return fault;
    identity.station_id = *station;
    identity.keys = {in.at("public_key").get<std::string>(),
                     in.at("secret_key").get<std::string>()};
    if (curve_public_of(identity.keys.secret_key) != identity.keys.public_key) return fault;
    for (const Json& from : in.at("site_keys")) {
      const auto key = from_hex(from.at("key").get<std::string>());
      if (!key) return fault;
      identity.site_keys.push_back({from.at("version").get<uint32_t>(), *key});
    }
    if (in.contains("collector")) {
      const Json& from = in.at("collector");
      identity.collector = CollectorAddress{
          from.at("host").get<std::string>(), from.at("intake_port").get<uint16_t>(),
          from.at("feed_port").get<uint16_t>(), from.at("desk_port").get<uint16_t>(),
          from.at("server_public_key").get<std::string>()};
      const std::string bad = curve_key_fault(identity.collector->server_public_key);
      if (!bad.empty()) {
        return Error{"E_KEY", "reading the collector's key in " + path.string() + ": " + bad +
                                  "; join the collector again"};
      }
    }
    return identity;
  } catch (const Json::exception&) {
    return fault;
  }
}

}  // namespace

std::filesystem::path identity_path(const std::filesystem::path& data_dir) {
  return data_dir / "identity.json";
}

Result<Identity> load_identity(const std::filesystem::path& data_dir) {
  const auto path = identity_path(data_dir);
  std::error_code ignored;
  if (std::filesystem::symlink_status(path, ignored).type() ==
      std::filesystem::file_type::not_found) {
    Identity identity{.station_id = StationId{make_uuid_v4()}, .keys = make_curve_keys()};
    EARFUL_TRY(save_identity(data_dir, identity));
    return identity;
  }
  EARFUL_TRY(check_private(path));
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return identity_of(text.str(), path);
}

Result<void> save_identity(const std::filesystem::path& data_dir, const Identity& identity) {
  const auto path = identity_path(data_dir);
  const auto fresh = data_dir / "identity.json.new";
  const auto failed = [&](const char* doing) {
    return Error{"E_DB_IO",
                 std::string(doing) + " " + fresh.string() + ": " + std::strerror(errno)};
  };
  const std::string text = json_of(identity).dump(2) + "\n";
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return failed("writing");
  const bool written = ::write(fd, text.data(), text.size()) == ssize_t(text.size());
  const bool synced = written && fsync(fd) == 0;
  ::close(fd);
  if (!synced) return failed("writing");
  if (::rename(fresh.c_str(), path.c_str()) != 0) return failed("renaming");
  return {};
}

Result<Identity> join_collector(const std::filesystem::path& data_dir, std::string_view invite,
                                const std::string& name) {
  EARFUL_ASSIGN(const InviteLine line, parse_invite(invite));
  if (line.intake_port == 0) {
    return Error{"E_INVITE", "joining the collector at " + line.host +
                                 ": it mirrors another one and takes no events; ask for an invite "
                                 "line of that one"};
  }
  EARFUL_ASSIGN(Identity identity, load_identity(data_dir));
  const auto enrolment_public = curve_public_of(line.enrolment_secret_key);
  if (!enrolment_public)
    return Error{"E_INVITE", "reading an invite line: its last key is not one"};

  const SocketContext context;
  EARFUL_ASSIGN(
      Socket desk,
      Socket::make(context, {.kind = SocketKind::kDealer,
                             .server_public_key = line.server_public_key,
                             .client_keys = {*enrolment_public, line.enrolment_secret_key}}));
  EARFUL_TRY(desk.connect(line.endpoint(line.desk_port)));
  DeskRequest request;
  request.request_id = random_u64();
  request.request = Enroll{name, identity.keys.public_key, identity.station_id};
  const std::string bytes = encode(request);
  const SteadyTime deadline = std::chrono::steady_clock::now() + kJoinWithin;
  bool sent = false;
  while (std::chrono::steady_clock::now() < deadline) {
    if (!sent) sent = desk.send({bytes});
    const Socket* sockets[] = {&desk};
    poll(sockets, nullptr, std::chrono::milliseconds(sent ? 500 : 50));
    const auto message = desk.receive();
    if (!message || message->parts.empty()) continue;
    const auto reply = decode_desk_reply(message->parts.back());
    if (!reply.ok() || reply->request_id != request.request_id) continue;
    if (const auto* refused = std::get_if<Refused>(&reply->reply)) {
      return Error{"E_REFUSED", "joining the collector at " + line.host + ": " + refused->message};
    }
    if (!std::holds_alternative<Enrolled>(reply->reply)) continue;
    identity.collector = CollectorAddress{line.host, line.intake_port, line.feed_port,
                                          line.desk_port, line.server_public_key};
    EARFUL_TRY(save_identity(data_dir, identity));
    return identity;
  }
  return Error{"E_AWAY",
               "joining the collector at " + line.endpoint(line.desk_port) +
                   ": no answer in 10 s; the collector is not running there, a firewall is "
                   "in between, or the invite was used, revoked or is over a week old"};
}

}  // namespace earful::agent
